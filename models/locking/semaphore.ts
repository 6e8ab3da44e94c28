/*
 * Counting semaphores, both algorithms.
 *
 * fifo (kernel/semaphore.c since 2.6.26): a list of waiters, `up` hands over to the first, nobody
 * barges in. twoCounter (lib/semaphore-sleepers.c, until 2.6.25): an atomic count and a number of
 * sleepers; a running task may take what a woken sleeper was promised, and down_trylock decrements
 * first and repairs later, so two CPUs can both fail although the semaphore is free.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
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
import {
  WaitEntry,
  WaitQueueHead,
  add_wait_queue_exclusive,
  remove_wait_queue,
  wake_up,
} from '../sched/wait.ts';
import { MAX_SCHEDULE_TIMEOUT } from '../time/jiffies.ts';
import { schedule_timeout } from '../time/sleep.ts';
import { LOCK_TRY, Lock } from './lock.ts';

interface Waiter {
  readonly task: Task;
  /** Set by `up`: the semaphore is this waiter's. */
  up: boolean;
}

export class Semaphore extends Lock {
  readonly type = 'semaphore';
  count: number;
  readonly waiters: Waiter[] = [];
  /** twoCounter only. */
  sleepers = 0;
  readonly wait: WaitQueueHead;

  constructor(name: string, count: number) {
    super(name);
    this.count = count;
    this.wait = new WaitQueueHead(name);
  }

  override feed(into: Fingerprint): void {
    into.add(this.count);
    into.add(this.sleepers);
    into.add(this.waiters.length);
    for (const { task } of this.waiters) into.add(task.pid);
    this.wait.feed(into);
  }

  protected override get tracked(): boolean {
    return false;
  }
}

/** 0 with the semaphore held; -EINTR by a signal, -ETIME by the timeout (jiffies). */
function* down_common(k: Context, sem: Semaphore, state: number, timeout: number): Code<number> {
  sem.traceAcquire(k, 0);
  yield k.step(sem, k.machine.costs.lock);
  const slow = k.machine.era.semaphore === 'fifo' ? down_fifo : down_two_counter;
  const result = yield* slow(k, sem, state, timeout);
  if (result === 0) sem.noteTaken(k);
  else sem.traceGivenUp(k);
  yield* preempt_check_resched(k);
  return result;
}

function* down_fifo(k: Context, sem: Semaphore, state: number, timeout: number): Code<number> {
  if (sem.count > 0) {
    sem.count--;
    return 0;
  }
  const since = k.machine.sim.now;
  sem.noteContended(k);
  const waiter: Waiter = { task: k.current, up: false };
  sem.waiters.push(waiter);
  let left = timeout;
  for (;;) {
    k.current.state = state;
    k.current.waitingFor = sem.name;
    const failure = signal_pending_state(k.current) ? errno.EINTR : left <= 0 ? errno.ETIME : 0;
    if (failure !== 0) {
      k.current.state = TASK_RUNNING;
      sem.waiters.splice(sem.waiters.indexOf(waiter), 1);
      return -failure;
    }
    left = yield* schedule_timeout(k, left);
    if (waiter.up) {
      sem.noteWaited(k, since);
      return 0;
    }
  }
}

/**
 * __down() and __down_interruptible(). Killable sleeps and timeouts, which came with the other
 * algorithm, end as the interruptible one does.
 */
function* down_two_counter(
  k: Context,
  sem: Semaphore,
  state: number,
  timeout: number,
): Code<number> {
  sem.count--;
  if (sem.count >= 0) return 0;
  const since = k.machine.sim.now;
  sem.noteContended(k);
  const entry = new WaitEntry(k.current);
  k.current.state = state;
  k.current.waitingFor = sem.name;
  add_wait_queue_exclusive(sem.wait, entry);
  sem.sleepers++;
  let result = 0;
  let left = timeout;
  for (;;) {
    const failure = signal_pending_state(k.current) ? errno.EINTR : left <= 0 ? errno.ETIME : 0;
    if (failure !== 0) {
      result = -failure;
      sem.count += sem.sleepers;
      sem.sleepers = 0;
      break;
    }
    sem.count += sem.sleepers - 1;
    if (sem.count >= 0) {
      sem.sleepers = 0;
      break;
    }
    sem.sleepers = 1;
    left = yield* schedule_timeout(k, left);
    k.current.state = state;
  }
  k.current.state = TASK_RUNNING;
  remove_wait_queue(entry);
  wake_up(k.cpu, sem.wait);
  if (result === 0) sem.noteWaited(k, since);
  return result;
}

export function* down(k: Context, sem: Semaphore): Code {
  yield* might_sleep(k, 'down');
  yield* down_common(k, sem, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

/** 0, or -EINTR when a signal came first. */
export function* down_interruptible(k: Context, sem: Semaphore): Code<number> {
  yield* might_sleep(k, 'down_interruptible');
  return yield* down_common(k, sem, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

/** 0, or -EINTR when a fatal signal came first. */
export function* down_killable(k: Context, sem: Semaphore): Code<number> {
  yield* might_sleep(k, 'down_killable');
  return yield* down_common(k, sem, TASK_KILLABLE, MAX_SCHEDULE_TIMEOUT);
}

/** 0, or -ETIME after `timeout` jiffies. */
export function* down_timeout(k: Context, sem: Semaphore, timeout: number): Code<number> {
  yield* might_sleep(k, 'down_timeout');
  return yield* down_common(k, sem, TASK_UNINTERRUPTIBLE, timeout);
}

/** 0 if it got the semaphore, 1 if not: the opposite of spin_trylock and mutex_trylock. */
export function* down_trylock(k: Context, sem: Semaphore): Code<number> {
  yield k.step(sem, k.machine.costs.lock);
  const fifo = k.machine.era.semaphore === 'fifo';
  const taken = !fifo || sem.count > 0;
  if (taken) sem.count--;
  if (!fifo && sem.count < 0) return yield* repair_trylock(k, sem);
  if (taken) {
    sem.noteTaken(k);
    sem.traceAcquire(k, LOCK_TRY);
  }
  if (fifo) yield* preempt_check_resched(k);
  return taken ? 0 : 1;
}

/** __down_trylock(): takes its decrement back; by then the semaphore may have become free. */
function* repair_trylock(k: Context, sem: Semaphore): Code<number> {
  yield k.step(sem, k.machine.costs.lock);
  sem.count += sem.sleepers + 1;
  sem.sleepers = 0;
  if (sem.count >= 0) wake_up(k.cpu, sem.wait);
  return 1;
}

/** May be called from any context, also by another task than the one that took it. */
export function* up(k: Context, sem: Semaphore): Code {
  yield k.step(sem, k.machine.costs.unlock);
  sem.noteReleased(k, k.machine.sim.now);
  if (k.machine.era.semaphore === 'twoCounter') {
    sem.count++;
    if (sem.count <= 0) wake_up(k.cpu, sem.wait);
  } else {
    up_fifo(k, sem);
  }
  yield* preempt_check_resched(k);
}

function up_fifo(k: Context, sem: Semaphore): void {
  const waiter = sem.waiters.shift();
  if (waiter === undefined) {
    sem.count++;
  } else {
    waiter.up = true;
    wake_up_process(k.cpu, waiter.task);
  }
}
