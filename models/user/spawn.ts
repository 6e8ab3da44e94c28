/*
 * User processes and their threads. A program is code that runs in user mode: what it yields is
 * time of its own, and everything else it does through system calls.
 */
import type { Code, Context } from '../context.ts';
import type { Machine } from '../machine.ts';
import { do_exit } from '../sched/exit.ts';
import { wake_up_process } from '../sched/core.ts';
import type { Scheduling, Task } from '../sched/task.ts';
import { syscall } from '../syscall.ts';
import { UserSignals, systemCall } from './signals.ts';
import { ThreadGroup } from './thread-group.ts';

/** What a program does, from its start to its exit status. */
export type Program = (k: Context) => Code<number>;

export interface UserOptions {
  readonly name: string;
  /** The lowest free one if left out. A pid is free again when its task has ended. */
  readonly pid?: number;
  readonly cpu?: number;
  readonly allowed?: readonly number[];
  readonly scheduling?: Scheduling;
  /** 0, the default, has every privilege. */
  readonly uid?: number;
}

/** A process that runs `main` once wake_up_process has started it. Throws if the pid is taken. */
export function spawnUser(machine: Machine, options: UserOptions, main: Program): Task {
  const task = machine.newTask('user', options.name, options.cpu ?? 0, options.pid);
  return prepare(task, new ThreadGroup(task.pid, options.uid ?? 0), options, main);
}

function prepare(task: Task, group: ThreadGroup, options: UserOptions, main: Program): Task {
  group.add(task);
  task.process = group;
  task.signals = new UserSignals(group.dispositions);
  task.allowed = options.allowed ?? null;
  task.setScheduling(options.scheduling ?? { policy: 'SCHED_NORMAL' });
  task.inUser = true;
  task.top.runs(main, returned);
  return task;
}

function* returned(k: Context, status: number): Code {
  (k.current.process as ThreadGroup).noteReturn(k.current);
  yield* exit(k, status);
}

/** exit(): ends the calling thread; in the first thread of a process, the process. */
export function* exit(k: Context, status: number): Code {
  yield* syscall(k, 'exit', () => sys_exit(k, status));
}

function* sys_exit(k: Context, status: number): Code<number> {
  yield* do_exit(k, status);
  return 0;
}

/** Starts one more thread of the calling process, on the same CPU; returns its thread id. */
export function pthread_create(
  k: Context,
  main: Program,
  options: Partial<UserOptions> = {},
): Code<number> {
  return systemCall(k, 'clone', () => clone(k, main, options));
}

function* clone(k: Context, main: Program, options: Partial<UserOptions>): Code<number> {
  const { current, machine } = k;
  const group = current.process as ThreadGroup;
  const { policy, rt_priority: rtPriority, nice, allowed } = current;
  const inherited = {
    name: current.comm,
    scheduling: { policy, rtPriority, nice },
    ...(allowed === null ? {} : { allowed }),
    ...options,
  };
  const cpu = options.cpu ?? k.cpu.id;
  const thread = machine.newTask('user', inherited.name, cpu, options.pid);
  prepare(thread, group, inherited, main);
  yield machine.costs.call;
  wake_up_process(k.cpu, thread);
  return thread.pid;
}
