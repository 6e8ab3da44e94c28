/*
 * Kernel threads, kernel/kthread.c: created asleep, first woken by wake_up_process; asked to stop
 * by kthread_stop, which wakes them and waits for their end.
 */
import type { Fingerprint } from '../engine/index.ts';
import type { Code, Context } from './context.ts';
import { errno } from './errno.ts';
import { HOOK, sync_done, sync_wait } from './hooks.ts';
import { ORDER, load_acquire, store_release } from './instrumented.ts';
import type { Machine } from './machine.ts';
import { do_exit } from './sched/exit.ts';
import { Completion, complete_all, wait_for_completion } from './sched/completion.ts';
import { wake_up_process } from './sched/core.ts';
import { LONG_AGO, place_forked_kthread } from './sched/fair.ts';
import { TASK_DEAD, TASK_UNINTERRUPTIBLE, type Scheduling, type Task } from './sched/task.ts';
import { SignalState } from './signal/signal.ts';

export class KthreadState {
  shouldStop = false;
  readonly exited: Completion;
  result = 0;

  constructor(name: string) {
    this.exited = new Completion(name);
  }

  feed(into: Fingerprint): void {
    into.add(this.shouldStop ? 1 : 0);
    into.add(this.result);
    this.exited.feed(into);
  }
}

export interface KthreadOptions {
  readonly name: string;
  readonly scheduling?: Scheduling;
  readonly cpu?: number;
  readonly allowed?: readonly number[];
}

/**
 * A thread that will run `threadfn` once it is woken; its return value goes to kthread_stop. Until
 * then it sleeps uninterruptibly, as kthread() does after the fork.
 */
export function kthread_create(
  machine: Machine,
  threadfn: (k: Context) => Code<number>,
  options: KthreadOptions,
): Task {
  const task = kthread_of_old(machine, threadfn, options);
  place_forked_kthread(task.cpu, task);
  return task;
}

/** As kthread_create, but the thread has slept since the CPU booted. */
export function kthread_of_old(
  machine: Machine,
  threadfn: (k: Context) => Code<number>,
  options: KthreadOptions,
): Task {
  const task = machine.newTask('kthread', options.name, options.cpu ?? 0);
  task.signals = new SignalState('ignore');
  task.kthread = new KthreadState(task.comm);
  task.allowed = options.allowed ?? null;
  task.setScheduling(
    options.scheduling ?? { policy: 'SCHED_NORMAL', nice: machine.era.kthreadNice },
  );
  task.state = TASK_UNINTERRUPTIBLE;
  task.vruntime = LONG_AGO;
  task.top.runs((k) => (task.kthread!.shouldStop ? stopped() : threadfn(k)), kthread_exit);
  return task;
}

/** Stopped before it ever ran: threadfn is not called. */
function* stopped(): Code<number> {
  return -errno.EINTR;
}

/** The end of kthread(). */
function* kthread_exit(k: Context, result: number): Code {
  const state = k.current.kthread!;
  state.result = result;
  complete_all(k.cpu, state.exited);
  yield* do_exit(k, state.result);
}

export function kthread_should_stop(k: Context): boolean {
  const stop = k.current.kthread?.shouldStop ?? false;
  if (stop) load_acquire(k.cpu, ORDER.kthread, k.current.comm);
  return stop;
}

/** Asks the thread to end and wakes it. */
export function requestStop(k: Context, task: Task): KthreadState {
  const state = task.kthread;
  if (state === null) throw new RangeError(`${task.comm} is no kernel thread`);
  store_release(k.cpu, ORDER.kthread, task.comm);
  state.shouldStop = true;
  if (k.machine.era.kthreadStopNotifies && task.signals !== null && task.state !== TASK_DEAD) {
    task.signals.notified = true;
  }
  if (wake_up_process(k.cpu, task) === 0) task.unheard.note(k.cpu);
  sync_wait(k, task.comm, 'sleeps', task.pid);
  return state;
}

/** kthread_stop() holds the last reference to the task_struct, and drops it. */
function tellOf({ cpu, machine }: Context, hook: number, { comm, pid }: Task): void {
  if (machine.trace.on) machine.tell(cpu, hook, machine.texts.intern(comm), pid);
}

/** Asks the thread to end, wakes it and returns what its function returned. */
export function* kthread_stop(k: Context, task: Task): Code<number> {
  tellOf(k, HOOK.kthread_stop, task);
  const state = requestStop(k, task);
  yield* wait_for_completion(k, state.exited);
  tellOf(k, HOOK.kthread_gone, task);
  sync_done(k, task.comm);
  return state.result;
}
