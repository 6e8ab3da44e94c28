/*
 * The workqueues of a machine, and the functions of include/linux/workqueue.h by their names. What
 * is behind them differs by era: keventd (2.4), a thread for each queue and CPU (2.6), worker pools
 * (from 2.6.36; modelled as Linux 6.1 has them).
 */
import { lock_map_wait, workMap } from '../checks/lockdep/maps.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { ORDER, load_acquire } from '../instrumented.ts';
import type { Machine } from '../machine.ts';
import { del_timer_sync } from '../time/timer.ts';
import * as pooled from './cancel.ts';
import { Keventd } from './keventd.ts';
import { WorkerPool } from './pool.ts';
import { PooledWorkqueue } from './pooled.ts';
import { ThreadedWorkqueue } from './threads.ts';
import * as threaded from './threads.ts';
import { hireWorker } from './worker.ts';
import {
  queueFrom,
  queue_delayed_work_on,
  queue_work_on,
  type DelayedWork,
  type Work,
  type Workqueue,
} from './work.ts';

export const workqueueFlavours = [
  'percpu',
  'percpu1',
  'highpri',
  'cpu_intensive',
  'unbound',
  'ordered',
] as const;
export type WorkqueueFlavour = (typeof workqueueFlavours)[number];

/** WQ_DFL_ACTIVE: works of one queue that may be executed at once on each CPU. */
const WQ_DFL_ACTIVE = 256;
const HIGHPRI_NICE_LEVEL = -20;

class Workqueues {
  private readonly machine: Machine;
  private readonly pools: (WorkerPool | undefined)[] = [];
  private events: Workqueue | null = null;
  private thread: Keventd | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  get keventd(): Keventd {
    this.thread ??= new Keventd(this.machine);
    return this.thread;
  }

  /** Two pools for each CPU, then those that are bound to none; made when first needed. */
  pool(cpu: Cpu | null, nice: number): WorkerPool {
    const id = 2 * (cpu?.id ?? this.machine.cpus.length) + (nice < 0 ? 1 : 0);
    const make = (): WorkerPool =>
      new WorkerPool(cpu, id, nice, (worker, name) => hireWorker(this.machine, worker, name));
    return (this.pools[id] ??= make());
  }

  /** keventd_wq, whose threads are `events/0` and so on, or system_wq; made when first needed. */
  get system_wq(): Workqueue {
    this.events ??= alloc_workqueue(this.machine, 'events', 'percpu');
    return this.events;
  }
}

const all = new WeakMap<Machine, Workqueues>();

function workqueuesOf(machine: Machine): Workqueues {
  let workqueues = all.get(machine);
  if (workqueues === undefined) {
    workqueues = new Workqueues(machine);
    all.set(machine, workqueues);
  }
  return workqueues;
}

/** @throws RangeError where the kernel does not have what is asked for. */
function has(machine: Machine, what: string, there: boolean): void {
  if (!there) throw new RangeError(`${machine.era.name} has no ${what}`);
}

function hasPools(machine: Machine, what: string): void {
  has(machine, what, machine.era.workqueues === 'pools');
}

/** create_workqueue() in 2.6. `max_active`: 0 for what the flavour has. */
export function alloc_workqueue(
  machine: Machine,
  name: string,
  flavour: WorkqueueFlavour,
  max_active = 0,
): Workqueue {
  has(machine, 'workqueues', machine.era.workqueues !== 'keventd');
  const single = flavour === 'ordered' || flavour === 'unbound';
  if (machine.era.workqueues === 'threads') {
    has(machine, `workqueues that are ${flavour}`, flavour === 'ordered' || flavour === 'percpu');
    return new ThreadedWorkqueue(machine, name, single);
  }
  const workqueues = workqueuesOf(machine);
  const nice = flavour === 'highpri' ? HIGHPRI_NICE_LEVEL : 0;
  const pools = single
    ? [workqueues.pool(null, nice)]
    : machine.cpus.map((cpu) => workqueues.pool(cpu, nice));
  const usual = flavour === 'ordered' || flavour === 'percpu1' ? 1 : WQ_DFL_ACTIVE;
  return new PooledWorkqueue(name, pools, {
    max_active: max_active === 0 ? usual : max_active,
    cpu_intensive: flavour === 'cpu_intensive',
  });
}

/** The queue of schedule_work(). */
export function system_wq(machine: Machine): Workqueue {
  return workqueuesOf(machine).system_wq;
}

export { queue_delayed_work, queue_delayed_work_on, queue_work, queue_work_on } from './work.ts';

export function schedule_work(k: Context, work: Work): Code<number> {
  return queue_work_on(k, null, system_wq(k.machine), work);
}

export function schedule_delayed_work(k: Context, dwork: DelayedWork, n: number): Code<number> {
  return queue_delayed_work_on(k, null, system_wq(k.machine), dwork, n);
}

/** Queues a work from outside of kernel code, where the kernel has the most general queue. */
export function start_work(cpu: Cpu, work: Work): number {
  const { machine } = cpu;
  if (machine.era.workqueues === 'keventd') return schedule_task(cpu, work);
  return queueFrom(cpu, null, system_wq(machine), work);
}

/** Queues it after another delay, pending or not; 1 if it was pending, or is being cancelled. */
export function mod_delayed_work(
  k: Context,
  wq: Workqueue,
  dwork: DelayedWork,
  delay: number,
): Code<number> {
  hasPools(k.machine, 'mod_delayed_work');
  return pooled.mod_delayed_work(k, wq, dwork, delay);
}

/** 1 if it was pending. It may still be running. */
export function cancel_work(k: Context, work: Work): Code<number> {
  hasPools(k.machine, 'cancel_work');
  return pooled.__cancel_work(k, work, null);
}

/** Until 2.6.35: 1 if its timer was pending, and a work that is queued already stays so. */
export function cancel_delayed_work(k: Context, dwork: DelayedWork): Code<number> {
  return k.machine.era.workqueues === 'pools'
    ? pooled.__cancel_work(k, dwork.work, dwork)
    : threaded.cancel_delayed_work(k, dwork);
}

/** 1 if it was pending; it is not running any more when this returns. */
export function cancel_work_sync(k: Context, work: Work): Code<number> {
  return __cancel_work_timer(k, work, null);
}

export function cancel_delayed_work_sync(k: Context, dwork: DelayedWork): Code<number> {
  return __cancel_work_timer(k, dwork.work, dwork);
}

function __cancel_work_timer(k: Context, work: Work, dwork: DelayedWork | null): Code<number> {
  const rules = k.machine.era.workqueues === 'pools' ? pooled : threaded;
  lock_map_wait(k, workMap(work));
  return rules.__cancel_work_timer(k, work, dwork);
}

/** 1 once the last queueing of the work has been executed, 0 if there was none to wait for. */
export function flush_work(k: Context, work: Work): Code<number> {
  has(k.machine, 'flush_work', k.machine.era.flushWork);
  const rules = k.machine.era.workqueues === 'pools' ? pooled : threaded;
  lock_map_wait(k, workMap(work));
  return rules.flush_work(k, work);
}

/** Queues it now if its timer is still running, then flush_work(). */
export function* flush_delayed_work(k: Context, dwork: DelayedWork): Code<number> {
  has(k.machine, 'flush_delayed_work', k.machine.era.flushWork);
  if ((yield* del_timer_sync(k, dwork.timer)) === 1) {
    dwork.wq!.insert(k.cpu, dwork.cpu, dwork.work);
  }
  return yield* flush_work(k, dwork.work);
}

export function flush_workqueue(k: Context, wq: Workqueue): Code {
  return afterItsWorks(k, wq, wq.flush(k));
}

/** What its works have done is known once `waiting` is over. */
function* afterItsWorks(k: Context, wq: Workqueue, waiting: Code): Code {
  yield* waiting;
  load_acquire(k.cpu, ORDER.workqueue, wq.name);
}

/** Until the queue is empty: its works may queue works meanwhile, nobody else. */
export function drain_workqueue(k: Context, wq: Workqueue): Code {
  if (wq instanceof PooledWorkqueue) return afterItsWorks(k, wq, wq.drain(k));
  throw new RangeError(`${k.machine.era.name} has no drain_workqueue`);
}

export function destroy_workqueue(k: Context, wq: Workqueue): Code {
  return afterItsWorks(k, wq, wq.destroy(k));
}

const WORK_BUSY_PENDING = 1;
const WORK_BUSY_RUNNING = 2;

/** 1 while it waits for its execution, 2 while it is being executed, 3 both. */
export function work_busy(machine: Machine, work: Work): number {
  hasPools(machine, 'work_busy');
  const running = work.pool?.find_worker_executing_work(work) ?? null;
  return (work.pending ? WORK_BUSY_PENDING : 0) | (running === null ? 0 : WORK_BUSY_RUNNING);
}

function keventdOf(machine: Machine, what: string): Keventd {
  has(machine, what, machine.era.workqueues === 'keventd');
  return workqueuesOf(machine).keventd;
}

/** 2.4: queues the work for keventd unless it is queued; returns 1 if it did. */
export function schedule_task(cpu: Cpu, work: Work): number {
  return keventdOf(cpu.machine, 'schedule_task').schedule_task(cpu, work);
}

/** 2.4: until all that is queued for keventd has been executed. */
export function flush_scheduled_tasks(k: Context): Code {
  return keventdOf(k.machine, 'flush_scheduled_tasks').flush_scheduled_tasks(k);
}
