/*
 * Workqueues with a thread of their own for each CPU, or a single thread, after kernel/workqueue.c
 * of 2.6.24 and 2.6.32: each thread executes the works of its list one by one, and while one sleeps
 * the others wait.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { kthread_create, kthread_should_stop, kthread_stop } from '../kthread.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import { wait_for_completion } from '../sched/completion.ts';
import { might_sleep, wake_up_process } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, type Task } from '../sched/task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait,
  wake_up,
} from '../sched/wait.ts';
import { del_timer, del_timer_sync } from '../time/timer.ts';
import { Barrier } from './barrier.ts';
import { execute } from './execute.ts';
import { reportDestroyed, type DelayedWork, type Work, type Workqueue } from './work.ts';

/** struct cpu_workqueue_struct: one thread and its works. */
export class CpuWorkqueue {
  readonly wq: ThreadedWorkqueue;
  readonly worklist: Work[] = [];
  readonly more_work: WaitQueueHead;
  current_work: Work | null = null;
  readonly thread: Task;

  /** `cpu`: null for the single thread of a queue, which runs anywhere. */
  constructor(machine: Machine, wq: ThreadedWorkqueue, cpu: Cpu | null) {
    this.wq = wq;
    const name = cpu === null ? wq.name : `${wq.name}/${cpu.id}`;
    this.more_work = new WaitQueueHead(name);
    this.thread = kthread_create(machine, (k) => worker_thread(k, this), {
      name,
      ...(cpu === null ? {} : { cpu: cpu.id, allowed: [cpu.id] }),
    });
    wake_up_process(cpu ?? machine.cpus[0]!, this.thread);
  }

  insert_work(from: Cpu, work: Work, at: number): void {
    work.cwq = this;
    work.enlist(this.worklist, at);
    wake_up(from, this.more_work);
  }

  /** Waits for a barrier that it puts at `at`. */
  *waitFor(k: Context, target: string, at: number): Code {
    const barrier = new Barrier(target);
    this.insert_work(k.cpu, barrier, at);
    yield* wait_for_completion(k, barrier.done);
  }

  /** A thread that flushes its own queue executes it itself (until 2.6.30), or waits for ever. */
  *flush(k: Context): Code {
    if (this.thread === k.current && k.machine.era.flushRunsOwnQueue) {
      yield* run_workqueue(k, this);
    } else if (this.worklist.length > 0 || this.current_work !== null) {
      yield* this.waitFor(k, this.wq.name, this.worklist.length);
    }
  }
}

export class ThreadedWorkqueue implements Workqueue {
  readonly name: string;
  private readonly cwqs: readonly CpuWorkqueue[];
  private destroyed = false;

  constructor(machine: Machine, name: string, singlethread: boolean) {
    this.name = name;
    this.cwqs = singlethread
      ? [new CpuWorkqueue(machine, this, null)]
      : machine.cpus.map((cpu) => new CpuWorkqueue(machine, this, cpu));
  }

  insert(from: Cpu, cpu: Cpu | null, work: Work): void {
    if (this.destroyed) {
      reportDestroyed(from, this.name);
      return;
    }
    const cwq = this.cwqs[this.cwqs.length === 1 ? 0 : (cpu ?? from).id]!;
    cwq.insert_work(from, work, cwq.worklist.length);
  }

  *flush(k: Context): Code {
    yield* might_sleep(k, 'flush_workqueue');
    yield k.step(this, k.machine.costs.lock);
    for (const cwq of this.cwqs) yield* cwq.flush(k);
  }

  /** Waits wherever the work is being executed. */
  *wait_on_work(k: Context, work: Work): Code {
    for (const cwq of this.cwqs) {
      if (cwq.current_work === work) yield* cwq.waitFor(k, work.name, 0);
    }
  }

  *destroy(k: Context): Code {
    for (const cwq of this.cwqs) {
      yield* cwq.flush(k);
      yield* kthread_stop(k, cwq.thread);
    }
    this.destroyed = true;
  }
}

function* worker_thread(k: Context, cwq: CpuWorkqueue): Code<number> {
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  for (;;) {
    prepare_to_wait(k, cwq.more_work, entry, TASK_INTERRUPTIBLE);
    yield k.step(cwq, k.machine.costs.lock);
    if (!kthread_should_stop(k) && cwq.worklist.length === 0) yield SCHEDULE;
    finish_wait(k, entry);
    if (kthread_should_stop(k)) return 0;
    yield* run_workqueue(k, cwq);
  }
}

function* run_workqueue(k: Context, cwq: CpuWorkqueue): Code {
  for (let work = cwq.worklist[0]; work !== undefined; work = cwq.worklist[0]) {
    cwq.current_work = work;
    work.unlist();
    work.pending = false;
    yield* execute(k, work);
    store_release(k.cpu, ORDER.workqueue, cwq.wq.name);
    yield k.step(cwq, k.machine.costs.lock);
    cwq.current_work = null;
  }
}

export function* flush_work(k: Context, work: Work): Code<number> {
  yield* might_sleep(k, 'flush_work');
  yield k.step(work, k.machine.costs.lock);
  const { cwq } = work;
  if (cwq === null) return 0;
  const at = cwq.worklist.indexOf(work) + 1;
  const waits = at > 0 || cwq.current_work === work;
  if (waits) yield* cwq.waitFor(k, work.name, at);
  load_acquire(k.cpu, ORDER.work, work.name);
  return waits ? 1 : 0;
}

/** Keeps the work pending: 1 if it was queued, 0 if it was not, -1 if somebody else has it. */
function try_to_grab_pending(work: Work): number {
  if (!work.pending) {
    work.pending = true;
    return 0;
  }
  if (work.list === null) return -1;
  work.unlist();
  return 1;
}

/** How long a vain attempt takes where costs are zero: it is repeated until it succeeds. */
const VAIN_ATTEMPT_NS = 1_000;

/** cancel_work_sync(), and with `dwork` cancel_delayed_work_sync(). */
export function* __cancel_work_timer(
  k: Context,
  work: Work,
  dwork: DelayedWork | null,
): Code<number> {
  for (;;) {
    yield k.step(work, k.machine.costs.lock);
    const timed = dwork !== null && del_timer(k.cpu, dwork.timer) === 1;
    const got = timed ? 1 : try_to_grab_pending(work);
    yield* might_sleep(k, 'cancel_work_sync');
    if (work.cwq !== null) yield* work.cwq.wq.wait_on_work(k, work);
    load_acquire(k.cpu, ORDER.work, work.name);
    if (got < 0) {
      yield VAIN_ATTEMPT_NS;
      continue;
    }
    work.pending = false;
    return got;
  }
}

/** Stops the timer only: a work that is queued already stays so. */
export function* cancel_delayed_work(k: Context, dwork: DelayedWork): Code<number> {
  yield k.step(dwork.work, k.machine.costs.lock);
  const stopped = yield* del_timer_sync(k, dwork.timer);
  if (stopped === 1) dwork.work.pending = false;
  return stopped;
}
