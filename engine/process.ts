/*
 * A process is an iterator: it yields what it wants from virtual time and is resumed with a value.
 * Generator functions are the usual processes; an interpreter that offers `next` is one as well.
 */
import type { Activity } from './calendar.ts';
import type { Simulation } from './simulation.ts';

/** Yielded by a process that waits until somebody calls `wake`. */
export const PARK = -1;

export type ProcessCode = Iterator<number, unknown, number>;

export class Process implements Activity {
  private readonly sim: Simulation;
  private readonly code: ProcessCode;
  private value = 0;
  private parked = false;
  finished = false;

  private constructor(sim: Simulation, code: ProcessCode) {
    this.sim = sim;
    this.code = code;
  }

  /** Starts `code` at the present instant. It yields delays in ns, or `PARK`. */
  static spawn(sim: Simulation, code: ProcessCode): Process {
    const process = new Process(sim, code);
    sim.ready(process);
    return process;
  }

  /** Resumes a parked process at the present instant; `value` is what its `yield` returns. */
  wake(value = 0): void {
    if (!this.parked) throw new Error('only a parked process can be woken');
    this.parked = false;
    this.value = value;
    this.sim.ready(this);
  }

  fire(): void {
    const { sim, code } = this;
    for (;;) {
      const result = code.next(this.value);
      if (result.done === true) {
        this.finished = true;
        return;
      }
      const delay = result.value;
      if (delay === PARK) {
        this.parked = true;
        return;
      }
      const time = sim.now + delay;
      if (!sim.advanceInPlace(time)) {
        if (delay === 0) sim.ready(this);
        else sim.at(time, this);
        return;
      }
      sim.step();
    }
  }
}
