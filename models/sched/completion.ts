/*
 * Completions, kernel/sched/completion.c: a counter of events that happened, and exclusive waiters,
 * since 5.7 on a simple wait queue (kernel/sched/swait.c).
 */
import type { Fingerprint } from '../../engine/index.ts';
import { SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { signal_pending_state } from '../signal/signal.ts';
import { MAX_SCHEDULE_TIMEOUT } from '../time/jiffies.ts';
import { schedule_timeout } from '../time/sleep.ts';
import { might_sleep, wake_up_process } from './core.ts';
import { TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_UNINTERRUPTIBLE } from './task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  __wake_up,
  default_wake_function,
  finish_wait,
  prepare_to_wait_exclusive,
  remove_wait_queue,
} from './wait.ts';

const FOR_EVER = Number.MAX_SAFE_INTEGER;

export class Completion {
  readonly name: string;
  readonly wait: WaitQueueHead;
  done = 0;

  constructor(name: string) {
    this.name = name;
    this.wait = new WaitQueueHead(name);
  }

  feed(into: Fingerprint): void {
    into.add(this.done);
    this.wait.feed(into);
  }
}

/** Lets one waiter go on, now or later. */
export function complete(waker: Cpu, completion: Completion): void {
  if (completion.done !== FOR_EVER) completion.done++;
  store_release(waker, ORDER.completion, completion.name);
  __wake_up(waker, completion.wait, TASK_NORMAL, 1);
}

/** Lets all waiters go on, now and for ever. */
export function complete_all(waker: Cpu, completion: Completion): void {
  completion.done = FOR_EVER;
  store_release(waker, ORDER.completion, completion.name);
  __wake_up(waker, completion.wait, TASK_NORMAL, 0);
}

export function reinit_completion(completion: Completion): void {
  completion.done = 0;
}

export function try_wait_for_completion(cpu: Cpu, completion: Completion): number {
  if (completion.done === 0) return 0;
  if (completion.done !== FOR_EVER) completion.done--;
  load_acquire(cpu, ORDER.completion, completion.name);
  cpu.preemptPoint();
  return 1;
}

/** 0 if there are waiters or would be one: nothing has been completed. */
export function completion_done(cpu: Cpu, completion: Completion): number {
  if (completion.done === 0) return 0;
  load_acquire(cpu, ORDER.completion, completion.name);
  cpu.preemptPoint();
  return 1;
}

/**
 * swake_up_locked(): takes the first waiter off the queue and wakes it. If it is awake already, it
 * will find what was completed; before 5.7 such a waiter was passed over.
 */
function swait_wake_function(entry: WaitEntry, waker: Cpu): boolean {
  wake_up_process(waker, entry.task);
  remove_wait_queue(entry);
  return true;
}

/** Returns the jiffies left (at least 1), 0 on timeout, -ERESTARTSYS on a signal. */
function* wait_for_common(
  k: Context,
  completion: Completion,
  timeout: number,
  state: number,
): Code<number> {
  yield* might_sleep(k, 'wait_for_completion');
  yield k.step(completion, k.machine.costs.lock);
  const left = yield* do_wait_for_common(k, completion, timeout, state);
  yield* preempt_check_resched(k);
  return left;
}

function* do_wait_for_common(
  k: Context,
  completion: Completion,
  timeout: number,
  state: number,
): Code<number> {
  let left = timeout;
  if (completion.done === 0) {
    const simple = k.machine.era.completionsUseSwait;
    const entry = new WaitEntry(k.current, simple ? swait_wake_function : default_wake_function);
    do {
      if (signal_pending_state(k.current, state)) {
        left = -errno.ERESTARTSYS;
        break;
      }
      prepare_to_wait_exclusive(k, completion.wait, entry, state);
      if (left === MAX_SCHEDULE_TIMEOUT) yield SCHEDULE;
      else left = yield* schedule_timeout(k, left);
    } while (completion.done === 0 && left > 0);
    finish_wait(k, entry);
    if (completion.done === 0) return left;
  }
  if (completion.done !== FOR_EVER) completion.done--;
  load_acquire(k.cpu, ORDER.completion, completion.name);
  return left === 0 ? 1 : left;
}

export function* wait_for_completion(k: Context, completion: Completion): Code {
  yield* wait_for_common(k, completion, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

/** 0 when woken by completion, -ERESTARTSYS when a signal came first. */
export function* wait_for_completion_interruptible(
  k: Context,
  completion: Completion,
): Code<number> {
  const left = yield* wait_for_common(k, completion, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE);
  return left < 0 ? left : 0;
}

export function wait_for_completion_timeout(
  k: Context,
  completion: Completion,
  timeout: number,
): Code<number> {
  return wait_for_common(k, completion, timeout, TASK_UNINTERRUPTIBLE);
}
