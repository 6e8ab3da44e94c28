/*
 * Sleeping for a time: schedule_timeout and its relatives (kernel/time/timer.c), msleep, and the
 * hrtimer sleep of nanosleep, select and poll (schedule_hrtimeout).
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { signal_pending } from '../signal/signal.ts';
import { try_to_wake_up, wake_up_process } from '../sched/core.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_KILLABLE,
  TASK_NORMAL,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from '../sched/task.ts';
import { Hrtimer } from './hrtimer.ts';
import {
  MAX_SCHEDULE_TIMEOUT,
  jiffies_to_msecs,
  msecs_to_jiffies,
  nsecs_to_jiffies_up,
} from './jiffies.ts';
import { TimerList, del_timer, mod_timer } from './timer.ts';

/**
 * Gives up the CPU for at most `timeout` jiffies in the state that the caller has set; returns what
 * is left of them, 0 if they all passed. `patient`: the time is only the bound of a wait.
 */
export function* schedule_timeout(k: Context, timeout: number, patient = true): Code<number> {
  const { machine } = k;
  if (timeout === MAX_SCHEDULE_TIMEOUT) {
    yield SCHEDULE;
    return timeout;
  }
  const task = k.current;
  if (timeout < 0) {
    task.state = TASK_RUNNING;
    return 0;
  }
  const expire = machine.jiffies + timeout;
  const timer = new TimerList('process_timeout', (on) => process_timeout(on, task), patient);
  timer.whose = task.pid;
  mod_timer(k.cpu, timer, expire);
  yield SCHEDULE;
  del_timer(k.cpu, timer);
  return Math.max(0, expire - machine.jiffies);
}

function* process_timeout(on: Context, task: Task): Code {
  wake_up_process(on.cpu, task);
  yield 0;
}

export function* schedule_timeout_interruptible(
  k: Context,
  timeout: number,
  patient = true,
): Code<number> {
  k.current.state = TASK_INTERRUPTIBLE;
  return yield* schedule_timeout(k, timeout, patient);
}

export function* schedule_timeout_killable(k: Context, timeout: number): Code<number> {
  k.current.state = TASK_KILLABLE;
  return yield* schedule_timeout(k, timeout);
}

export function* schedule_timeout_uninterruptible(
  k: Context,
  timeout: number,
  patient = true,
): Code<number> {
  k.current.state = TASK_UNINTERRUPTIBLE;
  return yield* schedule_timeout(k, timeout, patient);
}

/** At least `ms` milliseconds: until 6.11 a jiffy was added for the one that has begun. */
export function* msleep(k: Context, ms: number): Code {
  let timeout = msleepJiffies(k, ms);
  while (timeout > 0) timeout = yield* schedule_timeout_uninterruptible(k, timeout, false);
}

/** Returns the ms that are left when a signal ends it. */
export function* msleep_interruptible(k: Context, ms: number): Code<number> {
  let timeout = msleepJiffies(k, ms);
  while (timeout > 0 && !signal_pending(k.current)) {
    timeout = yield* schedule_timeout_interruptible(k, timeout, false);
  }
  return jiffies_to_msecs(k.machine, timeout);
}

function msleepJiffies({ machine }: Context, ms: number): number {
  return msecs_to_jiffies(machine, ms) + (machine.era.msleepExtraJiffy ? 1 : 0);
}

/**
 * Sleeps in the state set by the caller until woken or for `ns`; returns the ns left, 0 when the
 * time is over. Without high-resolution timers the tick decides, one jiffy later.
 */
export function* schedule_hrtimeout(k: Context, ns: number): Code<number> {
  const { machine } = k;
  const end = machine.sim.now + ns;
  if (!machine.era.highResolutionSleeps) {
    yield* schedule_timeout(k, nsecs_to_jiffies_up(machine, ns) + 1);
    return Math.max(0, end - machine.sim.now);
  }
  const task = k.current;
  if (ns <= 0) {
    task.state = TASK_RUNNING;
    return 0;
  }
  const timer = new Hrtimer('hrtimer_wakeup', false, (on) => hrtimer_wakeup(on, task));
  timer.whose = task.pid;
  timer.start(k.cpu, ns);
  yield SCHEDULE;
  timer.cancel();
  return Math.max(0, end - machine.sim.now);
}

function* hrtimer_wakeup(on: Context, task: Task): Code {
  try_to_wake_up(on.cpu, task, TASK_NORMAL);
  yield 0;
}
