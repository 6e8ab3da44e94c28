/*
 * Vector clocks: how far each context had come when something happened (Lamport 1978, Mattern
 * 1989). A component that is missing counts as 0.
 */
export type Clock = number[];

/** Everything that `from` knows, `into` knows too. */
export function join(into: Clock, from: Clock): void {
  const { length } = from;
  while (into.length < length) into.push(0);
  for (let i = 0; i < length; i++) if (from[i]! > into[i]!) into[i] = from[i]!;
}

/** What a context has done so far, told to whoever acquires it; readers tell writers only. */
export class Sync {
  readonly clock: Clock = [];
  /** Of those who held it for reading. */
  readers: Clock | null = null;
  /** Rises with each release, so that one who knows it all need not look again. */
  version = 0;
}

/** A lock that a context holds, or waits for; a list, the last one taken first. */
export interface Held {
  readonly object: number;
  read: boolean;
  /** Its last holder's clock is joined before the next thing that the context does. */
  pending: boolean;
  /** It had to wait, and was not told yet that this is over. */
  waiting: boolean;
  next: Held | null;
}

/** A context as the detectors see it: a task, or the interrupts or softirqs of one CPU. */
export class Party {
  readonly index: number;
  readonly clock: Clock = [];
  held: Held | null = null;
  /** Of the locks held: those whose last holder's clock was not joined yet. */
  pending = 0;
  /** Bits of the exclusions that it has on a CPU, and the version of each that it knows. */
  excludes = 0;
  readonly seen: number[] = [];

  constructor(index: number) {
    this.index = index;
    while (this.clock.length < index) this.clock.push(0);
    this.clock[index] = 1;
  }

  /** What it does from now on is not known to those who acquire what it has released. */
  tick(): void {
    this.clock[this.index]!++;
  }

  knows(index: number, time: number): boolean {
    return index < this.clock.length && time <= this.clock[index]!;
  }
}
