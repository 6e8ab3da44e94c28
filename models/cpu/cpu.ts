/*
 * A CPU: a stack of contexts, the interrupt flag, preempt_count, pending interrupt lines and
 * softirqs, need_resched. It resumes the context on top and carries out what that yields; whatever
 * the calendar brings in between interrupts it where the flags admit.
 */
import {
  hashOf,
  mixed,
  type Activity,
  type Fingerprint,
  type Simulation,
} from '../../engine/index.ts';
import { Context, IDLE, LEAVE, PREEMPT, SCHEDULE, SPIN, type Op } from '../context.ts';
import type { IrqLine } from '../irq/line.ts';
import { HOOK } from '../hooks.ts';
import { handle_irq } from '../irq/irq.ts';
import type { Machine } from '../machine.ts';
import { RunQueue } from '../sched/runqueue.ts';
import { in_idle_loop, report_scheduling_while_atomic } from '../sched/atomic.ts';
import { sched_submit_work, switch_to_next } from '../sched/core.ts';
import type { Task } from '../sched/task.ts';
import { exit_to_user_loop, needs_exit_work } from '../syscall.ts';
import type { HrtimerQueue } from '../time/hrtimer.ts';
import type { UserProcess } from '../user/process.ts';
import type { TimerBase } from '../time/timer.ts';
import type { Tick } from '../time/tick.ts';
import type { Tasklet, TaskletVector } from '../irq/tasklet.ts';
import { CpuTimes, type ContextName } from './accounting.ts';
import { in_task } from './preempt.ts';
import { smp_mb, type StoreBuffer } from './store-buffer.ts';

/** What the CPU is doing between two activations by the simulation. */
const cpuStates = ['executing', 'burning', 'spinning', 'idling', 'ready', 'paused'] as const;
type CpuState = (typeof cpuStates)[number];

const taskletVectors: readonly TaskletVector[] = ['HI', 'TASKLET'];

export class Cpu implements Activity {
  /** In an explored run it stands still before each step that others can see. */
  readonly explores: boolean;
  readonly id: number;
  readonly machine: Machine;
  readonly times = new CpuTimes();
  readonly rq = new RunQueue();
  /** Set by the machine when it boots. */
  idle!: Task;
  current!: Task;
  top!: Context;
  tick!: Tick;
  timers!: TimerBase;
  hrtimers!: HrtimerQueue;
  ksoftirqd: Task | null = null;

  /** The user process that ran here last: kernel threads borrow its address space (active_mm). */
  lastProcess: UserProcess | null = null;
  /** Context switches so far. */
  switches = 0;
  /** What it has written and others do not see yet; null: memory is sequentially consistent. */
  stores: StoreBuffer | null = null;
  preempt_count = 0;
  irqs_disabled = false;
  need_resched = false;
  /** Kernel code that may be preempted has woken a better task: it gives way at its next yield. */
  preemptionOwed = false;
  softirq_pending = 0;
  readonly tasklets: Record<TaskletVector, Tasklet[]> = { HI: [], TASKLET: [] };
  /** Time that finished work still owes: burnt with the next operation. */
  debt = 0;
  /** Interrupts taken, by the number of their line (kstat_incr_irqs_this_cpu). */
  readonly irqCounts: number[] = [];
  /** Softirqs served, by vector (kstat_incr_softirqs_this_cpu). */
  readonly softirqCounts: number[] = [];
  /** Interrupt lines waiting for admission, by number. */
  readonly pendingLines: IrqLine[] = [];

  private readonly sim: Simulation;
  private state: CpuState = 'ready';
  private handle = -1;
  private burnEnd = 0;

  constructor(machine: Machine, id: number) {
    this.machine = machine;
    this.sim = machine.sim;
    this.explores = machine.exploration !== null;
    this.id = id;
  }

  /** Puts the idle task in place. */
  boot(idle: Task): void {
    this.idle = idle;
    this.current = idle;
    this.top = new Context('task', this, idle.comm, -1 - this.id);
    idle.top = this.top;
    this.preempt_count = 1;
  }

  /** Begins to execute: the machine calls it once, when the idle task is in place. */
  start(): void {
    this.sim.ready(this);
  }

  get isIdle(): boolean {
    return this.current === this.idle;
  }

  /**
   * What really runs. preempt_count says the same as long as all is well; an interrupt that sleeps
   * has it reset (schedule_debug), and takes its own from it all the same when it ends.
   */
  contextName(): ContextName {
    const { serving } = this.top;
    if (serving !== null) return serving;
    if (this.current === this.idle) return 'idle';
    return this.current.inUser ? 'user' : 'kernel';
  }

  /** Books the time since the last change of context; call before anything that changes it. */
  account(): void {
    this.times.book(this.contextName(), this.sim.now, this.current.nice > 0);
  }

  /** Records a trace row in the name of whatever runs here; callers test `machine.trace.on`. */
  emit(event: number, object: number, value: number, a = 0, b = 0, c = 0): void {
    this.machine.record(this, event, object, value, a, b, c);
  }

  /**
   * Makes `line` pending on this CPU, or on the one that is just serving it (handle_edge_irq).
   * False if it still was: an interrupt is not counted.
   */
  raise(line: IrqLine): boolean {
    if (line.servedBy !== null && line.servedBy !== this) return line.servedBy.raise(line);
    if (line.toLose > 0) {
      line.toLose--;
      return false;
    }
    if (line.depth > 0 || !line.registered) {
      if (line.registered) line.heldBack = this;
      return false;
    }
    if (line.pendingOn !== null) {
      line.lost++;
      return false;
    }
    line.pendingOn = this;
    const at = this.pendingLines.findIndex((other) => other.number > line.number);
    if (at < 0) this.pendingLines.push(line);
    else this.pendingLines.splice(at, 0, line);
    if (!this.irqs_disabled) this.rouse();
    return true;
  }

  /** Asks the scheduler to run here soon; a CPU that is busy otherwise hears by an interrupt. */
  resched(from: Cpu | null): void {
    if (this.need_resched) return;
    this.need_resched = true;
    const looksSoon = this.state === 'executing' || this.state === 'ready';
    if (from !== this || !looksSoon) this.machine.sendReschedule(this);
  }

  /** The preempt_enable() with which a wake-up ends, for functions that cannot yield themselves. */
  preemptPoint(): void {
    if (this.need_resched && this.mayPreempt()) this.preemptionOwed = true;
  }

  private mayPreempt(): boolean {
    return this.machine.preemptible && this.preempt_count === 0 && !this.irqs_disabled;
  }

  /** The lock or event that `k` spins on, or is about to spin on, is its own now. */
  unspin(k: Context): void {
    k.unspun = !k.spinning;
    k.spinning = false;
    if (this.state === 'spinning' && this.top === k) {
      this.state = 'ready';
      this.sim.ready(this);
    }
  }

  /** Interrupts what the CPU does so that it looks at its flags; harmless while it executes. */
  private rouse(): void {
    if (this.state === 'burning') {
      this.sim.cancel(this.handle);
      this.top.remaining = this.burnEnd - this.sim.now;
    } else if (this.state === 'executing' || this.state === 'ready') {
      return;
    }
    this.state = 'ready';
    this.sim.ready(this);
  }

  fire(): void {
    this.machine.active = this;
    if (this.state === 'burning') this.top.remaining = 0;
    this.state = 'executing';
    while (this.state === 'executing') this.executeOne();
  }

  private executeOne(): void {
    const { sim } = this;
    if (this.pendingLines.length > 0 && !this.irqs_disabled && this.admit()) return;
    const k = this.top;
    if (k.deadline >= 0) k.remaining = Math.max(0, k.deadline - sim.now);
    if (k.remaining > 0) {
      this.burn(k);
      return;
    }
    if (this.preemptionOwed && this.mayPreempt()) {
      this.preempt();
      return;
    }
    if (k.atPoint) {
      this.state = 'paused';
      return;
    }
    if (k.deferred !== 0) {
      const op = k.deferred;
      k.deferred = 0;
      this.carryOut(k, op);
      return;
    }
    if (k.spinning) {
      if (k.retry !== null && k.retry()) k.spinning = false;
      else this.state = 'spinning';
      return;
    }
    const result = k.resume();
    const op = result.done === true ? LEAVE : result.value;
    if (this.explores) k.path = mixed(k.path, op);
    if (op >= 0 && !this.preemptionOwed) {
      k.remaining = op + this.debt;
      this.debt = 0;
      if (k.remaining === 0) sim.step();
    } else if (this.debt > 0 || this.preemptionOwed) {
      k.remaining = this.debt;
      k.deferred = op;
      this.debt = 0;
    } else {
      this.carryOut(k, op);
    }
  }

  /** Feeds its own state, of the stack of contexts and of what waits for it. */
  feed(into: Fingerprint): void {
    into.add(
      (this.irqs_disabled ? 1 : 0) |
        (this.need_resched ? 2 : 0) |
        (this.preemptionOwed ? 4 : 0) |
        (cpuStates.indexOf(this.state) << 3),
    );
    into.add(this.preempt_count);
    into.add(this.softirq_pending);
    into.add(this.debt);
    into.add(this.current.pid);
    for (let k: Context | null = this.top; k !== null; k = k.below) k.feed(into);
    for (const vector of taskletVectors) {
      into.add(this.tasklets[vector].length);
      for (const { name } of this.tasklets[vector]) into.add(hashOf(name));
    }
    into.add(this.pendingLines.length);
    for (const { name } of this.pendingLines) into.add(hashOf(name));
    this.rq.feed(into);
    if (this.timers.cpu === this) this.timers.feed(into);
    this.hrtimers.feed(into);
    this.stores?.feed(into);
  }

  /** It stands before a step that others can see. */
  get paused(): boolean {
    return this.state === 'paused';
  }

  /** Takes the step before which it stands. */
  proceed(): void {
    this.top.atPoint = false;
    this.fire();
  }

  /** An interrupt could come right now. */
  get admits(): boolean {
    return !this.irqs_disabled && this.state !== 'executing' && this.state !== 'ready';
  }

  private burn(k: Context): void {
    const end = this.sim.now + k.remaining;
    if (this.sim.advanceInPlace(end)) {
      k.remaining = 0;
      this.sim.step();
      return;
    }
    this.burnEnd = end;
    this.handle = this.sim.at(end, this);
    this.state = 'burning';
  }

  /** What an operation waits for may have come while it burnt the time owed before it. */
  private carryOut(k: Context, op: Op): void {
    this.sim.step();
    if (op >= 0) k.remaining = op;
    else if (op === SCHEDULE) this.schedule(k);
    else if (op === PREEMPT) this.preempt();
    else if (op === SPIN) this.spin(k);
    else if (op === IDLE) this.state = this.need_resched ? 'executing' : 'idling';
    else if (op === LEAVE) this.leave(k);
    else throw new Error(`kernel code of ${k.actor} yielded ${op}, which is no operation`);
  }

  /** An interrupt on the idle task that sleeps can never go on: nobody wakes the idle task. */
  private schedule(k: Context): void {
    if (this.isIdle && !in_idle_loop(this)) {
      report_scheduling_while_atomic(this, false);
      k.spinning = true;
    } else if (sched_submit_work(this)) {
      k.remaining = this.debt;
      k.deferred = SCHEDULE;
      this.debt = 0;
    } else {
      switch_to_next(this, false);
    }
  }

  private preempt(): void {
    this.preemptionOwed = false;
    if (this.need_resched) switch_to_next(this, true);
  }

  private spin(k: Context): void {
    k.spinning = !k.unspun;
    k.unspun = false;
  }

  /** Takes the first pending line that is not being served. False if every one is. */
  private admit(): boolean {
    const at = this.pendingLines.findIndex((line) => line.servedBy === null);
    if (at < 0) return false;
    const line = this.pendingLines[at]!;
    this.pendingLines.splice(at, 1);
    line.pendingOn = null;
    const k = new Context('interrupt', this, line.name);
    k.code = handle_irq(k, line);
    this.irqs_disabled = true;
    this.push(k);
    return true;
  }

  /** Puts `k` on top: it runs until its code ends, then what it interrupted goes on. */
  push(k: Context): void {
    k.below = this.top;
    k.serving = this.top.serving;
    k.depth = this.top.depth + 1;
    this.top = k;
  }

  private leave(k: Context): void {
    if (k.below === null) throw new Error(`the base code of ${k.actor} ended without do_exit`);
    this.top = k.below;
    k.left = true;
    if (k.kind !== 'interrupt') return;
    smp_mb(this);
    if (this.machine.trace.on) this.machine.tell(this, HOOK.hardirqs_on);
    this.irqs_disabled = false;
    if (this.current.inUser && in_task(this)) {
      if (needs_exit_work(this)) {
        const work = new Context('task', this, this.current.actor, this.current.pid);
        work.code = exit_to_user_loop(work);
        this.push(work);
      }
    } else if (this.mayPreempt()) {
      this.preempt();
    }
  }

  /** The context switch itself: `next` goes on where it was. */
  switchTo(next: Task): void {
    const prev = this.current;
    this.account();
    this.switches++;
    prev.top = this.top;
    prev.preempt_count = this.preempt_count;
    this.current = next;
    if (next.process !== null) this.lastProcess = next.process;
    this.top = next.top;
    this.preempt_count = next.preempt_count;
    for (let k: Context | null = this.top; k !== null; k = k.below) k.cpu = this;
    if (this.top.deadline < 0) this.top.remaining += this.machine.costs.context_switch;
    else this.debt += this.machine.costs.context_switch;
    this.machine.optimisticSpinners.release();
  }
}
