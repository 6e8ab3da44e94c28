/*
 * Contexts that occupy their CPUs (cpu_relax()) until something has happened on another one, or on
 * their own in an interrupt.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { SPIN, type Code, type Context } from '../context.ts';

interface Spinner {
  readonly k: Context;
  /** What it spins on. */
  readonly object: object | null;
  /** Is it over? Once it is, it stays so. */
  readonly look: () => boolean;
}

export class Spinners {
  private waiting: Spinner[] = [];

  /**
   * Spins until `condition` holds, which may also take what it finds free. It is looked at after
   * each `release`, unless an interrupt runs on top, and after each interrupt.
   */
  *spinUntil(k: Context, condition: () => boolean, object: object | null = null): Code {
    let over = condition();
    if (over) return;
    const look = (): boolean => (over ||= condition());
    const spinner = { k, object, look };
    this.waiting.push(spinner);
    k.retry = look;
    do yield SPIN;
    while (!look());
    k.retry = null;
    this.waiting = this.waiting.filter((other) => other !== spinner);
  }

  feed(into: Fingerprint): void {
    into.add(this.waiting.length);
    for (const { k } of this.waiting) into.add(k.identity);
  }

  /**
   * What they spin for may have happened: on `object`, or on any. They look in the order in which
   * they came, but `first` may choose another one to be the first.
   */
  release(object: object | null = null, first?: (count: number) => number): void {
    if (this.waiting.length === 0) return;
    const looking = this.waiting.filter(
      ({ k, object: its }) => k.spinning && k.cpu.top === k && (object === null || object === its),
    );
    if (first !== undefined && looking.length > 1) {
      looking.unshift(...looking.splice(first(looking.length), 1));
    }
    for (const { k, look } of looking) {
      if (look() && k.spinning) k.cpu.unspin(k);
    }
  }
}
