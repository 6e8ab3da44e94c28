/*
 * Mutexes, kernel/locking/mutex.c: the owner releases before the first waiter is woken, so a task
 * that runs may take it first; since 4.9 a first waiter woken in vain gets it handed over
 * the next time.
 * Left out: optimistic spinning on a running owner.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { might_sleep, wake_up_process } from '../sched/core.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from '../sched/task.ts';
import { LOCK_TRY, Lock } from './lock.ts';

export class Mutex extends Lock {
  readonly type = 'mutex';
  owner: Task | null = null;
  heldSince = 0;
  readonly waiters: Task[] = [];
  /** MUTEX_FLAG_HANDOFF: the next unlock gives it to the first waiter. */
  handoff = false;
}

function take(k: Context, mutex: Mutex): void {
  mutex.owner = k.current;
  mutex.heldSince = k.machine.sim.now;
  mutex.acquired++;
}

function* lock_common(k: Context, mutex: Mutex, state: number): Code<number> {
  mutex.traceAcquire(k, 0);
  yield k.step(mutex, k.machine.costs.lock);
  if (mutex.owner === null) {
    take(k, mutex);
    return 0;
  }
  return yield* lock_slowpath(k, mutex, state);
}

function* lock_slowpath(k: Context, mutex: Mutex, state: number): Code<number> {
  const since = k.machine.sim.now;
  const task = k.current;
  mutex.noteContended(k);
  mutex.waiters.push(task);
  let result = 0;
  for (;;) {
    task.state = state;
    task.waitingFor = mutex.name;
    if (mutex.owner === task) break;
    if (mutex.owner === null) {
      take(k, mutex);
      break;
    }
    if (signal_pending_state(task)) {
      result = -errno.EINTR;
      break;
    }
    yield SCHEDULE;
    const inVain = mutex.owner !== null && mutex.owner !== task;
    if (inVain && mutex.waiters[0] === task) mutex.handoff = k.machine.era.mutexHandoff;
  }
  task.state = TASK_RUNNING;
  mutex.waiters.splice(mutex.waiters.indexOf(task), 1);
  if (mutex.waiters.length === 0) mutex.handoff = false;
  if (result === 0) mutex.noteWaited(k, since);
  return result;
}

export function* mutex_lock(k: Context, mutex: Mutex): Code {
  yield* might_sleep(k, 'mutex_lock');
  yield* lock_common(k, mutex, TASK_UNINTERRUPTIBLE);
}

/** 0, or -EINTR when a signal came first. */
export function* mutex_lock_interruptible(k: Context, mutex: Mutex): Code<number> {
  yield* might_sleep(k, 'mutex_lock_interruptible');
  return yield* lock_common(k, mutex, TASK_INTERRUPTIBLE);
}

export function* mutex_lock_killable(k: Context, mutex: Mutex): Code<number> {
  yield* might_sleep(k, 'mutex_lock_killable');
  return yield* lock_common(k, mutex, TASK_KILLABLE);
}

/** Returns 1 if it got the mutex. */
export function* mutex_trylock(k: Context, mutex: Mutex): Code<number> {
  mutex.traceAcquire(k, LOCK_TRY);
  yield k.step(mutex, k.machine.costs.lock);
  if (mutex.owner !== null) return 0;
  take(k, mutex);
  return 1;
}

export function* mutex_unlock(k: Context, mutex: Mutex): Code {
  yield k.step(mutex, k.machine.costs.unlock);
  mutex.noteReleased(k, mutex.heldSince);
  const first = mutex.waiters[0];
  mutex.owner = null;
  if (first === undefined) return;
  if (mutex.handoff) {
    mutex.handoff = false;
    mutex.owner = first;
    mutex.heldSince = k.machine.sim.now;
    mutex.acquired++;
  }
  wake_up_process(k.cpu, first);
  yield* preempt_check_resched(k);
}

export function mutex_is_locked(mutex: Mutex): number {
  return mutex.owner === null ? 0 : 1;
}
