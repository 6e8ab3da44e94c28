/*
 * Virtual time without a clock: every operation may take arbitrarily short or long, so what happens
 * next is a choice among all that can. Time only ever moves forward to what is chosen.
 *
 * What `ready` is given goes on at once, until it stands at a point that others can see and offers
 * itself as a move. Events of the calendar keep their order among themselves: only the earliest is
 * a move. Events of `atLast` happen when nothing else can.
 */
import { Calendar, NEVER, type Activity } from '../calendar.ts';
import type { Door } from '../choice/door.ts';
import { Simulation, type Ending, type SimulationOptions } from '../simulation.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Access, Move } from './move.ts';
import type { Observer } from './observer.ts';

/** An event of the calendar that may say whose it is and whether it can happen now. */
export interface Due extends Activity {
  readonly actor?: number;
  readonly enabled?: boolean;
}

const NOTHING: readonly Access[] = [];

/** The earliest event of the calendar, as a move. */
class TimerMove implements Move {
  readonly kind = 'timer';
  readonly footprint = NOTHING;
  due: Due | null = null;

  get actor(): number {
    return this.due!.actor ?? 0;
  }

  get enabled(): boolean {
    return this.due!.enabled ?? true;
  }

  fire(): void {
    this.due!.fire();
  }
}

export class Exploration extends Simulation {
  /** Moves made so far. */
  picks = 0;
  observer: Observer | null = null;
  /** Something could arrive more often than it is let. */
  curbed = false;
  private readonly door: Door;
  private readonly offered: Move[] = [];
  private readonly enabled: Move[] = [];
  private readonly timer = new TimerMove();
  private patient: Calendar | null = null;

  constructor(door: Door, options: SimulationOptions = {}) {
    super(options);
    this.door = door;
  }

  /** Something waited that is only to end when nothing else can happen. */
  get hasTimeouts(): boolean {
    return this.patient !== null;
  }

  /** From now on `move` may be chosen whenever it is enabled. */
  offer(move: Move): void {
    this.offered.push(move);
  }

  /** As `at`, for what must not happen while anything else can: the end of a patient wait. */
  atLast(time: number, activity: Activity): number {
    this.patient ??= new Calendar();
    return this.patient.push(Math.max(time, this.now), activity);
  }

  cancelLast(handle: number): void {
    this.patient!.cancel(handle);
  }

  /** Feeds what is to come, and what the moves remember. */
  feed(into: Fingerprint): void {
    this.feedTimes(into);
    this.feedMoves(into);
  }

  /** Feeds what the moves remember. */
  feedMoves(into: Fingerprint): void {
    for (const move of this.offered) move.feed?.(into);
  }

  /** Feeds what is to come. */
  feedTimes(into: Fingerprint): void {
    this.calendar.feed(into, this.now);
    this.patient?.feed(into, this.now);
  }

  /** An instant that others have already left behind is as good as now. */
  override at(time: number, activity: Activity): number {
    return this.calendar.push(Math.max(time, this.now), activity);
  }

  /** An operation takes as long as it likes. */
  override advanceInPlace(time: number): boolean {
    if (time > this.now) this.now = time;
    return true;
  }

  override run(): Ending {
    for (;;) {
      this.settle();
      if (this.stopping) return 'stopped';
      const moves = this.moves();
      if (moves.length > 0) {
        this.step();
        if (this.observer?.sees(moves) === true) return 'circle';
        const move = moves[this.door.pick(moves)];
        if (move === undefined) return 'stopped';
        this.observer?.takes(move);
        this.picks++;
        if (move === this.timer) this.takeTimer();
        else move.fire();
      } else if (!this.expirePatient()) {
        return 'quiescent';
      }
    }
  }

  /** Everything that nobody else can see goes on, up to the points of choice. */
  private settle(): void {
    const { runList } = this;
    while (!runList.isEmpty()) {
      this.step();
      runList.shift().fire();
    }
  }

  private moves(): readonly Move[] {
    const { enabled, offered, calendar, timer } = this;
    let count = 0;
    for (let i = 0; i < offered.length; i++) {
      const move = offered[i]!;
      if (move.enabled) enabled[count++] = move;
    }
    if (calendar.nextTime() !== NEVER) {
      timer.due = calendar.peek() as Due;
      if (timer.enabled) enabled[count++] = timer;
    }
    // To set the length instead would give up the memory, to be asked for at the next choice.
    while (enabled.length > count) enabled.pop();
    return enabled;
  }

  private takeTimer(): void {
    this.advanceInPlace(this.calendar.nextTime());
    this.calendar.pop().fire();
  }

  private expirePatient(): boolean {
    if (this.patient === null) return false;
    const time = this.patient.nextTime();
    if (time === NEVER) return false;
    this.advanceInPlace(time);
    this.step();
    this.patient.pop().fire();
    return true;
  }
}
