/*
 * Words for waiting: wait queues, wait_event, the sleep_on family, completions.
 */
import type { Code, Context } from '../../models/context.ts';
import * as done from '../../models/sched/completion.ts';
import * as sleepOn from '../../models/sched/sleep_on.ts';
import * as wait from '../../models/sched/wait.ts';
import { TASK_UNINTERRUPTIBLE } from '../../models/sched/state.ts';
import {
  alias,
  completion,
  condition,
  envOp,
  int,
  op,
  optional,
  out,
  taskState,
  waitQueue,
  type Op,
} from './define.ts';

const WAIT = 'kernel/sched/wait.c';
const EVENT = 'include/linux/wait.h';
const SLEEP_ON = 'kernel/sched.c (removed in 3.15)';
const COMPLETION = 'kernel/sched/completion.c';

const holds = (test: () => number) => (): boolean => test() !== 0;

const add_wait_queue = envOp(
  'add_wait_queue',
  [waitQueue],
  'void',
  'Queues a default entry: it stays queued.',
  WAIT,
  (k, env, q) => {
    wait.add_wait_queue(q, env.entry(k, q, wait.default_wake_function));
    k.cpu.preemptPoint();
  },
);
const add_wait_queue_exclusive = envOp(
  'add_wait_queue_exclusive',
  [waitQueue],
  'void',
  'As add_wait_queue, exclusive.',
  WAIT,
  (k, env, q) => {
    wait.add_wait_queue_exclusive(q, env.entry(k, q, wait.default_wake_function));
    k.cpu.preemptPoint();
  },
);
const remove_wait_queue = envOp(
  'remove_wait_queue',
  [waitQueue],
  'void',
  'Takes the entry out again.',
  WAIT,
  (k, env, q) => {
    wait.remove_wait_queue(env.entry(k, q, wait.default_wake_function));
    k.cpu.preemptPoint();
  },
);

const waitQueueOps: readonly Op[] = [
  op(
    'wake_up',
    [waitQueue],
    'void',
    'Wakes all non-exclusive waiters and one exclusive.',
    WAIT,
    (k, q) => wait.wake_up(k.cpu, q),
  ),
  op(
    'wake_up_nr',
    [waitQueue, int('nr')],
    'void',
    'As wake_up, up to nr exclusive ones.',
    WAIT,
    (k, q, nr) => wait.wake_up_nr(k.cpu, q, nr),
  ),
  op('wake_up_all', [waitQueue], 'void', 'Wakes every waiter.', WAIT, (k, q) =>
    wait.wake_up_all(k.cpu, q),
  ),
  op(
    'wake_up_interruptible',
    [waitQueue],
    'void',
    'As wake_up, interruptible sleepers only.',
    WAIT,
    (k, q) => wait.wake_up_interruptible(k.cpu, q),
  ),
  op(
    'wake_up_interruptible_all',
    [waitQueue],
    'void',
    'Wakes every interruptible sleeper.',
    WAIT,
    (k, q) => wait.wake_up_interruptible_all(k.cpu, q),
  ),
  op(
    'wake_up_interruptible_nr',
    [waitQueue, int('nr')],
    'void',
    'As wake_up_nr, interruptible sleepers only.',
    WAIT,
    (k, q, nr) => wait.wake_up_interruptible_nr(k.cpu, q, nr),
  ),
  op('waitqueue_active', [waitQueue], 'int', '1 if anybody is queued.', WAIT, (_k, q) =>
    wait.waitqueue_active(q) ? 1 : 0,
  ),
  add_wait_queue,
  alias('wq_add', add_wait_queue),
  add_wait_queue_exclusive,
  alias('wq_add_exclusive', add_wait_queue_exclusive),
  remove_wait_queue,
  alias('wq_remove', remove_wait_queue),
  envOp(
    'prepare_to_wait',
    [waitQueue, optional(taskState)],
    'void',
    'Queues an auto-remove entry and sets the state (uninterruptible by default).',
    WAIT,
    (k, env, q, s) =>
      wait.prepare_to_wait(
        k,
        q,
        env.entry(k, q, wait.autoremove_wake_function),
        s ?? TASK_UNINTERRUPTIBLE,
      ),
  ),
  envOp(
    'prepare_to_wait_exclusive',
    [waitQueue, optional(taskState)],
    'void',
    'As prepare_to_wait, exclusive.',
    WAIT,
    (k, env, q, s) =>
      wait.prepare_to_wait_exclusive(
        k,
        q,
        env.entry(k, q, wait.autoremove_wake_function),
        s ?? TASK_UNINTERRUPTIBLE,
      ),
  ),
  envOp(
    'finish_wait',
    [waitQueue],
    'void',
    'Runs again, and leaves the queue.',
    WAIT,
    (k, env, q) => wait.finish_wait(k, env.entry(k, q, wait.autoremove_wake_function)),
  ),
];

const waitEvents: readonly Op[] = [
  op(
    'wait_event',
    [waitQueue, condition('condition')],
    'void',
    'Sleeps until the condition holds.',
    EVENT,
    (k, q, test) => wait.wait_event(k, q, holds(test)),
  ),
  op(
    'wait_event_interruptible',
    [waitQueue, condition('condition')],
    'int',
    '0, or -ERESTARTSYS by a signal.',
    EVENT,
    (k, q, test) => wait.wait_event_interruptible(k, q, holds(test)),
  ),
  op(
    'wait_event_interruptible_exclusive',
    [waitQueue, condition('condition')],
    'int',
    'As wait_event_interruptible, as an exclusive waiter.',
    EVENT,
    (k, q, test) => wait.wait_event_interruptible_exclusive(k, q, holds(test)),
  ),
  op(
    'wait_event_killable',
    [waitQueue, condition('condition')],
    'int',
    '0, or -ERESTARTSYS by SIGKILL.',
    EVENT,
    (k, q, test) => wait.wait_event_killable(k, q, holds(test)),
  ),
  op(
    'wait_event_timeout',
    [waitQueue, condition('condition'), int('jiffies')],
    'int',
    'Jiffies left, at least 1 if the condition holds; 0 if it does not.',
    EVENT,
    (k, q, test, n) => wait.wait_event_timeout(k, q, holds(test), n),
  ),
  op(
    'wait_event_interruptible_timeout',
    [waitQueue, condition('condition'), int('jiffies')],
    'int',
    'As wait_event_timeout, or -ERESTARTSYS by a signal.',
    EVENT,
    (k, q, test, n) => wait.wait_event_interruptible_timeout(k, q, holds(test), n),
  ),
];

/** What is left goes to a local too, if the step names one. */
function timed(sleep: typeof sleepOn.sleep_on_timeout) {
  return function* (
    k: Context,
    queue: wait.WaitQueueHead,
    jiffies: number,
    set?: (left: number) => void,
  ): Code<number> {
    const left = yield* sleep(k, queue, jiffies);
    set?.(left);
    return left;
  };
}

const sleepOns: readonly Op[] = [
  op(
    'sleep_on',
    [waitQueue],
    'void',
    'Sleeps until woken; the wake-up may be lost.',
    SLEEP_ON,
    sleepOn.sleep_on,
  ),
  op(
    'interruptible_sleep_on',
    [waitQueue],
    'void',
    'As sleep_on; a signal ends it.',
    SLEEP_ON,
    sleepOn.interruptible_sleep_on,
  ),
  op(
    'sleep_on_timeout',
    [waitQueue, int('jiffies'), out('left')],
    'int',
    'Jiffies left; 0: timed out.',
    SLEEP_ON,
    timed(sleepOn.sleep_on_timeout),
  ),
  op(
    'interruptible_sleep_on_timeout',
    [waitQueue, int('jiffies'), out('left')],
    'int',
    'Jiffies left; a signal ends it.',
    SLEEP_ON,
    timed(sleepOn.interruptible_sleep_on_timeout),
  ),
];

const completionOps: readonly Op[] = [
  op('complete', [completion], 'void', 'Lets one waiter go on.', COMPLETION, (k, c) =>
    done.complete(k.cpu, c),
  ),
  op('complete_all', [completion], 'void', 'Lets all go on, for ever.', COMPLETION, (k, c) =>
    done.complete_all(k.cpu, c),
  ),
  op(
    'reinit_completion',
    [completion],
    'void',
    'Forgets what was completed.',
    COMPLETION,
    (_k, c) => done.reinit_completion(c),
  ),
  op(
    'wait_for_completion',
    [completion],
    'void',
    'Sleeps until completed.',
    COMPLETION,
    done.wait_for_completion,
  ),
  op(
    'wait_for_completion_interruptible',
    [completion],
    'int',
    '0, or -ERESTARTSYS.',
    COMPLETION,
    done.wait_for_completion_interruptible,
  ),
  op(
    'wait_for_completion_timeout',
    [completion, int('jiffies')],
    'int',
    'Jiffies left, or 0.',
    COMPLETION,
    done.wait_for_completion_timeout,
  ),
  op('try_wait_for_completion', [completion], 'int', '1 if it was completed.', COMPLETION, (k, c) =>
    done.try_wait_for_completion(k.cpu, c),
  ),
  op(
    'completion_done',
    [completion],
    'int',
    '0 if somebody who waited now would sleep.',
    COMPLETION,
    (k, c) => done.completion_done(k.cpu, c),
  ),
];

export const waitingOps: readonly Op[] = [
  ...waitQueueOps,
  ...waitEvents,
  ...sleepOns,
  ...completionOps,
];
