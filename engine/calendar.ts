/*
 * The calendar: what happens at a later instant, in the order (time, sequence).
 *
 * heap-js orders small integers (slots); their keys lie in typed arrays: an event costs no object.
 * The event being fired stays at the top as a hole until the next push replaces it: one sift for a
 * process that sleeps again instead of two. A cancelled event stays in the heap as a tombstone and
 * is dropped when it comes up, or with all others when tombstones outnumber what is pending.
 */
import { Heap } from 'heap-js';
import type { Fingerprint } from './explore/fingerprint.ts';

/** Something that can be resumed: a process, a CPU, a timer. */
export interface Activity {
  fire(): void;
}

const TOMBSTONE: Activity = {
  fire() {
    throw new Error('a cancelled event was fired');
  },
};

/** Room for so many events at first: many calendars never hold more, and some none. */
const FEW = 8;
const NONE = new Float64Array(0);

/** The instant of a calendar without events. */
export const NEVER = Number.POSITIVE_INFINITY;

export class Calendar {
  private times = NONE;
  private sequences = NONE;
  private readonly activities: Activity[] = [];
  private readonly free: number[] = [];
  private readonly heap = new Heap<number>((a, b) => {
    const apart = this.times[a]! - this.times[b]!;
    return apart !== 0 ? apart : this.sequences[a]! - this.sequences[b]!;
  });
  private sequence = 0;
  /** The event at the top is being fired: it is no longer pending. */
  private hole = false;
  private tombstones = 0;

  /** Schedules `activity` at `time` (ns); the result is for `cancel`, valid until it fires. */
  push(time: number, activity: Activity): number {
    if (this.hole) {
      this.hole = false;
      const slot = this.heap.heapArray[0]!;
      this.times[slot] = time;
      this.sequences[slot] = this.sequence++;
      this.activities[slot] = activity;
      this.heap.replace(slot);
      return slot;
    }
    const slot = this.free.length > 0 ? this.free.pop()! : this.grow();
    this.times[slot] = time;
    this.sequences[slot] = this.sequence++;
    this.activities[slot] = activity;
    this.heap.push(slot);
    return slot;
  }

  cancel(slot: number): void {
    this.activities[slot] = TOMBSTONE;
    this.tombstones++;
    if (this.tombstones > 64 && 2 * this.tombstones > this.heap.length) this.sweep();
  }

  /** The instant of the earliest pending event, `NEVER` if there is none. */
  nextTime(): number {
    const order = this.heap.heapArray;
    for (;;) {
      if (!this.hole) {
        const top = order[0];
        if (top === undefined) return NEVER;
        if (this.activities[top] !== TOMBSTONE) return this.times[top]!;
        this.dropTombstone();
        continue;
      }
      const left = order[1];
      if (left === undefined) return NEVER;
      const right = order[2];
      const next = right !== undefined && this.comesFirst(right, left) ? right : left;
      if (this.activities[next] !== TOMBSTONE) return this.times[next]!;
      this.fill();
    }
  }

  /**
   * Feeds what is pending, in order, and how long after `now` in ms: a finer distance could only
   * matter to what is armed later, and by then as much time may have passed as likes.
   */
  feed(into: Fingerprint, now: number): void {
    if (this.hole) this.fill();
    const live = this.heap.heapArray.filter((slot) => this.activities[slot] !== TOMBSTONE);
    into.add(live.length);
    for (const slot of live.sort((a, b) => (this.comesFirst(a, b) ? -1 : 1))) {
      into.add(Math.max(0, Math.ceil((this.times[slot]! - now) / 1_000_000)));
      into.object(this.activities[slot]);
    }
  }

  /** The earliest activity, which stays; call only when `nextTime()` is not `NEVER`. */
  peek(): Activity {
    if (this.hole) this.fill();
    return this.activities[this.heap.heapArray[0]!]!;
  }

  /** Removes and returns the earliest activity; call only when `nextTime()` is not `NEVER`. */
  pop(): Activity {
    if (this.hole) this.fill();
    for (;;) {
      const slot = this.heap.heapArray[0]!;
      const activity = this.activities[slot]!;
      if (activity === TOMBSTONE) {
        this.dropTombstone();
        continue;
      }
      this.hole = true;
      return activity;
    }
  }

  private comesFirst(a: number, b: number): boolean {
    const apart = this.times[a]! - this.times[b]!;
    return apart !== 0 ? apart < 0 : this.sequences[a]! < this.sequences[b]!;
  }

  /** Takes the fired event out after all: nothing replaced it. */
  private fill(): void {
    this.hole = false;
    this.drop();
  }

  private dropTombstone(): void {
    this.tombstones--;
    this.drop();
  }

  private drop(): void {
    const slot = this.heap.pop()!;
    this.activities[slot] = TOMBSTONE;
    this.free.push(slot);
  }

  /** Rebuilds the heap without its tombstones. */
  private sweep(): void {
    if (this.hole) this.fill();
    const live: number[] = [];
    for (const slot of this.heap.heapArray) {
      (this.activities[slot] === TOMBSTONE ? this.free : live).push(slot);
    }
    this.heap.init(live);
    this.tombstones = 0;
  }

  private grow(): number {
    const slot = this.activities.length;
    if (slot === this.times.length) {
      const size = slot === 0 ? FEW : 2 * slot;
      const times = new Float64Array(size);
      const sequences = new Float64Array(size);
      times.set(this.times);
      sequences.set(this.sequences);
      this.times = times;
      this.sequences = sequences;
    }
    return slot;
  }
}
