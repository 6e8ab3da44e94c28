/*
 * Mutexes, kernel/locking/mutex.c. The owner releases before the first waiter is woken, so a task
 * that runs may take it first; since 4.9 a first waiter woken in vain asks for it
 * (MUTEX_FLAG_HANDOFF), and the next unlock makes it the owner, who only has to pick it up
 * (MUTEX_FLAG_PICKUP). As long as the owner runs on another CPU it will release soon, so a task
 * spins before it sleeps (CONFIG_MUTEX_SPIN_ON_OWNER; until 3.15 without a queue of spinners:
 * kernel/mutex.c of 2.6.32).
 * Left out: the wait_lock, which is never held for long; wound/wait mutexes.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { preempt_check_resched, preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { might_sleep, schedule_preempt_disabled, wake_up_process } from '../sched/core.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from '../sched/task.ts';
import { LOCK_TRY, Lock, type Nesting } from './lock.ts';
import { OptimisticSpinQueue, osq_lock, osq_unlock, owner_on_cpu, spinUntil } from './osq_lock.ts';

export class Mutex extends Lock {
  readonly type = 'mutex';
  owner: Task | null = null;
  heldSince = 0;
  readonly waiters: Task[] = [];
  /** The next unlock gives it to the first waiter. */
  handoff = false;
  /** It was given to `owner`, who does not know it yet. */
  pickup = false;
  readonly osq = new OptimisticSpinQueue();

  override feed(into: Fingerprint): void {
    into.add(this.owner === null ? -1 : this.owner.pid);
    into.add((this.handoff ? 1 : 0) + (this.pickup ? 2 : 0));
    into.add(this.waiters.length);
    for (const { pid } of this.waiters) into.add(pid);
    this.osq.feed(into);
  }
}

/** Takes a mutex that is free or meant for this task; if not, a first waiter asks for it. */
function trylock_or_handoff(k: Context, mutex: Mutex, asks: boolean): boolean {
  const { current } = k;
  if (mutex.owner !== null) {
    if (!mutex.pickup && asks) mutex.handoff = k.machine.era.mutexHandoff;
    if (!mutex.pickup || mutex.owner !== current) return false;
  }
  mutex.pickup = false;
  mutex.owner = current;
  mutex.heldSince = k.machine.sim.now;
  mutex.noteTaken(k);
  return true;
}

function trylock(k: Context, mutex: Mutex): boolean {
  return trylock_or_handoff(k, mutex, false);
}

/** It is free, or promised: a spinner takes it at once, before the waiter that is woken. */
function notify_spinners(k: Context, mutex: Mutex): void {
  const { machine } = k;
  const anybody = machine.era.mutexSpin === 'anybody';
  const first = (count: number): number => machine.door.choose('arbitration', count);
  machine.optimisticSpinners.release(mutex, anybody ? first : undefined);
}

/** True if it took the mutex, preemption being off. `waiter`: the first of those who wait. */
function* mutex_optimistic_spin(k: Context, mutex: Mutex, waiter: boolean): Code<boolean> {
  switch (k.machine.era.mutexSpin) {
    case 'nobody':
      return false;
    case 'anybody':
      return !waiter && (yield* spin_and_take(k, mutex));
    case 'queued':
      if (yield* spin_queued(k, mutex, waiter)) return true;
      if (k.cpu.need_resched) {
        k.current.state = TASK_RUNNING;
        yield* schedule_preempt_disabled(k);
      }
      return false;
  }
}

/** A waiter spins beside the head of the queue of spinners, not in it. */
function* spin_queued(k: Context, mutex: Mutex, waiter: boolean): Code<boolean> {
  if (waiter) return yield* spin_and_take(k, mutex);
  if (!can_spin_on_owner(k, mutex) || !(yield* osq_lock(k, mutex.osq))) return false;
  const taken = yield* spin_and_take(k, mutex);
  osq_unlock(k, mutex.osq);
  return taken;
}

function can_spin_on_owner(k: Context, { owner }: Mutex): boolean {
  return !k.cpu.need_resched && (owner === null || owner_on_cpu(owner));
}

/** Until the owner, whoever it is by then, sleeps, or this CPU should do something else. */
function* spin_and_take(k: Context, mutex: Mutex): Code<boolean> {
  let taken = trylock(k, mutex);
  if (taken) return true;
  yield* spinUntil(k, mutex, () => {
    taken = trylock(k, mutex);
    return taken || k.cpu.need_resched || !owner_on_cpu(mutex.owner!);
  });
  if (taken) k.spend(k.machine.costs.handover);
  return taken;
}

function* lock_common(k: Context, mutex: Mutex, state: number, nesting?: Nesting): Code<number> {
  mutex.traceAcquire(k, 0, nesting);
  yield k.step(mutex, k.machine.costs.lock);
  if (trylock(k, mutex)) return 0;
  const since = k.machine.sim.now;
  mutex.noteContended(k);
  preempt_disable(k);
  let result = 0;
  const got = (yield* mutex_optimistic_spin(k, mutex, false)) || trylock(k, mutex);
  if (!got) result = yield* wait_in_queue(k, mutex, state);
  if (result === 0) mutex.noteWaited(k, since);
  else mutex.traceGivenUp(k);
  yield* preempt_enable(k);
  return result;
}

function* wait_in_queue(k: Context, mutex: Mutex, state: number): Code<number> {
  const task = k.current;
  let result = 0;
  mutex.waiters.push(task);
  task.state = state;
  for (;;) {
    if (trylock(k, mutex)) break;
    if (signal_pending_state(task, state)) {
      result = -errno.EINTR;
      break;
    }
    task.waitingFor = mutex.name;
    yield* schedule_preempt_disabled(k);
    const first = mutex.waiters[0] === task;
    task.state = state;
    if (trylock_or_handoff(k, mutex, first)) break;
    if (first && (yield* mutex_optimistic_spin(k, mutex, true))) break;
  }
  task.state = TASK_RUNNING;
  mutex.waiters.splice(mutex.waiters.indexOf(task), 1);
  if (mutex.waiters.length === 0) mutex.handoff = false;
  return result;
}

export function* mutex_lock(k: Context, mutex: Mutex, nesting?: Nesting): Code {
  yield* might_sleep(k, 'mutex_lock');
  yield* lock_common(k, mutex, TASK_UNINTERRUPTIBLE, nesting);
}

/** 0, or -EINTR when a signal came first. */
export function* mutex_lock_interruptible(k: Context, mutex: Mutex): Code<number> {
  yield* might_sleep(k, 'mutex_lock_interruptible');
  return yield* lock_common(k, mutex, TASK_INTERRUPTIBLE);
}

/** 0, or -EINTR when a fatal signal came first. */
export function* mutex_lock_killable(k: Context, mutex: Mutex): Code<number> {
  yield* might_sleep(k, 'mutex_lock_killable');
  return yield* lock_common(k, mutex, TASK_KILLABLE);
}

/** Returns 1 if it got the mutex. */
export function* mutex_trylock(k: Context, mutex: Mutex): Code<number> {
  yield k.step(mutex, k.machine.costs.lock);
  if (!trylock(k, mutex)) return 0;
  mutex.traceAcquire(k, LOCK_TRY);
  return 1;
}

export function* mutex_unlock(k: Context, mutex: Mutex): Code {
  yield k.step(mutex, k.machine.costs.unlock);
  mutex.noteReleased(k, mutex.heldSince);
  const [first] = mutex.waiters;
  mutex.pickup = mutex.handoff && first !== undefined;
  mutex.owner = mutex.pickup ? first! : null;
  mutex.handoff = false;
  notify_spinners(k, mutex);
  if (first === undefined) return;
  yield* preempt_check_resched(k);
  wake_up_process(k.cpu, first);
  yield* preempt_check_resched(k);
}

/** A mutex like new, whoever holds it or waits for it. */
export function mutex_init(k: Context, mutex: Mutex): void {
  mutex.traceFreed(k);
  mutex.owner = null;
  mutex.handoff = false;
  mutex.pickup = false;
  mutex.waiters.length = 0;
}

export function mutex_is_locked(mutex: Mutex): number {
  return mutex.owner === null ? 0 : 1;
}
