/*
 * Waiting for one work, and taking it back: flush_work and the cancel functions of
 * kernel/workqueue.c, Linux 6.1. A barrier is a work of its own that stands behind the one that is
 * waited for, in the list of whoever executes that.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { errno } from '../errno.ts';
import { sync_done, sync_wait } from '../hooks.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { wait_for_completion } from '../sched/completion.ts';
import { might_sleep } from '../sched/core.ts';
import { TASK_NORMAL, TASK_UNINTERRUPTIBLE } from '../sched/task.ts';
import {
  WaitEntry,
  __wake_up,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
} from '../sched/wait.ts';
import { del_timer } from '../time/timer.ts';
import { Barrier } from './barrier.ts';
import type { Worker } from './pool.ts';
import { withInterruptsOff, type PoolWorkqueue } from './pwq.ts';
import { __queue_delayed_work, type DelayedWork, type Work, type Workqueue } from './work.ts';

/** How long a vain attempt to get hold of a work takes where costs are zero. */
const VAIN_ATTEMPT_NS = 1_000;

/** Waits until the last queueing of the work has been executed; 0 if there was none. */
export function* flush_work(k: Context, work: Work): Code<number> {
  yield* might_sleep(k, 'flush_work');
  yield k.step(work, k.machine.costs.lock);
  const worker = work.pool?.find_worker_executing_work(work) ?? null;
  const pwq = work.pwq ?? worker?.current_pwq ?? null;
  if (pwq === null) {
    load_acquire(k.cpu, ORDER.work, work.name);
    return 0;
  }
  const barrier = new Barrier(work.name);
  insert_wq_barrier(k.cpu, pwq, barrier, work, work.pwq === null ? worker : null);
  sync_wait(k, work.name, 'sleeps');
  yield* wait_for_completion(k, barrier.done);
  sync_done(k, work.name);
  load_acquire(k.cpu, ORDER.work, work.name);
  return 1;
}

/** Behind the pending `target`, or first of all in the list of the worker that executes it. */
function insert_wq_barrier(
  cpu: Cpu,
  pwq: PoolWorkqueue,
  barrier: Barrier,
  target: Work,
  worker: Worker | null,
): void {
  barrier.inactive = true;
  let list: Work[];
  let at = 0;
  if (worker !== null) {
    list = worker.scheduled;
    barrier.color = worker.current_color;
  } else {
    list = target.list!;
    at = list.indexOf(target) + 1;
    barrier.linked = target.linked;
    barrier.color = target.color;
    target.linked = true;
  }
  pwq.nr_in_flight[barrier.color]!++;
  pwq.insert_work(cpu, barrier, list, at);
}

/**
 * Takes the work out of its queue or timer and keeps it pending: 1 if it was queued, 0 if it was
 * not, -ENOENT while somebody else cancels it, -EAGAIN if it is on its way.
 */
function try_to_grab_pending(cpu: Cpu, work: Work, dwork: DelayedWork | null): number {
  if (dwork !== null && del_timer(cpu, dwork.timer) === 1) return 1;
  if (!work.pending) {
    work.pending = true;
    return 0;
  }
  const { pwq } = work;
  if (pwq === null) return work.canceling ? -errno.ENOENT : -errno.EAGAIN;
  if (work.inactive) pwq.pwq_activate_inactive_work(cpu, work);
  work.unlist();
  pwq.pwq_dec_nr_in_flight(cpu, work.color, true);
  work.pwq = null;
  work.pool = pwq.pool;
  work.linked = false;
  return 1;
}

function* grab(k: Context, work: Work, dwork: DelayedWork | null): Code<number> {
  yield k.step(work, k.machine.costs.lock);
  for (;;) {
    let got = 0;
    withInterruptsOff(k.cpu, () => (got = try_to_grab_pending(k.cpu, work, dwork)));
    if (got !== -errno.EAGAIN) return got;
    yield VAIN_ATTEMPT_NS;
  }
}

export function* __cancel_work(k: Context, work: Work, dwork: DelayedWork | null): Code<number> {
  const got = yield* grab(k, work, dwork);
  if (got < 0) return 0;
  work.pending = false;
  return got;
}

/** Nobody can queue the work meanwhile: it stays pending until it is surely not running. */
export function* __cancel_work_timer(
  k: Context,
  work: Work,
  dwork: DelayedWork | null,
): Code<number> {
  let got: number;
  while ((got = yield* grab(k, work, dwork)) < 0) yield* otherCanceller(k, work);
  work.canceling = true;
  yield* flush_work(k, work);
  work.canceling = false;
  work.pending = false;
  work.pool = null;
  __wake_up(k.cpu, work.cancelWait, TASK_NORMAL, 1);
  return got;
}

/** Sleeps until the one who cancels the work at the moment is done. */
function* otherCanceller(k: Context, work: Work): Code {
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  prepare_to_wait_exclusive(k, work.cancelWait, entry, TASK_UNINTERRUPTIBLE);
  if (work.canceling) yield SCHEDULE;
  finish_wait(k, entry);
}

/** Queues it after another delay, pending or not; 1 if it was pending, or is being cancelled. */
export function* mod_delayed_work(
  k: Context,
  wq: Workqueue,
  dwork: DelayedWork,
  delay: number,
): Code<number> {
  const got = yield* grab(k, dwork.work, dwork);
  store_release(k.cpu, ORDER.work, dwork.work.name);
  if (got >= 0) __queue_delayed_work(k.cpu, null, wq, dwork, delay);
  return got === 0 ? 0 : 1;
}
