/*
 * Contexts that occupy their CPUs (cpu_relax()) until something has happened on another one, or on
 * their own in an interrupt.
 */
import { SPIN, type Code, type Context } from '../context.ts';

interface Spinner {
  readonly k: Context;
  readonly condition: () => boolean;
}

export class Spinners {
  private waiting: Spinner[] = [];

  /**
   * Spins until `condition` holds; it is looked at again after each `release`, and after each
   * interrupt of this CPU.
   */
  *spinUntil(k: Context, condition: () => boolean): Code {
    if (condition()) return;
    const spinner = { k, condition };
    this.waiting.push(spinner);
    k.retry = condition;
    do yield SPIN;
    while (!condition());
    k.retry = null;
    this.waiting = this.waiting.filter((other) => other !== spinner);
  }

  /**
   * What they spin for may have happened. Those for whom it has go on in the order in which they
   * came; `first` may choose another one to be the first of them.
   */
  release(first?: (count: number) => number): void {
    if (this.waiting.length === 0) return;
    const free = this.waiting.filter(({ k, condition }) => k.spinning && condition());
    if (first !== undefined && free.length > 1) free.unshift(...free.splice(first(free.length), 1));
    for (const { k } of free) k.cpu.unspin(k);
  }
}
