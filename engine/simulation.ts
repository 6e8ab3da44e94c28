/*
 * Virtual time: the clock, the calendar of later instants and the list of what is ready now.
 *
 * One total order rules: (time, sequence). An event for the present instant joins the run list and
 * never the heap; the calendar's events of that instant were all scheduled before it and go first.
 */
import { Calendar, NEVER, type Activity } from './calendar.ts';
import { RunList } from './run-list.ts';

/** Why a run (or a slice of one) returned; `circle`: it has come back to a state it was in. */
export type Ending = 'quiescent' | 'until' | 'slice' | 'stopped' | 'circle';

/** A documented bound was reached: the run cannot go on, what was recorded so far stays valid. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
}

export interface SimulationOptions {
  /** How many steps (events fired, operations done in place) a run may take in all. */
  readonly maxSteps?: number | undefined;
}

export class Simulation {
  /** Virtual time, integer ns since the beginning of the run. */
  now = 0;
  /** Steps taken so far. */
  steps = 0;
  protected readonly calendar = new Calendar();
  protected readonly runList = new RunList();
  private readonly maxSteps: number;
  /** The last instant of the run; no later than the clock can count. */
  private until = Number.MAX_SAFE_INTEGER;
  private sliceEnd = NEVER;
  protected stopping = false;

  constructor(options: SimulationOptions = {}) {
    this.maxSteps = options.maxSteps ?? Number.MAX_SAFE_INTEGER;
  }

  /** Schedules `activity` at `time` (ns, after now). The handle is valid until it fires. */
  at(time: number, activity: Activity): number {
    if (!(time > this.now && time <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(
        `an event needs an instant after now (${this.now} ns) and below 2^53 ns, not ${time}`,
      );
    }
    return this.calendar.push(time, activity);
  }

  cancel(handle: number): void {
    this.calendar.cancel(handle);
  }

  /** Lets `activity` go on at the present instant, after everything that is already due. */
  ready(activity: Activity): void {
    this.runList.push(activity);
  }

  /**
   * Moves the clock to `time` at once if nothing else is due before or at it, so that the caller
   * may go on without a trip through the calendar. The order of events is the same either way; an
   * instant that is none (in the past, not a number) is left to `at`, which says so.
   */
  advanceInPlace(time: number): boolean {
    if (!(time >= this.now && time <= this.until)) return false;
    if (this.steps >= this.sliceEnd || this.stopping) return false;
    if (!this.runList.isEmpty() || this.calendar.nextTime() <= time) return false;
    this.now = time;
    return true;
  }

  /** Counts one step that took no trip through the calendar. */
  step(): void {
    if (++this.steps > this.maxSteps) {
      throw new LimitReached(
        `the run took ${this.maxSteps} steps and is at ${this.now} ns of virtual time`,
      );
    }
  }

  /** Ends the run after the activity that is running, for good. */
  stop(): void {
    this.stopping = true;
  }

  /**
   * Runs until nothing is left, until the instant `until` (events at it included), or for about
   * `slice` steps; a later call goes on from there with the same result as one long call.
   */
  run(until = NEVER, slice = NEVER): Ending {
    this.until = Math.min(until, Number.MAX_SAFE_INTEGER);
    this.sliceEnd = this.steps + slice;
    const { calendar, runList } = this;
    for (;;) {
      if (this.stopping) return 'stopped';
      if (this.steps >= this.sliceEnd) return 'slice';
      const next = calendar.nextTime();
      if (next === this.now) {
        this.step();
        calendar.pop().fire();
      } else if (!runList.isEmpty()) {
        this.step();
        runList.shift().fire();
        if (!runList.isEmpty()) this.drain();
      } else if (next === NEVER) {
        return 'quiescent';
      } else if (next > until) {
        this.now = until;
        return 'until';
      } else {
        this.now = next;
        this.step();
        calendar.pop().fire();
      }
    }
  }

  /** The run list alone: nothing new can become due at this instant except through it. */
  private drain(): void {
    const { runList } = this;
    while (!runList.isEmpty() && this.steps < this.sliceEnd && !this.stopping) {
      this.step();
      runList.shift().fire();
    }
  }
}
