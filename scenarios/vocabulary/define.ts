/*
 * How a word of the step language is tied to a function of the models: name, arguments, result,
 * a sentence for the reference, the kernel source, and the function itself.
 */
import type { Code, Context } from '../../models/context.ts';
import type { Completion } from '../../models/sched/completion.ts';
import type { Hrtimer } from '../../models/time/hrtimer.ts';
import type { IrqLine } from '../../models/irq/line.ts';
import type { Lock } from '../../models/locking/lock.ts';
import type { Mutex } from '../../models/locking/mutex.ts';
import type { RtMutex } from '../../models/locking/rtmutex.ts';
import type { WwAcquireCtx, WwMutex } from '../../models/locking/ww_mutex.ts';
import type { RwSemaphore } from '../../models/locking/rw_semaphore.ts';
import type { Rwlock } from '../../models/locking/rwlock.ts';
import type { Semaphore } from '../../models/locking/semaphore.ts';
import type { Spinlock } from '../../models/locking/spinlock.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
} from '../../models/sched/state.ts';
import type { Task } from '../../models/sched/task.ts';
import type { Tasklet } from '../../models/irq/tasklet.ts';
import type { TimerList } from '../../models/time/timer.ts';
import type { WaitQueueHead } from '../../models/sched/wait.ts';
import type { ArgDeclaration, OpDeclaration } from '../load/index.ts';
import type { Activation } from '../run/activation.ts';
import type { Reference } from '../run/variables.ts';

/** A declared argument; `T` is what the function gets for it. */
export interface Arg<T> extends ArgDeclaration {
  /** Never set: carries the type. */
  readonly type?: T;
}

type Values<A extends readonly Arg<unknown>[]> = {
  -readonly [I in keyof A]: A[I] extends Arg<infer T> ? T : never;
};

export type Result = Code<number | void> | number | void;

/** Where a word may run: kernel functions in the kernel, system calls from user mode. */
export type Mode = 'kernel' | 'user';

export interface Op extends OpDeclaration {
  readonly mode: Mode;
  /** An access of memory and no more: stores before it may still wait in the store buffer. */
  readonly plain?: boolean;
  readonly run: (k: Context, env: Activation, args: readonly unknown[]) => Result;
}

/** A word whose function needs only its context and arguments, as most kernel functions do. */
export function op<const A extends readonly Arg<unknown>[]>(
  name: string,
  args: A,
  returns: 'int' | 'void',
  about: string,
  source: string,
  body: (k: Context, ...args: Values<A>) => Result,
): Op {
  const call = body as (k: Context, ...args: readonly unknown[]) => Result;
  const run = (k: Context, _env: Activation, given: readonly unknown[]): Result =>
    call(k, ...given);
  return { name, args, returns, about, source, mode: 'kernel', run };
}

/** An access that orders nothing on x86. */
export function plain(of: Op): Op {
  return { ...of, plain: true };
}

/** A word whose function also uses what the interpreter keeps for the actor. */
export function envOp<const A extends readonly Arg<unknown>[]>(
  name: string,
  args: A,
  returns: 'int' | 'void',
  about: string,
  source: string,
  body: (k: Context, env: Activation, ...args: Values<A>) => Result,
): Op {
  const call = body as (k: Context, env: Activation, ...args: readonly unknown[]) => Result;
  const run = (k: Context, env: Activation, given: readonly unknown[]): Result =>
    call(k, env, ...given);
  return { name, args, returns, about, source, mode: 'kernel', run };
}

/** The word is for user mode: a system call, or work that the program itself does. */
export function userMode(of: Op): Op {
  return { ...of, mode: 'user' };
}

/** The same word under another name. */
export function alias(name: string, of: Op): Op {
  return { ...of, name, about: `Another name of ${of.name}.` };
}

function object<T>(name: string, ...types: string[]): Arg<T> {
  return { name, kind: 'object', types };
}

function actor<T>(name: string, ...types: string[]): Arg<T> {
  return { name, kind: 'actor', types };
}

export const spinlock = object<Spinlock>('lock', 'spinlock');
export const rwlock = object<Rwlock>('lock', 'rwlock');
export const semaphore = object<Semaphore>('sem', 'semaphore');
export const rtMutex = object<RtMutex>('lock', 'rt_mutex');
export const wwMutex = object<WwMutex>('lock', 'ww_mutex');
export const wwContext = object<WwAcquireCtx>('ctx', 'ww_acquire_ctx');
export const mutex = object<Mutex>('lock', 'mutex');
export const rwsem = object<RwSemaphore>('sem', 'rw_semaphore');
/** A lock of any kind that the lock validator knows. */
export const anyLock = (name: string): Arg<Lock> => object(name, ...validated);
const validated = ['spinlock', 'rwlock', 'mutex', 'rw_semaphore', 'rt_mutex', 'ww_acquire_ctx'];
export const completion = object<Completion>('completion', 'completion');
export const waitQueue = object<WaitQueueHead>('queue', 'wait_queue_head');
export const tasklet = actor<Tasklet>('tasklet', 'tasklet');
export const irqLine = actor<IrqLine>('line', 'irq');
export const timer = actor<TimerList>('timer', 'timer');
export const hrtimer = actor<Hrtimer>('hrtimer', 'hrtimer');
export const task = actor<Task>('task', 'kthread', 'user', 'sys');
export const int = (name: string): Arg<number> => ({ name, kind: 'int' });
export const duration = (name: string): Arg<number> => ({ name, kind: 'duration' });
/** Evaluated as often as the function asks. */
export const condition = (name: string): Arg<() => number> => ({ name, kind: 'expr' });
export const variable = (name: string): Arg<Reference> => ({ name, kind: 'variable' });
export const text = (name: string): Arg<string> => ({ name, kind: 'text' });
export const symbol = <N extends string>(
  name: string,
  flags: Readonly<Record<N, number>>,
): Arg<number> => ({ name, kind: 'symbol', flags });
export const flags = (name: string, values: Readonly<Record<string, number>>): Arg<number> => ({
  name,
  kind: 'flags',
  flags: values,
});
/** The state in which a task will sleep. */
export const taskState: Arg<number> = symbol('state', {
  TASK_RUNNING,
  TASK_INTERRUPTIBLE,
  TASK_UNINTERRUPTIBLE,
  TASK_KILLABLE,
  running: TASK_RUNNING,
  interruptible: TASK_INTERRUPTIBLE,
  uninterruptible: TASK_UNINTERRUPTIBLE,
  killable: TASK_KILLABLE,
});
/** A local that gets a result as well. */
export const out = (name: string): Arg<((value: number) => void) | undefined> => ({
  name,
  kind: 'out',
  optional: true,
});

export function optional<T>(arg: Arg<T>): Arg<T | undefined> {
  return { ...arg, optional: true } as Arg<T | undefined>;
}
