/**
 * Which events a listener of a trace wants to hear of, made once for all traces: most events
 * concern few of those who look on, and a call for each of them would be what a short run costs.
 */

/** Numbers below zero are told, but are no events of the trace. */
const LEAST = -64;
const SIZE = 256;

export class Interest {
  private readonly flags = new Uint8Array(SIZE);

  /** @throws RangeError if a number is beyond what is kept */
  constructor(events: readonly number[]) {
    for (const event of events) {
      const at = event - LEAST;
      if (!(at >= 0 && at < SIZE)) throw new RangeError(`no listener can ask for event ${event}`);
      this.flags[at] = 1;
    }
  }

  includes(event: number): boolean {
    return this.flags[event - LEAST] === 1;
  }
}
