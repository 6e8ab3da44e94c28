/*
 * Worker pools, after kernel/workqueue.c of Linux 6.1: the works that may run now, the workers that
 * wait for them, and the management of concurrency. As long as a worker of the pool runs, no other
 * begins; when it goes to sleep, the one that went idle last is woken.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { wake_up_process } from '../sched/core.ts';
import type { Task, WorkerHooks } from '../sched/task.ts';
import type { PoolWorkqueue } from './pwq.ts';
import type { Work } from './work.ts';

export const WORKER_IDLE = 0x04;
/** Prepares to run works, or has just done so. */
export const WORKER_PREP = 0x08;
export const WORKER_CPU_INTENSIVE = 0x40;
/** Its pool is bound to no CPU. */
export const WORKER_UNBOUND = 0x80;
/** Such a worker does not count as running. */
const WORKER_NOT_RUNNING = WORKER_PREP | WORKER_CPU_INTENSIVE | WORKER_UNBOUND;

/** struct worker: a kworker task. */
export class Worker implements WorkerHooks {
  readonly pool: WorkerPool;
  task!: Task;
  flags = WORKER_PREP;
  /** Works that only this worker may execute: those linked together, and barriers. */
  readonly scheduled: Work[] = [];
  current_work: Work | null = null;
  current_pwq: PoolWorkqueue | null = null;
  current_color = 0;
  sleeping = false;

  constructor(pool: WorkerPool) {
    this.pool = pool;
    if (pool.cpu === null) this.flags |= WORKER_UNBOUND;
  }

  worker_set_flags(flags: number): void {
    if ((flags & WORKER_NOT_RUNNING) !== 0 && !this.notRunning) this.pool.nr_running--;
    this.flags |= flags;
  }

  worker_clr_flags(flags: number): void {
    const before = this.notRunning;
    this.flags &= ~flags;
    if (before && !this.notRunning) this.pool.nr_running++;
  }

  private get notRunning(): boolean {
    return (this.flags & WORKER_NOT_RUNNING) !== 0;
  }

  wq_worker_sleeping(cpu: Cpu): void {
    if (this.notRunning || this.sleeping) return;
    this.sleeping = true;
    this.pool.nr_running--;
    if (this.pool.need_more_worker()) this.pool.wake_up_worker(cpu);
  }

  wq_worker_running(): void {
    if (!this.sleeping) return;
    if (!this.notRunning) this.pool.nr_running++;
    this.sleeping = false;
  }
}

/** Makes the task of a worker: its program is not known here. */
type Hire = (worker: Worker, name: string) => Task;

/**
 * Idle workers that every pool has when the run begins, left over from the boot of the machine (an
 * idle worker stays for 300 s). Each becomes a task when it is first woken.
 */
const STANDING_WORKERS = 4;

export class WorkerPool {
  /** null: its workers run anywhere. */
  readonly cpu: Cpu | null;
  readonly id: number;
  readonly nice: number;
  readonly worklist: Work[] = [];
  readonly workers: Worker[] = [];
  /** The one that went idle last comes first. */
  private readonly idle: Worker[] = [];
  private standing = STANDING_WORKERS;
  nr_running = 0;
  private readonly hire: Hire;

  constructor(cpu: Cpu | null, id: number, nice: number, hire: Hire) {
    this.cpu = cpu;
    this.id = id;
    this.nice = nice;
    this.hire = hire;
  }

  need_more_worker(): boolean {
    return this.worklist.length > 0 && this.nr_running === 0;
  }

  keep_working(): boolean {
    return this.worklist.length > 0 && this.nr_running <= 1;
  }

  /** Nobody is idle who could take over from a worker that goes to work. */
  need_to_create_worker(): boolean {
    return this.need_more_worker() && this.idle.length + this.standing === 0;
  }

  wake_up_worker(cpu: Cpu): void {
    const worker = this.first_idle_worker();
    if (worker !== null) wake_up_process(cpu, worker.task);
  }

  private first_idle_worker(): Worker | null {
    const first = this.idle[0];
    if (first !== undefined || this.standing === 0) return first ?? null;
    this.standing--;
    const worker = this.create_worker();
    // As ksoftirqd: it behaves as if it had slept since the machine was booted.
    worker.task.vruntime = 0;
    return worker;
  }

  /** A worker that is idle from the start; somebody has to wake it. */
  create_worker(): Worker {
    const worker = new Worker(this);
    worker.task = this.hire(worker, this.nameOf(this.workers.length));
    worker.task.worker = worker;
    this.workers.push(worker);
    this.worker_enter_idle(worker);
    return worker;
  }

  private nameOf(id: number): string {
    if (this.cpu === null) return `kworker/u${this.id}:${id}`;
    return `kworker/${this.cpu.id}:${id}${this.nice < 0 ? 'H' : ''}`;
  }

  worker_enter_idle(worker: Worker): void {
    worker.flags |= WORKER_IDLE;
    this.idle.unshift(worker);
  }

  worker_leave_idle(worker: Worker): void {
    worker.worker_clr_flags(WORKER_IDLE);
    this.idle.splice(this.idle.indexOf(worker), 1);
  }

  find_worker_executing_work(work: Work): Worker | null {
    return this.workers.find((worker) => worker.current_work === work) ?? null;
  }
}

/** Moves `work` and those linked to it to the end of `to`. */
export function move_linked_works(work: Work, to: Work[]): void {
  const from = work.list!;
  let goesOn = true;
  for (let next: Work | undefined = work; goesOn && next !== undefined;) {
    const at = from.indexOf(next);
    goesOn = next.linked;
    next.unlist();
    next.enlist(to, to.length);
    next = from[at];
  }
}
