/* A machine with programs and kernel threads on it, and what the tests ask of it. */
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import { EV } from '../../../models/events.ts';
import { kthread_create } from '../../../models/kthread.ts';
import { Machine, type MachineOptions } from '../../../models/machine.ts';
import { wake_up_process } from '../../../models/sched/core.ts';
import type { Task } from '../../../models/sched/task.ts';
import { spawnUser, type Program, type UserOptions } from '../../../models/user/spawn.ts';

export const ms = 1_000_000;

export class Bench {
  readonly machine: Machine;

  constructor(kernel: KernelName = 'linux-6.12', options: Partial<MachineOptions> = {}) {
    this.machine = new Machine({
      kernel,
      cpus: 1,
      hz: 1000,
      preemption: 'none',
      seed: 1,
      maxSteps: 1_000_000,
      ...options,
    });
  }

  /** Starts a program: before the run, or from code that runs on CPU 0. */
  user(name: string, main: Program, options: Partial<UserOptions> = {}): Task {
    return this.wake(spawnUser(this.machine, { name, ...options }, main));
  }

  /** Starts a program that returns nothing. */
  run(name: string, main: (k: Context) => Code, options: Partial<UserOptions> = {}): Task {
    const program = function* (k: Context): Code<number> {
      yield* main(k);
      return 0;
    };
    return this.user(name, program, options);
  }

  kthread(name: string, main: (k: Context) => Code): Task {
    const threadfn = function* (k: Context): Code<number> {
      yield* main(k);
      return 0;
    };
    return this.wake(kthread_create(this.machine, threadfn, { name }));
  }

  private wake(task: Task): Task {
    wake_up_process(this.machine.cpus[0]!, task);
    return task;
  }

  /** Runs up to the instant `ns`; without it until nothing can happen any more. */
  until(ns?: number): this {
    this.machine.sim.run(ns);
    return this;
  }

  /** Rows of these events, as `event object value`, from now on. */
  watch(...events: (keyof typeof EV)[]): string[] {
    const rows: string[] = [];
    const { texts, trace } = this.machine;
    trace.subscribe((_t, _cpu, _context, _pid, _comm, _flags, event, object, value) => {
      const name = events.find((one) => EV[one] === event);
      if (name !== undefined) rows.push(`${name} ${texts.text(object)} ${value}`);
    });
    return rows;
  }

  get log(): string[] {
    return this.machine.console.map(({ from, text }) => `${from}: ${text}`);
  }
}
