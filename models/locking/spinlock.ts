/*
 * Spinlocks in all variants. A waiter occupies its CPU; interrupts reach it where the variant
 * leaves them on. Who gets the lock next depends on the era: anyone of those that spin right now
 * (decrement-and-test locks until 2.6.24), or the one that came first (ticket locks, queued locks:
 * kernel/locking/qspinlock.c), even while an interrupt keeps it from noticing.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { NOBODY, SPIN, type Code, type Context } from '../context.ts';
import {
  local_irq_disable,
  local_irq_enable,
  local_irq_save,
  preempt_disable,
  preempt_enable,
} from '../cpu/preempt.ts';
import { local_bh_disable } from '../irq/softirq.ts';
import { LOCK_HOOK } from '../hooks.ts';
import type { Task } from '../sched/task.ts';
import { LOCK_TRY, Lock, unlocked_bh, unlocked_irq, type Nesting } from './lock.ts';

interface Waiter {
  readonly k: Context;
  readonly since: number;
}

export class Spinlock extends Lock {
  readonly type = 'spinlock';
  holder: Context | null = null;
  /** The task on whose stack the holder runs. */
  owner: Task | null = null;
  heldSince = 0;
  readonly waiters: Waiter[] = [];

  protected override get hookBits(): number {
    return LOCK_HOOK.spins;
  }

  override feed(into: Fingerprint): void {
    into.add(this.holder?.identity ?? NOBODY);
    into.add(this.waiters.length);
    for (const { k } of this.waiters) into.add(k.identity);
  }
}

/** Waits for the lock, preemption being off. */
function* raw_spin_lock(k: Context, lock: Spinlock, nesting?: Nesting): Code {
  const { machine } = k;
  lock.traceAcquire(k, 0, nesting);
  yield k.step(lock, machine.costs.lock);
  if (lock.holder === null && (lock.waiters.length === 0 || machine.era.spinlock === 'unfair')) {
    take(k, lock);
    return;
  }
  lock.noteContended(k);
  lock.waiters.push({ k, since: machine.sim.now });
  if (machine.era.spinlock === 'unfair') k.retry = () => take_if_free(k, lock);
  yield SPIN;
  k.retry = null;
  k.spend(machine.costs.handover);
}

function take(k: Context, lock: Spinlock): void {
  lock.holder = k;
  lock.owner = k.current;
  lock.heldSince = k.machine.sim.now;
  lock.noteTaken(k);
}

/** A spinner of an unfair lock that comes back from an interrupt looks again. */
function take_if_free(k: Context, lock: Spinlock): boolean {
  if (lock.holder !== null) return false;
  grant(
    lock,
    lock.waiters.findIndex((waiter) => waiter.k === k),
  );
  return true;
}

function raw_spin_unlock(k: Context, lock: Spinlock): void {
  k.spend(k.machine.costs.unlock);
  lock.noteReleased(k, lock.heldSince);
  lock.holder = null;
  lock.owner = null;
  if (lock.waiters.length === 0) return;
  if (k.machine.era.spinlock === 'unfair') pass_on(k, lock);
  else wake_spinner(grant(lock, 0));
}

/** One of those who look at an unfair lock right now takes it. */
function pass_on(k: Context, lock: Spinlock): void {
  const spinning = lock.waiters.filter((waiter) => waiter.k.cpu.top === waiter.k);
  if (spinning.length === 0) return;
  const winner = spinning[k.machine.door.choose('arbitration', spinning.length)]!;
  wake_spinner(grant(lock, lock.waiters.indexOf(winner)));
}

/** Makes the waiter at `index` the holder. */
function grant(lock: Spinlock, index: number): Context {
  const [waiter] = lock.waiters.splice(index, 1);
  const { k, since } = waiter!;
  take(k, lock);
  lock.noteWaited(k, since);
  return k;
}

function wake_spinner(k: Context): void {
  k.cpu.unspin(k);
}

/** True if the lock was free. */
function raw_spin_trylock(k: Context, lock: Spinlock): boolean {
  k.spend(k.machine.costs.lock);
  if (lock.holder !== null || lock.waiters.length > 0) return false;
  take(k, lock);
  lock.traceAcquire(k, LOCK_TRY);
  return true;
}

export function spin_lock(k: Context, lock: Spinlock, nesting?: Nesting): Code {
  preempt_disable(k);
  return raw_spin_lock(k, lock, nesting);
}

export function* spin_unlock(k: Context, lock: Spinlock): Code {
  yield k.step(lock, 0);
  raw_spin_unlock(k, lock);
  yield* preempt_enable(k);
}

/** Returns 1 if it got the lock. */
export function* spin_trylock(k: Context, lock: Spinlock): Code<number> {
  preempt_disable(k);
  yield k.step(lock, 0);
  if (raw_spin_trylock(k, lock)) return 1;
  yield* preempt_enable(k);
  return 0;
}

export function* spin_lock_irq(k: Context, lock: Spinlock): Code {
  local_irq_disable(k);
  yield* spin_lock(k, lock);
}

/** Turns interrupts on whatever they were before. */
export function* spin_unlock_irq(k: Context, lock: Spinlock): Code {
  yield k.step(lock, 0);
  raw_spin_unlock(k, lock);
  yield* unlocked_irq(k, 0);
}

/** Returns the interrupt flag for spin_unlock_irqrestore. */
export function* spin_lock_irqsave(k: Context, lock: Spinlock, nesting?: Nesting): Code<number> {
  const flags = local_irq_save(k);
  yield* spin_lock(k, lock, nesting);
  return flags;
}

export function* spin_unlock_irqrestore(k: Context, lock: Spinlock, flags: number): Code {
  yield k.step(lock, 0);
  raw_spin_unlock(k, lock);
  yield* unlocked_irq(k, flags);
}

export function* spin_lock_bh(k: Context, lock: Spinlock): Code {
  local_bh_disable(k);
  yield* spin_lock(k, lock);
}

/** Runs the softirqs that were raised meanwhile. */
export function* spin_unlock_bh(k: Context, lock: Spinlock): Code {
  yield k.step(lock, 0);
  raw_spin_unlock(k, lock);
  yield* unlocked_bh(k);
}

export function* spin_trylock_bh(k: Context, lock: Spinlock): Code<number> {
  local_bh_disable(k);
  preempt_disable(k);
  yield k.step(lock, 0);
  if (raw_spin_trylock(k, lock)) return 1;
  yield* unlocked_bh(k);
  return 0;
}

export function* spin_trylock_irq(k: Context, lock: Spinlock): Code<number> {
  local_irq_disable(k);
  const taken = yield* spin_trylock(k, lock);
  if (taken === 0) yield* local_irq_enable(k);
  return taken;
}

/**
 * A lock like new, whoever holds it or waits for it. Who spins on an unfair lock sees that it is
 * free; a place in a queue is gone.
 */
export function spin_lock_init(k: Context, lock: Spinlock): void {
  lock.traceFreed(k);
  lock.holder = null;
  lock.owner = null;
  if (k.machine.era.spinlock === 'unfair') pass_on(k, lock);
  else lock.waiters.length = 0;
}

export function spin_is_locked(lock: Spinlock): number {
  return lock.holder === null ? 0 : 1;
}
