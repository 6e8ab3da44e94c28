/*
 * Wait queues, kernel/sched/wait.c: non-exclusive entries at the head (last added, first woken),
 * exclusive ones at the tail; a wake-up takes every non-exclusive entry it meets and stops after
 * `nr` exclusive ones.
 */
import { hashOf, type Fingerprint } from '../../engine/index.ts';
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { Unheard } from '../checks/late-wakeup.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { errno } from '../errno.ts';
import { schedule_timeout } from '../time/sleep.ts';
import { might_sleep, try_to_wake_up } from './core.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_NORMAL,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from './task.ts';

/** Decides what a wake-up does with an entry; true: it counts as woken. */
export type WakeFunction = (entry: WaitEntry, waker: Cpu, mode: number, key: number) => boolean;

export class WaitEntry {
  readonly task: Task;
  exclusive = false;
  readonly func: WakeFunction;
  queue: WaitQueueHead | null = null;

  constructor(task: Task, func: WakeFunction = default_wake_function) {
    this.task = task;
    this.func = func;
  }
}

export class WaitQueueHead {
  readonly name: string;
  readonly entries: WaitEntry[] = [];
  /** Wake-ups that found nobody. */
  readonly unheard = new Unheard();

  constructor(name: string) {
    this.name = name;
  }

  feed(into: Fingerprint): void {
    into.add(this.entries.length);
    for (const { task, exclusive, func } of this.entries) {
      into.add(exclusive ? -1 - task.pid : task.pid);
      into.add(hashOf(func.name));
    }
  }
}

export function default_wake_function(entry: WaitEntry, waker: Cpu, mode: number): boolean {
  return try_to_wake_up(waker, entry.task, mode);
}

/** As default_wake_function, and the entry leaves the queue when the wake-up succeeded. */
export function autoremove_wake_function(entry: WaitEntry, waker: Cpu, mode: number): boolean {
  const woken = default_wake_function(entry, waker, mode);
  if (woken) remove_wait_queue(entry);
  return woken;
}

export function add_wait_queue(queue: WaitQueueHead, entry: WaitEntry): void {
  entry.queue = queue;
  entry.exclusive = false;
  queue.entries.unshift(entry);
}

export function add_wait_queue_exclusive(queue: WaitQueueHead, entry: WaitEntry): void {
  entry.queue = queue;
  entry.exclusive = true;
  queue.entries.push(entry);
}

export function remove_wait_queue(entry: WaitEntry): void {
  if (entry.queue === null) return;
  const { entries } = entry.queue;
  entries.splice(entries.indexOf(entry), 1);
  entry.queue = null;
}

export function waitqueue_active(queue: WaitQueueHead): boolean {
  return queue.entries.length > 0;
}

/**
 * `nr` exclusive entries at most, 0: all. `key` tells poll entries what happened. A wake function
 * may take its own entry out of the queue, no other.
 */
export function __wake_up(
  waker: Cpu,
  queue: WaitQueueHead,
  mode: number,
  nr: number,
  key = 0,
): void {
  const { entries } = queue;
  if (entries.length === 0) queue.unheard.note(waker);
  let left = nr;
  let at = 0;
  for (let entry = entries[at]; entry !== undefined; entry = entries[at]) {
    const woken = entry.func(entry, waker, mode, key);
    if (woken && entry.exclusive && --left === 0) break;
    if (entries[at] === entry) at++;
  }
  waker.preemptPoint();
}

export function wake_up(waker: Cpu, queue: WaitQueueHead): void {
  __wake_up(waker, queue, TASK_NORMAL, 1);
}

export function wake_up_nr(waker: Cpu, queue: WaitQueueHead, nr: number): void {
  __wake_up(waker, queue, TASK_NORMAL, nr);
}

export function wake_up_all(waker: Cpu, queue: WaitQueueHead): void {
  __wake_up(waker, queue, TASK_NORMAL, 0);
}

export function wake_up_interruptible(waker: Cpu, queue: WaitQueueHead): void {
  __wake_up(waker, queue, TASK_INTERRUPTIBLE, 1);
}

export function wake_up_interruptible_nr(waker: Cpu, queue: WaitQueueHead, nr: number): void {
  __wake_up(waker, queue, TASK_INTERRUPTIBLE, nr);
}

export function wake_up_interruptible_all(waker: Cpu, queue: WaitQueueHead): void {
  __wake_up(waker, queue, TASK_INTERRUPTIBLE, 0);
}

/** Queues the entry once and sets the state: the condition must be tested after it. */
export function prepare_to_wait(
  k: Context,
  queue: WaitQueueHead,
  entry: WaitEntry,
  state: number,
): void {
  if (entry.queue === null) add_wait_queue(queue, entry);
  sleeping_on(k, queue, state);
}

export function prepare_to_wait_exclusive(
  k: Context,
  queue: WaitQueueHead,
  entry: WaitEntry,
  state: number,
): void {
  if (entry.queue === null) add_wait_queue_exclusive(queue, entry);
  sleeping_on(k, queue, state);
}

/**
 * As prepare_to_wait, unless a signal ends the wait (-ERESTARTSYS): then the entry leaves the queue
 * so that it takes no wake-up from others.
 */
function prepare_to_wait_event(
  k: Context,
  queue: WaitQueueHead,
  entry: WaitEntry,
  { state, exclusive = false }: WaitOptions,
): number {
  if (signal_pending_state(k.current, state)) {
    remove_wait_queue(entry);
    k.cpu.preemptPoint();
    return -errno.ERESTARTSYS;
  }
  if (exclusive) prepare_to_wait_exclusive(k, queue, entry, state);
  else prepare_to_wait(k, queue, entry, state);
  return 0;
}

function sleeping_on(k: Context, queue: WaitQueueHead, state: number): void {
  k.current.state = state;
  k.current.waitingFor = queue.name;
  k.cpu.preemptPoint();
}

export function finish_wait(k: Context, entry: WaitEntry): void {
  k.current.state = TASK_RUNNING;
  if (entry.queue === null) return;
  remove_wait_queue(entry);
  k.cpu.preemptPoint();
}

export interface WaitOptions {
  readonly state: number;
  readonly exclusive?: boolean;
  /** Jiffies; without it the wait has no end. */
  readonly timeout?: number;
  /** The function of the kernel in whose file the macro stands; a step's own if left out. */
  readonly where?: string;
}

/**
 * ___wait_event(): sleeps until `condition` holds, which is tested once each time. Returns 0, with
 * a timeout the jiffies left (at least 1 if the condition holds, 0 if it does not); -ERESTARTSYS
 * when a signal ends it.
 */
export function* wait_event_common(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
  options: WaitOptions,
): Code<number> {
  const { timeout, where = 'wait_event' } = options;
  yield* might_sleep(k, where);
  let left = timeout ?? 0;
  const done = (): boolean => {
    const holds = condition();
    if (timeout !== undefined && holds) left = Math.max(1, left);
    return holds || (timeout !== undefined && left === 0);
  };
  yield k.step(queue, k.machine.costs.access);
  if (done()) return left;
  const entry = new WaitEntry(k.current, autoremove_wake_function);
  for (;;) {
    const interrupted = prepare_to_wait_event(k, queue, entry, options);
    yield k.step(queue, k.machine.costs.access);
    if (done()) break;
    if (interrupted !== 0) return interrupted;
    k.current.condition = condition;
    if (timeout === undefined) yield SCHEDULE;
    else left = yield* schedule_timeout(k, left);
    k.current.condition = null;
  }
  finish_wait(k, entry);
  return left;
}

export function* wait_event(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
  where?: string,
): Code {
  const from = where === undefined ? {} : { where };
  yield* wait_event_common(k, queue, condition, { state: TASK_UNINTERRUPTIBLE, ...from });
}

export function wait_event_interruptible(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
): Code<number> {
  return wait_event_common(k, queue, condition, { state: TASK_INTERRUPTIBLE });
}

export function wait_event_interruptible_exclusive(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
): Code<number> {
  return wait_event_common(k, queue, condition, { state: TASK_INTERRUPTIBLE, exclusive: true });
}

export function wait_event_killable(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
): Code<number> {
  return wait_event_common(k, queue, condition, { state: TASK_KILLABLE });
}

export function wait_event_timeout(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
  timeout: number,
): Code<number> {
  return wait_event_common(k, queue, condition, { state: TASK_UNINTERRUPTIBLE, timeout });
}

export function wait_event_interruptible_timeout(
  k: Context,
  queue: WaitQueueHead,
  condition: () => boolean,
  timeout: number,
): Code<number> {
  return wait_event_common(k, queue, condition, { state: TASK_INTERRUPTIBLE, timeout });
}
