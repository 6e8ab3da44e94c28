/*
 * A task: idle, kernel thread or user process, with its scheduling parameters, its signals and the
 * context in which its code goes on.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { Unheard, type Missed } from '../checks/late-wakeup.ts';
import type { Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import type { Machine } from '../machine.ts';
import type { SignalState } from '../signal/signal.ts';
import type { KthreadState } from '../kthread.ts';
import type { UserProcess } from '../user/process.ts';
import { NICE_0_WEIGHT, SCHED_IDLE_WEIGHT, weightOfNice } from './weights.ts';
import { TASK_DEAD, TASK_NEW } from './state.ts';

export * from './state.ts';

export type TaskKind = 'idle' | 'kthread' | 'user';
export type Policy = 'SCHED_NORMAL' | 'SCHED_FIFO' | 'SCHED_RR' | 'SCHED_IDLE';

/** TASK_COMM_LEN - 1: longer names are cut as the kernel cuts them. */
export const COMM_MAX = 15;

export interface Scheduling {
  readonly policy: Policy;
  /** 1 to 99 for SCHED_FIFO and SCHED_RR, higher wins. */
  readonly rtPriority?: number;
  /** -20 to 19. */
  readonly nice?: number;
}

/** What the scheduler tells a worker of a workqueue: it concerns the others of its pool. */
export interface WorkerHooks {
  /** It is about to sleep on `cpu`. */
  wq_worker_sleeping(cpu: Cpu): void;
  /** It goes on after it slept. */
  wq_worker_running(): void;
}

export class Task {
  readonly machine: Machine;
  readonly pid: number;
  readonly kind: TaskKind;
  readonly comm: string;
  readonly actor: string;
  /** Name under which the trace's text table knows it. */
  readonly commText: number;

  state = TASK_NEW;
  cpu: Cpu;
  /** CPUs on which it may run, ascending; null: any. */
  allowed: readonly number[] | null = null;
  /** Its innermost context while it does not run. */
  top!: Context;
  preempt_count = 0;
  /** Between leaving and entering the kernel. */
  inUser = false;

  policy: Policy = 'SCHED_NORMAL';
  rt_priority = 0;
  nice = 0;
  weight = NICE_0_WEIGHT;
  /** While somebody lends it a priority: how it is scheduled without. */
  normal: Scheduling | null = null;
  on_rq = false;
  /** Orders equal keys on a run queue: set at every insertion. */
  queued = 0;
  vruntime = 0;
  exec_start = 0;
  sum_exec_runtime = 0;
  prev_sum_exec_runtime = 0;
  /** Ticks left of a SCHED_RR slice; changes of policy leave it as it is. */
  time_slice: number;

  /** wake-ups, switches away while sleeping and while runnable: nvcsw and nivcsw. */
  wakeups = 0;
  nvcsw = 0;
  nivcsw = 0;

  exitCode = 0;
  signals: SignalState | null = null;
  kthread: KthreadState | null = null;
  process: UserProcess | null = null;
  /** It called schedule() where it must not: its preempt_count is wrong since. */
  sleptAtomic = false;
  /** PF_WQ_WORKER. */
  worker: WorkerHooks | null = null;
  /** Depth of pagefault_disable(). */
  pagefault_disabled = 0;
  /** Called when the task has ended. */
  onExit: (() => void)[] = [];
  /** What it sleeps on, for people: the name of an object. */
  waitingFor = '';
  /** What it waits for in wait_event(). */
  condition: (() => boolean) | null = null;
  /** Wake-ups that found it awake since it last slept. */
  vainWakeups = 0;
  /** wake_up_process() and kthread_stop() that found it awake. */
  readonly unheard = new Unheard();
  /** What it missed when it set the state in which it sleeps. */
  missed: Missed | null = null;

  constructor(machine: Machine, pid: number, kind: TaskKind, name: string, cpu: Cpu) {
    this.machine = machine;
    this.pid = pid;
    this.kind = kind;
    this.actor = name;
    this.comm = name.slice(0, COMM_MAX);
    this.commText = machine.texts.intern(this.comm);
    machine.texts.intern(name);
    this.cpu = cpu;
    this.time_slice = this.rrSlice;
  }

  get isRt(): boolean {
    return this.policy === 'SCHED_FIFO' || this.policy === 'SCHED_RR';
  }

  /** Slice of SCHED_RR in ticks: 100 ms. */
  get rrSlice(): number {
    return Math.max(1, Math.floor(this.machine.hz / 10));
  }

  /** Kernel priority as tracepoints print it: 0-98 real time, 100-139 by nice value. */
  get prio(): number {
    return this.isRt ? 99 - this.rt_priority : 120 + this.nice;
  }

  setScheduling(scheduling: Scheduling): void {
    this.policy = scheduling.policy;
    this.rt_priority = scheduling.rtPriority ?? 0;
    this.nice = scheduling.nice ?? 0;
    this.weight = scheduling.policy === 'SCHED_IDLE' ? SCHED_IDLE_WEIGHT : weightOfNice(this.nice);
  }

  get scheduling(): Scheduling {
    const { policy, rt_priority: rtPriority, nice } = this;
    return this.isRt ? { policy, rtPriority, nice } : { policy, nice };
  }

  feed(into: Fingerprint): void {
    into.add(this.pid);
    into.add(this.state);
    this.kthread?.feed(into);
    if (this.state === TASK_DEAD && !this.on_rq) return;
    into.add(this.cpu.id * 4 + (this.on_rq ? 2 : 0) + (this.inUser ? 1 : 0));
    into.add(this.prio);
    if (this.policy === 'SCHED_RR') into.add(this.time_slice);
    if (this.policy === 'SCHED_IDLE') into.add(-1);
    into.add(this.pagefault_disabled);
    this.signals?.feed(into);
    if (this.process !== null) into.object(this.process);
    if (this.worker !== null) into.object(this.worker);
    if (this.cpu.current === this) return;
    into.add(this.preempt_count);
    for (let k: Context | null = this.top; k !== null; k = k.below) k.feed(into);
  }

  mayRunOn(cpu: Cpu): boolean {
    return this.allowed === null || this.allowed.includes(cpu.id);
  }
}
