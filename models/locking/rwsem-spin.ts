/*
 * Optimistic spinning of writers (CONFIG_RWSEM_SPIN_ON_OWNER), kernel/locking/rwsem.c: while
 * another writer runs, and for some microseconds while readers hold it, whose number is all that
 * is known. Readers do not spin.
 */
import type { Code, Context } from '../context.ts';
import { preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { osq_lock, osq_unlock, owner_on_cpu, spinUntil } from './osq_lock.ts';
import {
  RWSEM_FLAG_HANDOFF,
  RWSEM_LOCK_MASK,
  RWSEM_WRITER_LOCKED,
  readers,
  set_owner,
  type RwSemaphore,
} from './rw_semaphore.ts';

type OwnerState = 'null' | 'writer' | 'reader' | 'nonspinnable';

function owner_state(sem: RwSemaphore): OwnerState {
  if (sem.nonspinnable) return 'nonspinnable';
  if (sem.readerOwned) return 'reader';
  return sem.owner === null ? 'null' : 'writer';
}

export function rwsem_can_spin_on_owner(k: Context, sem: RwSemaphore): boolean {
  if (k.cpu.need_resched || sem.nonspinnable) return false;
  return sem.owner === null || sem.readerOwned || owner_on_cpu(sem.owner);
}

/** As long as a writer owns it and runs, and `grab` does not get it; whose it is then. */
function* spin_on_owner(k: Context, sem: RwSemaphore, grab: () => boolean): Code<OwnerState> {
  const { owner } = sem;
  if (owner_state(sem) !== 'writer' || owner === null) return owner_state(sem);
  const same = (): boolean => sem.owner === owner && owner_state(sem) === 'writer';
  const stop = (): boolean => k.cpu.need_resched || !owner_on_cpu(owner);
  yield* spinUntil(k, sem, () => grab() || !same() || stop());
  return same() ? 'nonspinnable' : owner_state(sem);
}

/** A waiter that asked for the hand-over: true if it was just released and can be tried again. */
export function* spin_before_sleep(k: Context, sem: RwSemaphore): Code<boolean> {
  preempt_disable(k);
  const state = yield* spin_on_owner(k, sem, () => false);
  yield* preempt_enable(k);
  if (state !== 'null') return false;
  // Held by nobody: somebody released what he did not hold. Linux tries again without end.
  const changed = (): boolean => owner_state(sem) !== 'null' || (sem.count & RWSEM_LOCK_MASK) === 0;
  yield* spinUntil(k, sem, changed);
  return true;
}

/** True if it took the lock, ahead of all who sleep. */
export function* rwsem_optimistic_spin(k: Context, sem: RwSemaphore): Code<boolean> {
  preempt_disable(k);
  const begin = k.machine.sim.now;
  let taken = false;
  if (yield* osq_lock(k, sem.osq)) {
    taken = yield* spin_at_head(k, sem);
    osq_unlock(k, sem.osq);
  }
  if (taken && k.machine.sim.now > begin) k.spend(k.machine.costs.handover);
  yield* preempt_enable(k);
  return taken;
}

function* spin_at_head(k: Context, sem: RwSemaphore): Code<boolean> {
  const isRt = k.current.isRt;
  let taken = false;
  const grab = (): boolean => (taken ||= try_write_lock_unqueued(k, sem));
  let before: OwnerState = 'null';
  let threshold = 0;
  for (;;) {
    const state = yield* spin_on_owner(k, sem, grab);
    if (taken) return true;
    if (state === 'nonspinnable') return false;
    if (grab()) return true;
    if (state === 'reader') {
      if (before !== 'reader') threshold = k.machine.sim.now + rspin_threshold(sem);
      if (k.machine.sim.now > threshold) {
        sem.nonspinnable = sem.readerOwned;
        return false;
      }
    }
    if (state !== 'writer') {
      if (k.cpu.need_resched || (isRt && before !== 'writer')) return false;
      if (!isRt) yield* relax(k, sem, state, threshold, grab);
      if (taken) return true;
    }
    before = state;
  }
}

/** 10 us and half a microsecond a reader, at most 25 us. */
function rspin_threshold(sem: RwSemaphore): number {
  return (20 + Math.min(30, readers(sem))) * 500;
}

function try_write_lock_unqueued(k: Context, sem: RwSemaphore): boolean {
  if ((sem.count & (RWSEM_LOCK_MASK | RWSEM_FLAG_HANDOFF)) !== 0) return false;
  sem.count |= RWSEM_WRITER_LOCKED;
  set_owner(sem, k.current);
  return true;
}

/** cpu_relax() until something has changed, or readers have had it for too long. */
function* relax(
  k: Context,
  sem: RwSemaphore,
  state: OwnerState,
  threshold: number,
  grab: () => boolean,
): Code {
  const { sim, optimisticSpinners } = k.machine;
  let alarm = -1;
  if (state === 'reader') {
    const fire = (): void => {
      alarm = -1;
      optimisticSpinners.release(sem);
    };
    alarm = sim.at(threshold + 1, { fire });
  }
  const late = (): boolean => state === 'reader' && sim.now > threshold;
  const stop = (): boolean => owner_state(sem) !== state || k.cpu.need_resched || late();
  yield* spinUntil(k, sem, () => grab() || stop());
  if (alarm >= 0) sim.cancel(alarm);
}
