/*
 * Who holds a lock and who waits for it, at each moment and as intervals.
 *
 * lock_acquire stands before the wait: where the lock is free, or its holders are readers too, the
 * asker is taken for a holder until lock_contended says otherwise; else it is one when it goes on.
 */
import type { TraceRow } from '../analysis/trace-row.ts';

/** Of the value of lock_acquire. */
const TRY = 1;
const READ = 2;

export interface Hold {
  readonly actor: string;
  readonly sinceNs: number;
  readonly reads: boolean;
}

export interface Wait extends Hold {
  /** Who had it when the wait began; empty if nobody. */
  readonly holder: string;
}

/** Hears of holds and waits when they end; `toNs` is null for one that does not. */
export interface LockListener {
  held(lock: string, hold: Hold, toNs: number | null): void;
  waited(lock: string, wait: Wait, toNs: number | null): void;
}

/** Of one lock. */
export class LockState {
  holders: Hold[] = [];
  waiters: Wait[] = [];
}

interface Asked {
  readonly lock: LockState;
  readonly hold: Hold;
}

export class LockUse {
  private readonly locks = new Map<string, LockState>();
  /** The lock that somebody has asked for and may not have, by who it is. */
  private readonly asking = new Map<string, Asked>();
  private readonly listener: LockListener;

  constructor(listener: LockListener) {
    this.listener = listener;
  }

  state(name: string): LockState {
    let state = this.locks.get(name);
    if (state === undefined) {
      state = new LockState();
      this.locks.set(name, state);
    }
    return state;
  }

  /** @param actor who is on the row's CPU, as Lanes name them. */
  see({ event, object, value, timeNs }: TraceRow, actor: string): void {
    const asked = this.asking.get(actor);
    if (asked !== undefined) this.asking.delete(actor);
    if (event === 'lock_contended') {
      contend(this.state(object), actor, asked?.hold, timeNs);
      return;
    }
    // Who does more with locks did get the one it asked for.
    asked?.lock.holders.push(asked.hold);
    if (event === 'lock_acquire') this.ask(object, actor, value, timeNs);
    else if (event === 'lock_acquired') this.got(object, actor, value, timeNs);
    else if (event === 'lock_release') this.release(object, actor, value, timeNs);
  }

  /** What has not ended. */
  end(): void {
    for (const [name, { holders, waiters }] of this.locks) {
      for (const hold of holders) this.listener.held(name, hold, null);
      for (const wait of waiters) this.listener.waited(name, wait, null);
    }
  }

  private ask(name: string, actor: string, flags: number, sinceNs: number): void {
    const lock = this.state(name);
    const reads = (flags & READ) !== 0;
    const hold = { actor, sinceNs, reads };
    const joins = lock.holders.every((one) => reads && one.reads);
    const free = lock.waiters.length === 0 && joins;
    if ((flags & TRY) !== 0 || free) lock.holders.push(hold);
    else this.asking.set(actor, { lock, hold });
  }

  private got(name: string, actor: string, waitedNs: number, timeNs: number): void {
    const lock = this.state(name);
    // An interrupt may be on top of the waiter by now.
    const wait =
      lock.waiters.find((one) => one.actor === actor) ??
      lock.waiters.find(({ sinceNs }) => sinceNs === timeNs - waitedNs);
    if (wait === undefined) return;
    remove(lock.waiters, wait);
    lock.holders.push({ actor: wait.actor, sinceNs: timeNs, reads: wait.reads });
    this.listener.waited(name, { ...wait, sinceNs: timeNs - waitedNs }, timeNs);
  }

  /** Without a time held, it is the end of a wait in vain. */
  private release(name: string, actor: string, heldNs: number, timeNs: number): void {
    const lock = this.state(name);
    if (heldNs !== heldNs) {
      const wait = lock.waiters.find((one) => one.actor === actor);
      if (wait === undefined) return;
      remove(lock.waiters, wait);
      this.listener.waited(name, wait, timeNs);
      return;
    }
    // Semaphores may be released by others than those that took them.
    const hold = lock.holders.find((one) => one.actor === actor) ?? lock.holders[0];
    if (hold !== undefined) remove(lock.holders, hold);
    const { actor: who, reads } = hold ?? { actor, reads: false };
    this.listener.held(name, { actor: who, reads, sinceNs: timeNs - heldNs }, timeNs);
  }
}

function contend(lock: LockState, actor: string, asked: Hold | undefined, sinceNs: number): void {
  // It was taken for a holder because the lock was free when it asked.
  const hold = asked ?? lock.holders.findLast((one) => one.actor === actor);
  if (hold !== undefined) remove(lock.holders, hold);
  const holder = lock.holders[0]?.actor ?? '';
  lock.waiters.push({ actor, sinceNs, reads: hold?.reads ?? false, holder });
}

function remove<T>(from: T[], one: T): void {
  const at = from.indexOf(one);
  if (at >= 0) from.splice(at, 1);
}
