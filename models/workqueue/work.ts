/*
 * Works and delayed works: struct work_struct and delayed_work of include/linux/workqueue.h, and
 * what all kernels with workqueues do alike to queue them. Before 2.6.20 both were one structure.
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { ORDER, store_release } from '../instrumented.ts';
import { WaitQueueHead } from '../sched/wait.ts';
import { TimerList, mod_timer } from '../time/timer.ts';
import type { CpuWorkqueue } from './threads.ts';
import type { WorkerPool } from './pool.ts';
import type { PoolWorkqueue } from './pwq.ts';

export class Work {
  readonly name: string;
  readonly func: (k: Context) => Code;
  /** WORK_STRUCT_PENDING: waits for its execution, or somebody owns it to cancel it. */
  pending = false;
  /** The list that it stands in. */
  list: Work[] | null = null;
  /** Where it is queued (worker pools), and the pool that had it last. */
  pwq: PoolWorkqueue | null = null;
  pool: WorkerPool | null = null;
  /** Queued beyond max_active: it does not count as active yet. */
  inactive = false;
  /** WORK_STRUCT_LINKED: the next of the list goes to the same worker. */
  linked = false;
  /** Of its flush_workqueue generation. */
  color = 0;
  /** WORK_OFFQ_CANCELING: cancel_work_sync has it. */
  canceling = false;
  /** Those who wait until it can be cancelled. */
  readonly cancelWait: WaitQueueHead;
  /** Where it was queued last (a thread for each queue and CPU, until 2.6.35). */
  cwq: CpuWorkqueue | null = null;

  constructor(name: string, func: (k: Context) => Code) {
    this.name = name;
    this.func = func;
    this.cancelWait = new WaitQueueHead(name);
  }

  /** list_add_tail(&work->entry, ...): stands in `list` at `at`. */
  enlist(list: Work[], at: number): void {
    list.splice(at, 0, this);
    this.list = list;
  }

  /** list_del_init(&work->entry). */
  unlist(): void {
    const { list } = this;
    if (list === null) return;
    list.splice(list.indexOf(this), 1);
    this.list = null;
  }
}

export class DelayedWork {
  readonly work: Work;
  readonly timer: TimerList;
  wq: Workqueue | null = null;
  /** The CPU it was queued for; null: that of the timer. */
  cpu: Cpu | null = null;

  constructor(name: string, func: (k: Context) => Code) {
    this.work = new Work(name, func);
    this.timer = new TimerList(name, (k) => delayed_work_timer_fn(k, this));
  }
}

function* delayed_work_timer_fn(k: Context, dwork: DelayedWork): Code {
  dwork.wq!.insert(k.cpu, dwork.cpu, dwork.work);
}

/** struct workqueue_struct: how it executes works differs by era. */
export interface Workqueue {
  readonly name: string;
  /** __queue_work(): puts a work that is pending already on the queue of `cpu` or `from`. */
  insert(from: Cpu, cpu: Cpu | null, work: Work): void;
  flush(k: Context): Code;
  destroy(k: Context): Code;
}

/** Queues the work unless it is pending; returns 1 if it did. */
export function* queue_work_on(
  k: Context,
  cpu: Cpu | null,
  wq: Workqueue,
  work: Work,
): Code<number> {
  yield k.step(work, k.machine.costs.lock);
  return queueFrom(k.cpu, cpu, wq, work);
}

/** The same from outside of kernel code, in no time. */
export function queueFrom(from: Cpu, cpu: Cpu | null, wq: Workqueue, work: Work): number {
  return queuePending(from, work, () => wq.insert(from, cpu, work));
}

export function queue_work(k: Context, wq: Workqueue, work: Work): Code<number> {
  return queue_work_on(k, null, wq, work);
}

/** As queue_work_on after `delay` jiffies; pending from now on. */
export function* queue_delayed_work_on(
  k: Context,
  cpu: Cpu | null,
  wq: Workqueue,
  dwork: DelayedWork,
  delay: number,
): Code<number> {
  yield k.step(dwork.work, k.machine.costs.lock);
  return queuePending(k.cpu, dwork.work, () => __queue_delayed_work(k.cpu, cpu, wq, dwork, delay));
}

export function queue_delayed_work(
  k: Context,
  wq: Workqueue,
  dwork: DelayedWork,
  delay: number,
): Code<number> {
  return queue_delayed_work_on(k, null, wq, dwork, delay);
}

export function __queue_delayed_work(
  from: Cpu,
  cpu: Cpu | null,
  wq: Workqueue,
  dwork: DelayedWork,
  delay: number,
): void {
  if (delay <= 0) {
    wq.insert(from, cpu, dwork.work);
    return;
  }
  dwork.wq = wq;
  dwork.cpu = cpu;
  mod_timer(cpu ?? from, dwork.timer, from.machine.jiffies + delay);
}

function queuePending(from: Cpu, work: Work, act: () => void): number {
  store_release(from, ORDER.work, work.name);
  if (work.pending) return 0;
  work.pending = true;
  act();
  return 1;
}

/** A work is queued on a workqueue that is gone. */
export function reportDestroyed(cpu: Cpu, queue: string): void {
  const text = 'BUG: KASAN: slab-use-after-free in __queue_work';
  cpu.machine.findings.report(cpu, 'use-after-free', text, queue);
}
