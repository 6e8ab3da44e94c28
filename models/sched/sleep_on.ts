/*
 * The sleep_on family, kernel/sched.c until 3.14. The caller tests its condition BEFORE calling:
 * a wake-up in between is lost, which is why it was removed. Entries are not exclusive and stay
 * queued until the sleeper runs again.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import {
  local_irq_disable,
  local_irq_restore,
  local_irq_save,
  preempt_check_resched,
} from '../cpu/preempt.ts';
import { missedCall, report_late_wakeup } from '../checks/late-wakeup.ts';
import { MAX_SCHEDULE_TIMEOUT } from '../time/jiffies.ts';
import { schedule_timeout } from '../time/sleep.ts';
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from './task.ts';
import { WaitEntry, add_wait_queue, remove_wait_queue, type WaitQueueHead } from './wait.ts';

/** Sets the state, queues, sleeps with interrupts still off (schedule() turns them on). */
function* sleep_on_common(
  k: Context,
  queue: WaitQueueHead,
  state: number,
  timeout: number,
): Code<number> {
  const entry = new WaitEntry(k.current);
  const entered = k.machine.sim.steps;
  yield k.step(queue, k.machine.costs.lock);
  k.current.state = state;
  k.current.waitingFor = queue.name;
  const flags = local_irq_save(k);
  const missed = missedCall(k, entered, queue.unheard, k.current.unheard);
  add_wait_queue(queue, entry);
  let left = timeout;
  if (timeout === MAX_SCHEDULE_TIMEOUT) yield SCHEDULE;
  else left = yield* schedule_timeout(k, timeout);
  if (left === 0 && missed !== null) report_late_wakeup(k, missed, timeout, queue.name);
  local_irq_disable(k);
  remove_wait_queue(entry);
  yield* local_irq_restore(k, flags);
  yield* preempt_check_resched(k);
  return left;
}

export function* sleep_on(k: Context, queue: WaitQueueHead): Code {
  yield* sleep_on_common(k, queue, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

export function* interruptible_sleep_on(k: Context, queue: WaitQueueHead): Code {
  yield* sleep_on_common(k, queue, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
}

/** Returns the jiffies that are left, 0 when they have passed. */
export function sleep_on_timeout(k: Context, queue: WaitQueueHead, timeout: number): Code<number> {
  return sleep_on_common(k, queue, TASK_UNINTERRUPTIBLE, timeout);
}

export function interruptible_sleep_on_timeout(
  k: Context,
  queue: WaitQueueHead,
  timeout: number,
): Code<number> {
  return sleep_on_common(k, queue, TASK_INTERRUPTIBLE, timeout);
}
