/*
 * Waiting for a reader-writer semaphore, the slow paths of kernel/locking/rwsem.c. Only readers are
 * handed anything: all who wait get it together, wherever they stand in the line. A writer is woken
 * and tries; one that has waited for too long, or in real time, asks for the hand-over, which keeps
 * everybody else from stealing it.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { schedule_preempt_disabled, wake_up_process } from '../sched/core.ts';
import { TASK_RUNNING, type Task } from '../sched/task.ts';
import {
  RWSEM_FLAG_HANDOFF,
  RWSEM_FLAG_WAITERS,
  RWSEM_LOCK_MASK,
  RWSEM_READER_BIAS,
  RWSEM_WRITER_LOCKED,
  add_waiter,
  del_waiter,
  notify_spinners,
  readers,
  set_owner,
  set_reader_owned,
  type RwSemaphore,
  type RwsemWaiter,
} from './rw_semaphore.ts';
import { rwsem_can_spin_on_owner, rwsem_optimistic_spin, spin_before_sleep } from './rwsem-spin.ts';

const MAX_READERS_WAKEUP = 0x100;

/** Whatever is first in line; only if it is a reader; the caller holds it for reading itself. */
type WakeType = 'any' | 'readers' | 'readOwned';

/** Who is to be woken. Readers among them have it. */
function mark_wake(k: Context, sem: RwSemaphore, type: WakeType): Task[] {
  const [first] = sem.waiters;
  if (first === undefined) return [];
  if (!first.reads) return type === 'any' ? [first.task] : [];
  if (type !== 'readOwned') {
    if ((sem.count & RWSEM_WRITER_LOCKED) !== 0) {
      if (k.machine.jiffies > first.timeout) {
        sem.count |= RWSEM_FLAG_HANDOFF;
        first.handoffSet = true;
      }
      return [];
    }
    set_reader_owned(sem, first.task);
  }
  const woken = sem.waiters.filter(({ reads }) => reads).slice(0, MAX_READERS_WAKEUP);
  for (const waiter of woken) {
    del_waiter(sem, waiter);
    waiter.granted = true;
  }
  sem.count &= ~RWSEM_FLAG_HANDOFF;
  sem.count += woken.length * RWSEM_READER_BIAS;
  return woken.map(({ task }) => task);
}

/** One after the other: the first may run before the next is woken. Spinners are faster. */
function* wake_up_q(k: Context, sem: RwSemaphore, tasks: readonly Task[]): Code {
  notify_spinners(k, sem);
  yield* preempt_check_resched(k);
  for (const task of tasks) {
    wake_up_process(k.cpu, task);
    yield* preempt_check_resched(k);
  }
}

/** A holder has gone, nobody holds it now. */
export function* rwsem_wake(k: Context, sem: RwSemaphore): Code {
  yield* wake_up_q(k, sem, mark_wake(k, sem, 'any'));
}

/** The writer has become a reader. */
export function* rwsem_downgrade_wake(k: Context, sem: RwSemaphore): Code {
  yield* wake_up_q(k, sem, mark_wake(k, sem, 'readOwned'));
}

/** Somebody has joined the line: the state of the lock may have changed meanwhile. */
function cond_wake_waiter(k: Context, sem: RwSemaphore): Task[] {
  if ((sem.count & RWSEM_WRITER_LOCKED) !== 0) return [];
  if (readers(sem) > 0) return mark_wake(k, sem, 'readers');
  sem.nonspinnable = false;
  return mark_wake(k, sem, 'any');
}

/** Sleeps, preemption being off, until granted; false if a signal came first. */
export function* wait_for_grant(
  k: Context,
  sem: RwSemaphore,
  waiter: RwsemWaiter,
  state: number,
): Code<boolean> {
  const task = k.current;
  for (;;) {
    task.state = state;
    if (waiter.granted || signal_pending_state(task, state)) break;
    task.waitingFor = sem.name;
    yield* schedule_preempt_disabled(k);
  }
  task.state = TASK_RUNNING;
  return waiter.granted;
}

/** Leaves the line; the first lets those behind it try. */
function* give_up(k: Context, sem: RwSemaphore, waiter: RwsemWaiter): Code<number> {
  const first = sem.waiters[0] === waiter;
  del_waiter(sem, waiter);
  if (first) yield* wake_up_q(k, sem, mark_wake(k, sem, 'any'));
  return -errno.EINTR;
}

/** The caller has counted itself in already, and turned preemption off. */
export function* down_read_slowpath(k: Context, sem: RwSemaphore, state: number): Code<number> {
  const { count } = sem;
  const crowd = sem.readerOwned && readers(sem) > 1 && (count & RWSEM_WRITER_LOCKED) === 0;
  if (!crowd && (count & (RWSEM_WRITER_LOCKED | RWSEM_FLAG_HANDOFF)) === 0) {
    set_reader_owned(sem, k.current);
    const alone = readers(sem) === 1 && (count & RWSEM_FLAG_WAITERS) !== 0;
    yield* wake_up_q(k, sem, alone ? mark_wake(k, sem, 'readOwned') : []);
    return 0;
  }
  const waiter = add_waiter(k, sem, true);
  sem.count -= RWSEM_READER_BIAS;
  yield* wake_up_q(k, sem, cond_wake_waiter(k, sem));
  if (yield* wait_for_grant(k, sem, waiter, state)) return 0;
  return yield* give_up(k, sem, waiter);
}

export function* down_write_slowpath(k: Context, sem: RwSemaphore, state: number): Code<number> {
  if (rwsem_can_spin_on_owner(k, sem) && (yield* rwsem_optimistic_spin(k, sem))) return 0;
  const task = k.current;
  const waiter = add_waiter(k, sem, false);
  if (sem.waiters[0] !== waiter) yield* wake_up_q(k, sem, cond_wake_waiter(k, sem));
  task.state = state;
  while (!try_write_lock(k, sem, waiter)) {
    if (signal_pending_state(task, state)) {
      task.state = TASK_RUNNING;
      return yield* give_up(k, sem, waiter);
    }
    if (waiter.handoffSet && (yield* spin_before_sleep(k, sem))) continue;
    task.waitingFor = sem.name;
    yield SCHEDULE;
    task.state = state;
  }
  task.state = TASK_RUNNING;
  yield* preempt_check_resched(k);
  return 0;
}

/** Takes it if it is free; a waiter that may not wait any longer asks for the hand-over. */
function try_write_lock(k: Context, sem: RwSemaphore, waiter: RwsemWaiter): boolean {
  const first = sem.waiters[0]!;
  const handoff = (sem.count & RWSEM_FLAG_HANDOFF) !== 0;
  if (handoff && first.handoffSet && waiter !== first) return false;
  if ((sem.count & RWSEM_LOCK_MASK) !== 0) {
    if (!handoff && (waiter.task.isRt || k.machine.jiffies > waiter.timeout)) {
      sem.count |= RWSEM_FLAG_HANDOFF;
      first.handoffSet = true;
    }
    return false;
  }
  sem.count &= ~RWSEM_FLAG_HANDOFF;
  del_waiter(sem, waiter);
  sem.count |= RWSEM_WRITER_LOCKED;
  set_owner(sem, k.current);
  notify_spinners(k, sem);
  return true;
}
