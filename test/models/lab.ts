/*
 * A machine for small programs over the kernel's own functions. Events are logged as in
 * `name(value)@context`; the context is left out for a task.
 */
import { Machine, type MachineOptions } from '../../models/machine.ts';
import { TASK_RUNNING, type Policy, type Task } from '../../models/sched/task.ts';
import type { Code, Context } from '../../models/context.ts';
import { EV } from '../../models/events.ts';
import { IrqLine } from '../../models/irq/line.ts';
import { kthread_create } from '../../models/kthread.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { schedule_timeout_uninterruptible } from '../../models/time/sleep.ts';
import { do_exit } from '../../models/sched/exit.ts';
import { syscall } from '../../models/syscall.ts';
import { SignalState } from '../../models/signal/signal.ts';
import { tickTime } from '../../models/time/jiffies.ts';

export type Body = (k: Context) => Code<number | void>;

export interface TaskOptions {
  policy?: Policy;
  /** Real-time priority, or nice value. */
  prio?: number;
  cpu?: number;
  /** Bound to its CPU; true if left out. */
  bound?: boolean;
}

export const MS = 1_000_000;
export const US = 1_000;

export class Lab {
  readonly machine: Machine;
  readonly log: string[] = [];
  /** Interrupts have the numbers from here on. */
  private irqNumbers = 32;
  /** The trace so far, if it is recorded. */
  private csv = '';
  /** Jiffies from which `j` counts. */
  private epoch = 0;

  constructor(options: Partial<MachineOptions> & { record?: boolean } = {}) {
    const { record = false, ...others } = options;
    const sink = { write: (chunk: Uint8Array) => void (this.csv += Buffer.from(chunk).toString()) };
    this.machine = new Machine({
      kernel: 'linux-6.1',
      cpus: 1,
      hz: 250,
      preemption: 'full',
      seed: 1,
      maxSteps: 2_000_000,
      ...(record ? { sink } : {}),
      ...others,
    });
  }

  /** The rows of the trace of a lab that records, without the header. */
  rows(): string[] {
    this.machine.trace.flush();
    return this.csv.split('\n').slice(1, -1);
  }

  /** How many rows of the trace tell of `event`. */
  count(event: string): number {
    return this.rows().filter((row) => row.split(',')[7] === event).length;
  }

  /** Logs `name`, the value if there is one, and the context unless it is a task. */
  note(k: Context, name: string, value?: number): void {
    const context = k.cpu.contextName();
    const where = context === 'hardirq' || context === 'softirq' ? `@${context}` : '';
    this.log.push(`${name}${value === undefined ? '' : `(${value})`}${where}`);
  }

  /** As note, and with jiffies since the last `align`: `name(value) j=3`. */
  at(name: string, value?: number): void {
    const j = this.machine.jiffies - this.epoch;
    this.log.push(`${name}${value === undefined ? '' : `(${value})`} j=${j}`);
  }

  /** A kernel thread that somebody has to wake. */
  task(name: string, prio: number, body: Body, options: TaskOptions = {}): Task {
    const { policy = 'SCHED_FIFO', cpu = 0, bound = true } = options;
    const realTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
    return kthread_create(
      this.machine,
      function* (k) {
        return (yield* body(k)) ?? 0;
      },
      {
        name,
        cpu,
        scheduling: { policy, ...(realTime ? { rtPriority: prio } : { nice: prio }) },
        ...(bound ? { allowed: [cpu] } : {}),
      },
    );
  }

  /** A kernel thread that runs from the beginning. */
  start(name: string, prio: number, body: Body, options: TaskOptions = {}): Task {
    const task = this.task(name, prio, body, options);
    wake_up_process(this.machine.cpus[task.cpu.id]!, task);
    return task;
  }

  /** A user process that runs `program` in user mode from the beginning. */
  startUser(name: string, program: Body, cpu = 0): Task {
    const task = this.machine.newTask('user', name, cpu);
    task.signals = new SignalState('default');
    task.allowed = [cpu];
    task.inUser = true;
    task.top.code = userMain(task.top, program);
    wake_up_process(this.machine.cpus[cpu]!, task);
    return task;
  }

  /** An interrupt line whose handler is `handler`. */
  irq(name: string, handler: (k: Context) => Code, disabled = false): IrqLine {
    return new IrqLine({
      name,
      number: this.irqNumbers++,
      handler,
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
      disabled,
    });
  }

  /** Raises `line` at an instant, on CPU `cpu`. */
  irqAt(ns: number, line: IrqLine, cpu = 0): void {
    this.machine.sim.at(ns, { fire: () => void this.machine.cpus[cpu]!.raise(line) });
  }

  /** Spins until jiffies change; `j` of later events counts from there. */
  *align(): Code {
    yield* this.busyJiffies(1);
    this.epoch = this.machine.jiffies;
  }

  *busyJiffies(n: number): Code {
    const { machine } = this;
    const end = machine.jiffies + n;
    while (machine.jiffies < end) {
      const next = tickTime(machine.hz, machine.jiffies - machine.firstJiffy + 1);
      yield next > machine.sim.now ? next - machine.sim.now : US;
    }
  }

  run(untilMs = 2000): this {
    this.machine.sim.run(untilMs * MS);
    this.machine.accountAll();
    return this;
  }
}

/** The program, then exit(). */
function* userMain(k: Context, program: Body): Code {
  const status = (yield* program(k)) ?? 0;
  yield* syscall(k, 'exit', function* () {
    yield* do_exit(k, status);
    return 0;
  });
}

/** Raises the line on this CPU and spins 20 us: the interrupt comes before that if it may. */
export function* raise_irq(k: Context, line: IrqLine): Code {
  k.cpu.raise(line);
  yield 20 * US;
}

export function sleep(k: Context, jiffies: number): Code<number> {
  return schedule_timeout_uninterruptible(k, jiffies);
}

/** Handlers and functions without steps of their own. */
export function just(act: (k: Context) => void): (k: Context) => Code {
  return function* (k) {
    act(k);
    yield 0;
  };
}

/** wake_up_process() up to its end, where a preemptible kernel gives way. */
export function* wake(k: Context, task: Task): Code<number> {
  const woken = wake_up_process(k.cpu, task);
  yield 0;
  return woken;
}

/** A state in which set_current_state() leaves the task. */
export function set_state(k: Context, state: number): void {
  k.current.state = state;
}

export function isRunnable(task: Task): boolean {
  return task.state === TASK_RUNNING;
}
