/*
 * Contexts that occupy their CPUs (cpu_relax()) until something has happened on another one.
 */
import { SPIN, type Code, type Context } from '../context.ts';

export class Spinners {
  private waiting: Context[] = [];

  /** Spins until `condition` holds; it is looked at again after each `release`. */
  *spinUntil(k: Context, condition: () => boolean): Code {
    while (!condition()) {
      this.waiting.push(k);
      yield SPIN;
    }
  }

  /** What they spin for may have happened. */
  release(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const k of waiting) k.cpu.unspin(k);
  }
}
