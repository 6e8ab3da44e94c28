/*
 * The machine: CPUs, tasks, jiffies, and what all models share (virtual time, choices, random
 * streams, trace, costs, the era's rules).
 */
import {
  RandomStreams,
  TextTable,
  Trace,
  timed,
  Door,
  Exploration,
  Simulation,
  type Activity,
  type Fingerprint,
  type KnownTexts,
  type Strategy,
  type TraceSink,
} from '../engine/index.ts';
import { installDetectors } from './checks/detectors.ts';
import { Findings } from './checks/findings.ts';
import { Lockups } from './checks/hung-task.ts';
import { Waits } from './checks/waits.ts';
import { Context, IDLE, SCHEDULE, type Code } from './context.ts';
import { costPresets, type Costs } from './costs.ts';
import { Cpu } from './cpu/cpu.ts';
import { PreemptionMove, StepMove } from './cpu/moves.ts';
import type { ContextName } from './cpu/accounting.ts';
import { cpuName } from './cpu/names.ts';
import { Spinners } from './cpu/spinners.ts';
import { StoreBuffer, StoreMove, type MemoryModel } from './cpu/store-buffer.ts';
import { eras, type Era, type KernelName, type PreemptionModel, type SoftirqName } from './era.ts';
import { EV, eventTypes } from './events.ts';
import { IrqLine } from './irq/line.ts';
import { ksoftirqd, type SoftirqAction } from './irq/softirq.ts';
import { Tasklet, tasklet_action } from './irq/tasklet.ts';
import { kthread_of_old } from './kthread.ts';
import type { Rcu } from './rcu.ts';
import { update_curr } from './sched/fair.ts';
import { LoadAverage } from './sched/loadavg.ts';
import { RESERVED_PIDS, Sysctl } from './sysctl.ts';
import { TASK_DEAD, TASK_INTERRUPTIBLE, TASK_RUNNING, Task, type TaskKind } from './sched/task.ts';
import { HrtimerQueue } from './time/hrtimer.ts';
import { Tick } from './time/tick.ts';
import { TimerBase, run_timer_softirq } from './time/timer.ts';
import { formatFlags, packFlags } from './trace-row.ts';

export interface MachineOptions {
  readonly kernel: KernelName;
  readonly cpus: number;
  readonly hz: number;
  readonly preemption: PreemptionModel;
  readonly costs?: Partial<Costs>;
  /** Of what `costs` leaves out; nothing takes time if left out. */
  readonly preset?: Costs;
  /** Texts that have their numbers already. */
  readonly texts?: KnownTexts | undefined;
  readonly seed: number | string;
  /** Decides behind the door for choices; `timed` if left out. */
  readonly strategy?: Strategy | undefined;
  /** Where the CSV trace goes; without it nothing is recorded. */
  readonly sink?: TraceSink | undefined;
  readonly maxSteps?: number | undefined;
  /** Operations may take arbitrarily long: choices decide what comes next, not durations. */
  readonly explored?: boolean;
  /** What an explored run assumes of memory: `tso` has store buffers. */
  readonly memory?: MemoryModel | undefined;
  /** In an explored run the timeout of a sleep may end it while others could still wake it. */
  readonly anyTimeouts?: boolean;
  /** Jiffies at virtual time 0. */
  readonly firstJiffy?: number | undefined;
}

/** RESCHEDULE_VECTOR; devices have lower numbers here and are taken first. */
export const RESCHEDULE = 0xfd;

/** One line of the kernel log or of a program's standard output. */
export interface ConsoleLine {
  readonly timeNs: number;
  /** `kernel`, or the program that printed it. */
  readonly from: string;
  readonly text: string;
}

export class Machine {
  readonly sim: Simulation;
  /** The same, if the run is explored: choices decide what comes next, not durations. */
  readonly exploration: Exploration | null;
  /** The timeout of a sleep ends it only when nothing else can happen. */
  readonly patient: boolean;
  /** CPUs have store buffers. */
  private readonly storesWait: boolean;
  readonly era: Era;
  readonly hz: number;
  readonly preemption: PreemptionModel;
  /** Kernel code may be preempted (CONFIG_PREEMPT). */
  readonly preemptible: boolean;
  readonly costs: Costs;
  readonly random: RandomStreams;
  readonly door: Door;
  readonly texts: TextTable;
  readonly trace: Trace;
  readonly findings = new Findings();
  /** Tasks and CPUs that make no progress; null where order is open, and time with it. */
  readonly lockups: Lockups | null;
  /** Who waits for whom. */
  readonly waits: Waits;
  readonly cpus: Cpu[] = [];
  readonly tasks = new Map<number, Task>();
  readonly console: ConsoleLine[] = [];
  /** Of the softirqs that the kernel does not serve by itself. */
  readonly softirqActions = new Map<SoftirqName, SoftirqAction>();
  readonly timerBottomHalf: Tasklet;
  /** Those who spin while the owner of a sleeping lock runs: they look at each context switch. */
  readonly optimisticSpinners = new Spinners();
  /** Made when it is first used. */
  rcu: Rcu | null = null;
  readonly firstJiffy: number;
  jiffies: number;
  /** Wakes those who wait for lines of the kernel log. */
  onPrintk: ((cpu: Cpu) => void) | null = null;
  readonly loadavg: LoadAverage;
  readonly sysctl: Sysctl;
  /** Lines of devices, in the order in which they were requested. */
  readonly irqLines: IrqLine[] = [];
  /** Every task ever made, in that order. */
  readonly allTasks: Task[] = [];
  /** The CPU whose code is being executed. */
  active: Cpu | null = null;

  private readonly contextTexts: Record<ContextName, number>;
  private readonly rescheduleIpis: RescheduleIpi[] = [];
  private lastPid = 1;

  constructor(options: MachineOptions) {
    this.era = eras[options.kernel];
    this.hz = options.hz;
    this.preemption = options.preemption;
    this.preemptible = options.preemption === 'full';
    this.texts = new TextTable(options.texts);
    const { preset = costPresets.ideal, costs } = options;
    this.costs = costs === undefined ? preset : { ...preset, ...costs };
    this.random = new RandomStreams(options.seed);
    this.door = new Door(options.strategy ?? timed(this.random.stream('choice/arbitration')));
    const { maxSteps } = options;
    this.exploration = options.explored === true ? new Exploration(this.door, { maxSteps }) : null;
    this.patient = this.exploration !== null && options.anyTimeouts !== true;
    this.storesWait = this.exploration !== null && options.memory === 'tso';
    this.sim = this.exploration ?? new Simulation({ maxSteps });
    this.trace = new Trace(this.texts, formatFlags, options.sink, eventTypes);
    const { texts } = this;
    this.contextTexts = {
      hardirq: texts.intern('hardirq'),
      softirq: texts.intern('softirq'),
      kernel: texts.intern('kernel'),
      user: texts.intern('user'),
      idle: texts.intern('idle'),
    };
    this.firstJiffy = options.firstJiffy ?? 0;
    this.jiffies = this.firstJiffy;
    this.loadavg = new LoadAverage(this);
    this.sysctl = new Sysctl(this, options.cpus);
    this.timerBottomHalf = new Tasklet('TIMER_BH', (k) => this.cpus[0]!.timers.run(k));
    installDetectors(this);
    this.waits = new Waits(this);
    this.lockups = this.exploration === null ? new Lockups(this) : null;
    for (let id = 0; id < options.cpus; id++) this.bootCpu(id);
  }

  private bootCpu(id: number): void {
    const cpu = new Cpu(this, id);
    this.cpus.push(cpu);
    const idle = new Task(this, 0, 'idle', cpuName('swapper/', id), cpu);
    idle.state = TASK_RUNNING;
    cpu.boot(idle);
    idle.top.code = idleLoop(idle.top);
    cpu.timers = this.era.timersInBottomHalf && id > 0 ? this.cpus[0]!.timers : new TimerBase(cpu);
    cpu.hrtimers = new HrtimerQueue(cpu);
    cpu.tick = new Tick(cpu);
    this.rescheduleIpis.push(new RescheduleIpi(cpu));
    if (!this.era.nohzIdle) cpu.tick.restart();
    cpu.start();
    this.exploration?.offer(new StepMove(cpu));
    if (this.preemption !== 'none') this.exploration?.offer(new PreemptionMove(cpu));
    if (this.storesWait) {
      cpu.stores = new StoreBuffer();
      this.exploration!.offer(new StoreMove(cpu, cpu.stores));
    }
  }

  softirqAction(name: SoftirqName): SoftirqAction | undefined {
    return this.softirqActions.get(name) ?? ownSoftirqs.get(name);
  }

  softirqNumber(name: SoftirqName): number {
    const nr = this.era.softirqs.indexOf(name);
    if (nr < 0) throw new RangeError(`${this.era.name} has no softirq ${name}`);
    return nr;
  }

  /** A task with a context of its own, not yet runnable; its code is the caller's to set. */
  newTask(kind: TaskKind, name: string, cpu: number, pid?: number): Task {
    const number = pid ?? this.freePid();
    if (this.tasks.has(number)) throw new Error(`pid ${number} is taken`);
    const home = this.cpus[cpu];
    if (home === undefined) throw new Error(`there is no CPU ${cpu}`);
    const task = new Task(this, number, kind, name, home);
    task.top = new Context('task', home, name, number);
    this.tasks.set(number, task);
    this.allTasks.push(task);
    return task;
  }

  /** alloc_pidmap(): the next one that is free, after the largest from RESERVED_PIDS on. */
  private freePid(): number {
    const { pid_max } = this.sysctl;
    for (let tries = 0; tries < pid_max; tries++) {
      this.lastPid = this.lastPid + 1 < pid_max ? this.lastPid + 1 : RESERVED_PIDS;
      if (!this.tasks.has(this.lastPid)) return this.lastPid;
    }
    throw new RangeError(`no process id below ${pid_max} is free`);
  }

  /** The task has ended: its pid is free again. */
  forget(task: Task): void {
    this.tasks.delete(task.pid);
  }

  /** Made when it is first needed; it behaves as if it had slept since the CPU booted. */
  ksoftirqd(cpu: Cpu): Task {
    if (cpu.ksoftirqd !== null) return cpu.ksoftirqd;
    cpu.ksoftirqd = kthread_of_old(this, ksoftirqdMain, {
      name: this.era.timersInBottomHalf ? `ksoftirqd_CPU${cpu.id}` : `ksoftirqd/${cpu.id}`,
      cpu: cpu.id,
      allowed: [cpu.id],
      scheduling: { policy: 'SCHED_NORMAL', nice: this.era.ksoftirqdNice },
    });
    cpu.ksoftirqd.state = TASK_INTERRUPTIBLE;
    return cpu.ksoftirqd;
  }

  /** Interrupts `cpu` so that it looks at need_resched. */
  sendReschedule(cpu: Cpu): void {
    this.rescheduleIpis[cpu.id]!.send();
  }

  /** Feeds everything that decides how an explored run can go on. */
  feed(into: Fingerprint): void {
    for (const cpu of this.cpus) cpu.feed(into);
    into.add(this.allTasks.length);
    for (const task of this.allTasks) task.feed(into);
    this.optimisticSpinners.feed(into);
    this.rcu?.feed(into);
    if (this.era.timersInBottomHalf) this.timerBottomHalf.feed(into);
    this.exploration!.feed(into);
  }

  /** A trace row in the name of what runs on `cpu`; call only if `trace.on`. */
  record(
    cpu: Cpu,
    event: number,
    object: number,
    value: number,
    a: number,
    b: number,
    c: number,
  ): void {
    const { current } = cpu;
    this.trace.record(
      this.sim.now,
      cpu.id,
      this.contextTexts[cpu.contextName()],
      current.pid,
      current.commText,
      packFlags(cpu),
      event,
      object,
      value,
      a,
      b,
      c,
    );
  }

  /** Tells the listeners of something that is no row, see HOOK; call only if `trace.on`. */
  tell(cpu: Cpu, hook: number, object = 0, a = 0): void {
    const { current } = cpu;
    this.trace.tell(
      this.sim.now,
      cpu.id,
      this.contextTexts[cpu.contextName()],
      current.pid,
      current.commText,
      packFlags(cpu),
      hook,
      object,
      NaN,
      a,
      0,
      0,
    );
  }

  /** A trace row for something outside of every CPU: an arrival, an injected fault. */
  recordOutside(event: number, object: number, value: number): void {
    this.trace.record(this.sim.now, -1, 0, -1, 0, 0, event, object, value, 0, 0, 0);
  }

  /** Books the time up to now everywhere, so that the CPUs' times are complete. */
  accountAll(): void {
    for (const cpu of this.cpus) {
      cpu.account();
      update_curr(cpu);
    }
  }

  /** Tasks that neither run nor wait for a CPU, in the order of their pids. */
  blockedTasks(): Task[] {
    return [...this.tasks.values()]
      .filter((task) => task.state !== TASK_RUNNING && task.state !== TASK_DEAD)
      .sort((a, b) => a.pid - b.pid);
  }
}

/** open_softirq() of what the kernel itself serves. */
const ownSoftirqs: ReadonlyMap<SoftirqName, SoftirqAction> = new Map<SoftirqName, SoftirqAction>([
  ['HI', (k) => tasklet_action(k, 'HI')],
  ['TASKLET', (k) => tasklet_action(k, 'TASKLET')],
  ['TIMER', run_timer_softirq],
  ['HRTIMER', (k) => k.cpu.hrtimers.runSoft(k)],
]);

function* idleLoop(k: Context): Code {
  for (;;) {
    k.path = 0;
    while (!k.cpu.need_resched) yield IDLE;
    yield SCHEDULE;
  }
}

function* ksoftirqdMain(k: Context): Code<number> {
  yield* ksoftirqd(k);
  return 0;
}

/** The interrupt that one CPU sends another so that it reschedules. */
class RescheduleIpi implements Activity {
  private readonly cpu: Cpu;
  /** Made when it is first sent. */
  private line: IrqLine | null = null;
  private onItsWay = false;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  send(): void {
    if (this.onItsWay) return;
    this.onItsWay = true;
    const { sim, costs } = this.cpu.machine;
    // Where order is open, it is a move of its own when the other CPU goes on.
    if (costs.ipi === 0 || this.cpu.explores) sim.ready(this);
    else sim.at(sim.now + costs.ipi, this);
  }

  fire(): void {
    this.onItsWay = false;
    this.line ??= new IrqLine({
      name: 'reschedule',
      number: RESCHEDULE,
      handler: scheduler_ipi,
      entryEvent: EV.reschedule_entry,
      exitEvent: EV.reschedule_exit,
      disabled: true,
    });
    this.cpu.raise(this.line);
  }

  feed(into: Fingerprint): void {
    into.add(this.cpu.id);
  }
}

/** The interrupt itself is the message: its exit looks at need_resched. */
function* scheduler_ipi(): Code {
  yield 0;
}
