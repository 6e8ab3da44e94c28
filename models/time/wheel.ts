/*
 * The two timer wheels, as far as they show: at which tick a timer runs and in which order timers
 * of one tick run. The cascading of the old wheel and the arrays of the new one do not show.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { TimerList } from './timer.ts';

export interface Wheel {
  /** `now` is jiffies at the time of arming. */
  insert(timer: TimerList, now: number): void;
  remove(timer: TimerList): void;
  /** Would the pending timer, armed for `expires` instead, stay where it is? */
  keeps(timer: TimerList, expires: number, now: number): boolean;
  /** The next timer to run at jiffies `now`, taken out; null: no more. */
  takeDue(now: number): TimerList | null;
  /** Jiffies at which the next timer runs. */
  nextExpiry(): number | null;
  /** Feeds the timers in the order in which they run, `now` being the present jiffy. */
  feed(into: Fingerprint, now: number): void;
}

/** Timers by the jiffy at which they run; the earliest is cached. */
class Slots {
  readonly lists = new Map<number, TimerList[]>();
  private earliest: number | null = null;

  add(key: number, timer: TimerList, atHead: boolean): void {
    timer.slot = key;
    const list = this.lists.get(key);
    if (list === undefined) this.lists.set(key, [timer]);
    else if (atHead) list.unshift(timer);
    else list.push(timer);
    if (this.earliest !== null && key < this.earliest) this.earliest = key;
    else if (this.lists.size === 1) this.earliest = key;
  }

  remove(timer: TimerList): void {
    const list = this.lists.get(timer.slot)!;
    list.splice(list.indexOf(timer), 1);
    if (list.length === 0) this.forget(timer.slot);
  }

  take(key: number): TimerList[] {
    const list = this.lists.get(key) ?? [];
    this.forget(key);
    return list;
  }

  feed(into: Fingerprint, now: number): void {
    into.add(this.lists.size);
    if (this.lists.size === 0) return;
    for (const key of [...this.lists.keys()].sort((a, b) => a - b)) {
      into.add(Math.max(-1, key - now));
      for (const timer of this.lists.get(key)!) timer.feed(into);
    }
  }

  first(): number | null {
    if (this.earliest === null && this.lists.size > 0) {
      let least = Number.MAX_SAFE_INTEGER;
      for (const key of this.lists.keys()) if (key < least) least = key;
      this.earliest = least;
    }
    return this.earliest;
  }

  private forget(key: number): void {
    this.lists.delete(key);
    if (key === this.earliest) this.earliest = null;
  }
}

/** Until 4.7: runs at jiffies == expires, a past expiry at the next tick; FIFO within a tick. */
export class ExactWheel implements Wheel {
  private readonly slots = new Slots();
  /** Timers of the tick being served, detached as __run_timers does. */
  private due: TimerList[] = [];
  /** The next jiffy to be served (timer_jiffies). */
  private clock: number;

  constructor(now: number) {
    this.clock = now + 1;
  }

  insert(timer: TimerList): void {
    this.slots.add(Math.max(timer.expires, this.clock), timer, false);
  }

  remove(timer: TimerList): void {
    const at = this.due.indexOf(timer);
    if (at >= 0) this.due.splice(at, 1);
    else this.slots.remove(timer);
  }

  keeps(timer: TimerList, expires: number): boolean {
    return timer.expires === expires;
  }

  takeDue(now: number): TimerList | null {
    while (this.due.length === 0) {
      const key = this.slots.first();
      if (key === null || key > now) {
        this.clock = now + 1;
        return null;
      }
      this.clock = key + 1;
      this.due = this.slots.take(key);
    }
    return this.due.shift()!;
  }

  nextExpiry(): number | null {
    return this.due.length > 0 ? this.clock - 1 : this.slots.first();
  }

  feed(into: Fingerprint, now: number): void {
    for (const timer of this.due) timer.feed(into);
    this.slots.feed(into, now);
  }
}

const LVL_CLK_SHIFT = 3;
const LVL_SIZE = 64;
const LVL_DEPTH = 9;

/** The first delta that goes to level `n` (LVL_START of kernel/time/timer.c). */
function levelStart(n: number): number {
  return (LVL_SIZE - 1) << ((n - 1) * LVL_CLK_SHIFT);
}

/** From 4.8: 64 slots a level, each level 8 times coarser; rounded up, LIFO within a slot. */
export class RoundedWheel implements Wheel {
  /** Made as they are first used. */
  private readonly levels: (Slots | undefined)[] = [];
  private due: TimerList[] = [];
  /** base->clk: the next jiffy to be served. */
  private clock: number;

  constructor(now: number) {
    this.clock = now;
  }

  insert(timer: TimerList, now: number): void {
    this.forward(now);
    const { level, at } = this.place(timer.expires);
    (this.levels[level] ??= new Slots()).add(at, timer, true);
    timer.slot = at * LVL_DEPTH + level;
  }

  keeps(timer: TimerList, expires: number, now: number): boolean {
    if (this.due.includes(timer)) return timer.expires === expires;
    this.forward(now);
    const { level, at } = this.place(expires);
    return timer.slot === at * LVL_DEPTH + level;
  }

  /** forward_timer_base(): the clock stands still while nothing expires. */
  private forward(now: number): void {
    if (this.clock >= now) return;
    const first = this.firstSlot();
    this.clock = first === null ? now : Math.max(this.clock, Math.min(first, now));
  }

  /** calc_wheel_index(): the level by distance from the clock, the slot rounded up. */
  private place(expires: number): { level: number; at: number } {
    const delta = expires - this.clock;
    if (delta < 0) return { level: 0, at: this.clock };
    let level = 0;
    while (level < LVL_DEPTH - 1 && delta >= levelStart(level + 1)) level++;
    const granule = 1 << (level * LVL_CLK_SHIFT);
    const cutoff = levelStart(LVL_DEPTH);
    const capped = delta >= cutoff ? this.clock + cutoff - granule : expires;
    return { level, at: (Math.floor(capped / granule) + 1) * granule };
  }

  remove(timer: TimerList): void {
    const at = this.due.indexOf(timer);
    if (at >= 0) {
      this.due.splice(at, 1);
      return;
    }
    const level = timer.slot % LVL_DEPTH;
    timer.slot = (timer.slot - level) / LVL_DEPTH;
    this.levels[level]!.remove(timer);
  }

  /** Coarse levels of a jiffy run before fine ones, as expire_timers takes them. */
  takeDue(now: number): TimerList | null {
    while (this.due.length === 0) {
      const next = this.firstSlot();
      if (next === null || next > now) return null;
      this.clock = next + 1;
      for (let level = LVL_DEPTH - 1; level >= 0; level--) {
        const slots = this.levels[level];
        if (slots?.first() === next) this.due.push(...slots.take(next));
      }
    }
    return this.due.shift()!;
  }

  nextExpiry(): number | null {
    return this.due.length > 0 ? this.clock - 1 : this.firstSlot();
  }

  /** Where coarse levels are used, it matters how the present jiffy lies in them. */
  feed(into: Fingerprint, now: number): void {
    for (const timer of this.due) timer.feed(into);
    for (const [level, slots] of this.levels.entries()) {
      if (slots === undefined) continue;
      into.add(level);
      slots.feed(into, now);
      if (level > 0 && slots.lists.size > 0) into.add(now);
    }
  }

  private firstSlot(): number | null {
    let least: number | null = null;
    for (const slots of this.levels) {
      if (slots === undefined) continue;
      const first = slots.first();
      if (first !== null && (least === null || first < least)) least = first;
    }
    return least;
  }
}
