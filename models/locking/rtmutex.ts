/*
 * Mutexes with priority inheritance, kernel/locking/rtmutex.c: whoever waits lends its priority
 * to the owner, and to whomever the owner waits for in turn. The waiter of the best priority is
 * the next; only a better one may take the mutex before it. As long as the owner runs on another
 * CPU, the first waiter spins.
 * Left out: the proxy functions of futexes; deadline tasks.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { report_rtmutex_deadlock } from '../sched/atomic.ts';
import { might_sleep, wake_up_process } from '../sched/core.ts';
import { rt_mutex_setprio } from '../sched/setscheduler.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from '../sched/task.ts';
import { LOCK_TRY, Lock, type Nesting } from './lock.ts';
import { owner_on_cpu, spinUntil } from './osq_lock.ts';

/** All fair tasks are alike to those who wait: the priority of nice 0. */
const DEFAULT_PRIO = 120;

interface Waiter {
  readonly task: Task;
  readonly lock: RtMutex;
  prio: number;
}

export class RtMutex extends Lock {
  readonly type = 'rt_mutex';
  owner: Task | null = null;
  heldSince = 0;
  /** The best priority first, equal ones in order of arrival. */
  readonly waiters: Waiter[] = [];

  /** What is lent and borrowed follows from it, and shows in the priorities. */
  override feed(into: Fingerprint): void {
    into.add(this.owner === null ? -1 : this.owner.pid);
    into.add(this.waiters.length);
    for (const { task, prio } of this.waiters) {
      into.add(task.pid);
      into.add(prio);
    }
  }
}

/** What tasks lend and borrow. */
interface Inheritance {
  /** The mutexes that it owns and others wait for. */
  readonly lent: Set<RtMutex>;
  blockedOn: Waiter | null;
}

const inheritances = new WeakMap<Task, Inheritance>();

function inheritance(task: Task): Inheritance {
  let found = inheritances.get(task);
  if (found === undefined) inheritances.set(task, (found = { lent: new Set(), blockedOn: null }));
  return found;
}

function prioOf({ isRt, prio }: Task): number {
  return isRt ? prio : DEFAULT_PRIO;
}

function enqueue(waiter: Waiter): void {
  const { waiters } = waiter.lock;
  const at = waiters.findIndex((other) => waiter.prio < other.prio);
  waiters.splice(at < 0 ? waiters.length : at, 0, waiter);
}

function dequeue(waiter: Waiter): void {
  const { waiters } = waiter.lock;
  waiters.splice(waiters.indexOf(waiter), 1);
}

/** rt_mutex_adjust_prio_chain(): from the owner of `lock` on, as long as priorities change. */
function adjust_chain(cpu: Cpu, lock: RtMutex): void {
  for (let at = lock; at.owner !== null;) {
    const { owner } = at;
    const { lent, blockedOn } = inheritance(owner);
    if (at.waiters.length > 0) lent.add(at);
    else lent.delete(at);
    adjust_prio(cpu, owner);
    if (blockedOn === null || blockedOn.prio === prioOf(owner)) return;
    dequeue(blockedOn);
    blockedOn.prio = prioOf(owner);
    enqueue(blockedOn);
    at = blockedOn.lock;
  }
}

/** The best of those who wait for what the task owns lends it its priority. */
function adjust_prio(cpu: Cpu, task: Task): void {
  let best: Task | null = null;
  for (const { waiters } of inheritance(task).lent) {
    const { task: first } = waiters[0]!;
    if (best === null || prioOf(first) < prioOf(best)) best = first;
  }
  rt_mutex_setprio(cpu, task, best !== null && best.isRt ? best : null);
}

/** Takes a free mutex, unless a waiter of the same or a better priority is first. */
function try_to_take(k: Context, lock: RtMutex, waiter: Waiter | null): boolean {
  const { current } = k;
  if (lock.owner !== null) return false;
  const [top] = lock.waiters;
  if (top !== undefined && top !== waiter && prioOf(current) >= top.prio) return false;
  if (waiter !== null) dequeue(waiter);
  inheritance(current).blockedOn = null;
  lock.owner = current;
  lock.heldSince = k.machine.sim.now;
  lock.noteTaken(k);
  if (lock.waiters.length > 0) adjust_chain(k.cpu, lock);
  return true;
}

function* lock_common(k: Context, lock: RtMutex, state: number, nesting?: Nesting): Code<number> {
  yield* might_sleep(k, 'rt_mutex_lock');
  lock.traceAcquire(k, 0, nesting);
  return yield* lock_traced(k, lock, state);
}

function* lock_traced(k: Context, lock: RtMutex, state: number): Code<number> {
  yield k.step(lock, k.machine.costs.lock);
  if (try_to_take(k, lock, null)) return 0;
  // It tells itself, so nobody else has to look for a circle.
  if (lock.owner === k.current) yield* handle_deadlock(k, lock);
  const since = k.machine.sim.now;
  lock.noteContended(k);
  const result = yield* wait_for_it(k, lock, state);
  if (result === 0) lock.noteWaited(k, since);
  else lock.traceGivenUp(k);
  yield* preempt_check_resched(k);
  return result;
}

/** The owner waits for itself: it sleeps for ever. */
function* handle_deadlock(k: Context, lock: RtMutex): Code {
  report_rtmutex_deadlock(k.cpu, lock.name);
  for (;;) {
    k.current.state = TASK_INTERRUPTIBLE;
    k.current.waitingFor = lock.name;
    yield SCHEDULE;
  }
}

function* wait_for_it(k: Context, lock: RtMutex, state: number): Code<number> {
  const task = k.current;
  const waiter: Waiter = { task, lock, prio: prioOf(task) };
  task.state = state;
  enqueue(waiter);
  k.machine.optimisticSpinners.release(lock);
  inheritance(task).blockedOn = waiter;
  adjust_chain(k.cpu, lock);
  let result = 0;
  while (!try_to_take(k, lock, waiter)) {
    if (signal_pending_state(task, state)) {
      result = -errno.EINTR;
      dequeue(waiter);
      inheritance(task).blockedOn = null;
      adjust_chain(k.cpu, lock);
      break;
    }
    task.waitingFor = lock.name;
    if (!(yield* spin_on_owner(k, lock, waiter))) yield SCHEDULE;
    task.state = state;
  }
  task.state = TASK_RUNNING;
  return result;
}

/** rtmutex_spin_on_owner(): true if it is worth another try. */
function* spin_on_owner(k: Context, lock: RtMutex, waiter: Waiter): Code<boolean> {
  const { owner } = lock;
  if (!k.machine.era.rtMutexSpins || owner === null || lock.waiters[0] !== waiter) return false;
  const asBefore = (): boolean =>
    lock.owner === owner && lock.waiters[0] === waiter && owner_on_cpu(owner);
  if (!asBefore() || k.cpu.need_resched) return lock.owner !== owner;
  yield* spinUntil(k, lock, () => !asBefore() || k.cpu.need_resched);
  return lock.owner !== owner;
}

export function* rt_mutex_lock(k: Context, lock: RtMutex, nesting?: Nesting): Code {
  yield* lock_common(k, lock, TASK_UNINTERRUPTIBLE, nesting);
}

/** 0, or -EINTR when a signal came first. */
export function rt_mutex_lock_interruptible(k: Context, lock: RtMutex): Code<number> {
  return lock_common(k, lock, TASK_INTERRUPTIBLE);
}

/** 0, or -EINTR when a fatal signal came first. */
export function rt_mutex_lock_killable(k: Context, lock: RtMutex): Code<number> {
  return lock_common(k, lock, TASK_KILLABLE);
}

/** Returns 1 if it got the mutex. */
export function* rt_mutex_trylock(k: Context, lock: RtMutex): Code<number> {
  yield k.step(lock, k.machine.costs.lock);
  if (!try_to_take(k, lock, null)) return 0;
  lock.traceAcquire(k, LOCK_TRY);
  return 1;
}

/** The owner loses what it borrowed, then the first waiter is woken and takes the mutex itself. */
export function* rt_mutex_unlock(k: Context, lock: RtMutex): Code {
  yield k.step(lock, k.machine.costs.unlock);
  rt_mutex_futex_unlock(k, lock);
  yield* preempt_check_resched(k);
}

/** The same of a mutex that belongs to a futex: it was the program that made the step. */
export function rt_mutex_futex_unlock(k: Context, lock: RtMutex): void {
  lock.noteReleased(k, lock.heldSince);
  const { owner } = lock;
  lock.owner = null;
  if (owner !== null && inheritance(owner).lent.delete(lock)) adjust_prio(k.cpu, owner);
  k.machine.optimisticSpinners.release(lock);
  const [first] = lock.waiters;
  if (first !== undefined) wake_up_process(k.cpu, first.task);
}

/** Takes it for a futex if it is free. */
export function rt_mutex_futex_trylock(k: Context, lock: RtMutex): boolean {
  return try_to_take(k, lock, null);
}

/** Waits for a mutex that belongs to a futex, whose lock_acquire row is written. */
export function* rt_mutex_futex_lock(k: Context, lock: RtMutex): Code<number> {
  yield* might_sleep(k, 'futex_lock_pi');
  return yield* lock_traced(k, lock, TASK_INTERRUPTIBLE);
}

/** A mutex like new, whoever holds it or waits for it. */
export function rt_mutex_init(k: Context, lock: RtMutex): void {
  lock.traceFreed(k);
  if (lock.owner !== null && inheritance(lock.owner).lent.delete(lock)) {
    adjust_prio(k.cpu, lock.owner);
  }
  lock.owner = null;
  lock.waiters.length = 0;
}
