/*
 * Words for sleeping and signals: task states, schedule() and its timeouts, giving way.
 */
import { SCHEDULE } from '../../models/context.ts';
import type { Code, Context } from '../../models/context.ts';
import { missedCall, report_late_wakeup } from '../../models/checks/late-wakeup.ts';
import { local_irq_enable, preempt_check_resched } from '../../models/cpu/preempt.ts';
import type { StoredTo } from '../../models/cpu/store-buffer.ts';
import * as core from '../../models/sched/core.ts';
import type { Task } from '../../models/sched/task.ts';
import { send_sig } from '../../models/signal/send.ts';
import * as sig from '../../models/signal/signal.ts';
import * as sleep from '../../models/time/sleep.ts';
import { alias, int, op, plain, symbol, task, taskState, type Op } from './define.ts';

const TIMER = 'kernel/time/timer.c';
const SIGNAL = 'kernel/signal.c';
const SCHED = 'kernel/sched/core.c';

const set_current_state = op(
  'set_current_state',
  [taskState],
  'void',
  'The state in which schedule() will leave the task.',
  SCHED,
  (k, s) => {
    const task = k.current;
    task.state = s;
    task.missed = missedCall(k, Infinity, task.unheard);
  },
);

const __set_current_state = plain(
  op(
    '__set_current_state',
    [taskState],
    'void',
    'The same without a barrier: others may see the state later than what comes next.',
    SCHED,
    (k, s) => {
      const { current, cpu } = k;
      if (cpu.stores === null) current.state = s;
      else cpu.stores.add(stateOf(current), 0, s);
    },
  ),
);

/** As a place that is stored to. */
function stateOf(task: Task): StoredTo {
  return {
    name: `state of ${task.actor}`,
    store: (_index, state) => {
      task.state = state;
    },
  };
}

/** Whoever sets a state and sleeps without another look may have missed a call. */
function watched(sleeps: (k: Context, jiffies: number) => Code<number>, sets: boolean) {
  return function* (k: Context, jiffies: number): Code<number> {
    const task = k.current;
    if (sets) task.missed = missedCall(k, Infinity, task.unheard);
    const { missed } = task;
    const left = yield* sleeps(k, jiffies);
    task.missed = null;
    const steps = missed === null ? NaN : k.begun - missed.begun;
    if (left === 0 && steps === (sets ? 0 : 1)) report_late_wakeup(k, missed!, jiffies, '');
    return left;
  };
}

const sleepUninterruptible = op(
  'schedule_timeout_uninterruptible',
  [int('jiffies')],
  'int',
  'Sleeps; returns the jiffies left.',
  TIMER,
  sleep.schedule_timeout_uninterruptible,
);

const sleepOps: readonly Op[] = [
  set_current_state,
  __set_current_state,
  alias('set_state', set_current_state),
  op('schedule', [], 'void', 'Gives up the CPU as the state says.', SCHED, function* () {
    yield SCHEDULE;
  }),
  op(
    'schedule_timeout',
    [int('jiffies')],
    'int',
    'Jiffies left; the caller sets the state.',
    TIMER,
    watched(sleep.schedule_timeout, false),
  ),
  op(
    'schedule_timeout_interruptible',
    [int('jiffies')],
    'int',
    'Jiffies left.',
    TIMER,
    watched(sleep.schedule_timeout_interruptible, true),
  ),
  op(
    'schedule_timeout_killable',
    [int('jiffies')],
    'int',
    'Jiffies left.',
    TIMER,
    sleep.schedule_timeout_killable,
  ),
  sleepUninterruptible,
  alias('sleep', sleepUninterruptible),
  op('msleep', [int('ms')], 'void', 'At least ms milliseconds, by the tick.', TIMER, sleep.msleep),
  op(
    'msleep_interruptible',
    [int('ms')],
    'int',
    'Milliseconds left.',
    TIMER,
    sleep.msleep_interruptible,
  ),
  op('cond_resched', [], 'int', '1 if it gave way.', SCHED, (k) => core.cond_resched(k)),
  op('might_sleep', [], 'void', 'Reports if sleeping is forbidden here.', SCHED, (k) =>
    core.might_sleep(k, 'might_sleep'),
  ),
  op('yield', [], 'void', 'Lets the others of the same priority go first.', SCHED, core.yield_),
  op('need_resched', [], 'int', '1 if a reschedule is asked for.', SCHED, (k) =>
    k.cpu.need_resched ? 1 : 0,
  ),
];

const signal = symbol('signal', sig.signals);

const signalOps: readonly Op[] = [
  op(
    'send_sig',
    [task, signal],
    'int',
    'Sends the signal; 0 even if it is ignored.',
    SIGNAL,
    (k: Context, t, s) => send_sig(k.cpu, s, t),
  ),
  op(
    'allow_signal',
    [signal],
    'void',
    'A kernel thread lets the signal reach it.',
    SIGNAL,
    function* (k, s) {
      sig.allow_signal(k.current, s);
      yield* local_irq_enable(k);
      yield* preempt_check_resched(k);
    },
  ),
  op('flush_signals', [], 'void', 'Forgets all pending signals.', SIGNAL, (k) => {
    sig.flush_signals(k.current);
    k.cpu.preemptPoint();
  }),
  op('signal_pending', [], 'int', '1 if a signal waits.', SIGNAL, (k) =>
    sig.signal_pending(k.current) ? 1 : 0,
  ),
  op('fatal_signal_pending', [], 'int', '1 if SIGKILL waits.', SIGNAL, (k) =>
    sig.fatal_signal_pending(k.current) ? 1 : 0,
  ),
];

export const sleepingOps: readonly Op[] = [...sleepOps, ...signalOps];
