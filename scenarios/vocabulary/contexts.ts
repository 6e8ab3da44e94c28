/*
 * Words for contexts and time: interrupts, bottom halves, preemption, tasklets, timers, threads,
 * and plain work.
 */
import type { Activity } from '../../engine/index.ts';
import { SPIN, type Code, type Context } from '../../models/context.ts';
import * as preempt from '../../models/cpu/preempt.ts';
import { errno } from '../../models/errno.ts';
import type { SoftirqName } from '../../models/era.ts';
import { irq_work_queue } from '../../models/irq/irq_work.ts';
import * as tl from '../../models/irq/tasklet.ts';
import * as softirq from '../../models/irq/softirq.ts';
import * as kthreads from '../../models/kthread.ts';
import { sched_setscheduler, wake_up_process } from '../../models/sched/core.ts';
import type { Policy } from '../../models/sched/task.ts';
import { delay } from '../../models/time/delay.ts';
import { ticksUntil, tickTime } from '../../models/time/jiffies.ts';
import * as timers from '../../models/time/timer.ts';
import type { Reference } from '../run/variables.ts';
import {
  alias,
  duration,
  envOp,
  hrtimer,
  int,
  irqLine,
  op,
  optional,
  out,
  symbol,
  task,
  tasklet,
  timer,
  variable,
  type Op,
} from './define.ts';

const PREEMPT = 'include/linux/preempt.h';
const IRQFLAGS = 'include/linux/irqflags.h';
const SOFTIRQ = 'kernel/softirq.c';
const TIMER = 'kernel/time/timer.c';
const HRTIMER = 'kernel/time/hrtimer.c';
const KTHREAD = 'kernel/kthread.c';
const SCHED = 'kernel/sched/core.c';
const DELAY = 'include/linux/delay.h';
const OURS = 'of the simulator';

const local_irq_save = envOp(
  'local_irq_save',
  [out('flags')],
  'int',
  'Interrupts off; the flag is kept.',
  IRQFLAGS,
  (k, env, set) => {
    const flags = preempt.local_irq_save(k);
    env.saveFlags(flags, set);
    return flags;
  },
);
const local_irq_restore = envOp(
  'local_irq_restore',
  [optional(int('flags'))],
  'void',
  'The flag as it was saved.',
  IRQFLAGS,
  (k, env, flags) => preempt.local_irq_restore(k, flags ?? env.restoreFlags()),
);
const local_irq_disable = op(
  'local_irq_disable',
  [],
  'void',
  'Interrupts off.',
  IRQFLAGS,
  preempt.local_irq_disable,
);
const local_irq_enable = op(
  'local_irq_enable',
  [],
  'void',
  'Interrupts on: what waits is taken; no preemption point.',
  IRQFLAGS,
  preempt.local_irq_enable,
);
const local_bh_disable = op(
  'local_bh_disable',
  [],
  'void',
  'Softirqs off.',
  SOFTIRQ,
  softirq.local_bh_disable,
);
const local_bh_enable = op(
  'local_bh_enable',
  [],
  'void',
  'Softirqs on: what waits runs.',
  SOFTIRQ,
  softirq.local_bh_enable,
);

const flagOps: readonly Op[] = [
  op('preempt_disable', [], 'void', 'No preemption.', PREEMPT, preempt.preempt_disable),
  op(
    'preempt_enable',
    [],
    'void',
    'Preemption again; a waiting one happens.',
    PREEMPT,
    preempt.preempt_enable,
  ),
  op(
    'preempt_enable_no_resched',
    [],
    'void',
    'In a module the same as preempt_enable.',
    PREEMPT,
    preempt.preempt_enable,
  ),
  op('preempt_count', [], 'int', 'The whole counter.', PREEMPT, (k) => k.cpu.preempt_count),
  op('in_interrupt', [], 'int', '1 in interrupts and with bottom halves off.', PREEMPT, (k) =>
    preempt.in_interrupt(k.cpu) ? 1 : 0,
  ),
  op('in_hardirq', [], 'int', '1 in hard interrupts.', PREEMPT, (k) =>
    preempt.in_hardirq(k.cpu) ? 1 : 0,
  ),
  op('in_atomic', [], 'int', '1 where sleeping is forbidden.', PREEMPT, (k) =>
    preempt.in_atomic(k.cpu) ? 1 : 0,
  ),
  op('irqs_disabled', [], 'int', '1 while interrupts are off.', IRQFLAGS, (k) =>
    k.cpu.irqs_disabled ? 1 : 0,
  ),
  local_irq_save,
  alias('irq_save', local_irq_save),
  local_irq_restore,
  alias('irq_restore', local_irq_restore),
  local_irq_disable,
  alias('irq_disable', local_irq_disable),
  local_irq_enable,
  alias('irq_enable', local_irq_enable),
  local_bh_disable,
  alias('bh_disable', local_bh_disable),
  local_bh_enable,
  alias('bh_enable', local_bh_enable),
];

const vectors: Readonly<Record<SoftirqName, number>> = {
  HI: 0,
  TIMER: 1,
  NET_TX: 2,
  NET_RX: 3,
  BLOCK: 4,
  IRQ_POLL: 5,
  TASKLET: 6,
  SCHED: 7,
  HRTIMER: 8,
  RCU: 9,
};
const vectorNames = Object.keys(vectors) as SoftirqName[];

/** Spins a little after raising, as the recorded programs do: the line is taken meanwhile. */
const RAISE_SPIN_NS = 20_000;

const interruptOps: readonly Op[] = [
  op(
    'raise_irq',
    [irqLine],
    'int',
    '1, or 0 if the line was still pending; spins 20 us.',
    OURS,
    function* (k, line): Code<number> {
      const raised = yield* irq_work_queue(k, line);
      yield* delay(k, RAISE_SPIN_NS);
      return raised;
    },
  ),
  op(
    'raise_softirq',
    [symbol('vector', vectors)],
    'void',
    'Marks the vector as pending.',
    SOFTIRQ,
    (k, vector) => softirq.raise_softirq(k.cpu, vectorNames[vector]!),
  ),
  op('tasklet_schedule', [tasklet], 'void', 'Queues it on this CPU, once.', SOFTIRQ, (k, t) =>
    tl.tasklet_schedule(k.cpu, t),
  ),
  op('tasklet_hi_schedule', [tasklet], 'void', 'As tasklet_schedule, vector HI.', SOFTIRQ, (k, t) =>
    tl.tasklet_hi_schedule(k.cpu, t),
  ),
  op(
    'tasklet_disable',
    [tasklet],
    'void',
    'Waits while it runs; then it does not run.',
    SOFTIRQ,
    tl.tasklet_disable,
  ),
  op('tasklet_enable', [tasklet], 'void', 'It may run again.', SOFTIRQ, (_k, t) =>
    tl.tasklet_enable(t),
  ),
  op(
    'tasklet_kill',
    [tasklet],
    'void',
    'Waits until it is neither queued nor running.',
    SOFTIRQ,
    tl.tasklet_kill,
  ),
];

const mod_timer = op(
  'mod_timer',
  [timer, int('jiffies')],
  'int',
  'Runs that many jiffies from now; 1 if it was pending.',
  TIMER,
  (k, t, n) => timers.mod_timer(k.cpu, t, k.machine.jiffies + n),
);

const timerOps: readonly Op[] = [
  mod_timer,
  alias('add_timer', mod_timer),
  op(
    'mod_timer_pending',
    [timer, int('jiffies')],
    'int',
    'As mod_timer, only if pending.',
    TIMER,
    (k, t, n) => (t.pending ? timers.mod_timer(k.cpu, t, k.machine.jiffies + n) : 0),
  ),
  op(
    'timer_reduce',
    [timer, int('jiffies')],
    'int',
    'As mod_timer, only to an earlier time.',
    TIMER,
    (k, t, n) => {
      const expires = k.machine.jiffies + n;
      return t.pending && t.expires <= expires ? 1 : timers.mod_timer(k.cpu, t, expires);
    },
  ),
  op('del_timer', [timer], 'int', '1 if it was pending.', TIMER, (k, t) =>
    timers.del_timer(k.cpu, t),
  ),
  op(
    'del_timer_sync',
    [timer],
    'int',
    'As del_timer; waits while it runs elsewhere.',
    TIMER,
    timers.del_timer_sync,
  ),
  op('timer_pending', [timer], 'int', '1 while it waits.', TIMER, (_k, t) => (t.pending ? 1 : 0)),
  op(
    'hrtimer_start',
    [hrtimer, int('us'), optional(int('soft'))],
    'void',
    'Runs that many microseconds from now.',
    HRTIMER,
    (k, t, us) => t.start(k.cpu, us * 1000),
  ),
  op('hrtimer_cancel', [hrtimer], 'int', '1 if it was armed.', HRTIMER, (_k, t) => t.cancel()),
  op(
    'jiffies',
    [],
    'int',
    'The low 20 bits of jiffies.',
    TIMER,
    (k) => k.machine.jiffies % 0x100000,
  ),
];

const wake = op('wake_up_process', [task], 'int', '1 if it slept.', SCHED, (k, t) =>
  wake_up_process(k.cpu, t),
);

const policies: Readonly<Record<string, number>> = { normal: 0, fifo: 1, rr: 2, idle: 5 };
const policyOf: Readonly<Record<number, Policy>> = {
  0: 'SCHED_NORMAL',
  1: 'SCHED_FIFO',
  2: 'SCHED_RR',
  5: 'SCHED_IDLE',
};

const taskOps: readonly Op[] = [
  wake,
  alias('wake', wake),
  op(
    'set_prio',
    [task, symbol('policy', policies), int('prio')],
    'int',
    'sched_setscheduler: real-time priority, or nice value; 0.',
    SCHED,
    function* (k, t, number, n): Code<number> {
      const policy = policyOf[number]!;
      const rt = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
      sched_setscheduler(k.cpu, t, { policy, ...(rt ? { rtPriority: n } : { nice: n }) });
      yield* preempt.preempt_check_resched(k);
      return 0;
    },
  ),
  op('kthread_should_stop', [out('stop')], 'int', '1 once it shall end.', KTHREAD, (k, set) => {
    const stop = kthreads.kthread_should_stop(k) ? 1 : 0;
    set?.(stop);
    return stop;
  }),
  op(
    'kthread_stop',
    [task],
    'int',
    'Wakes it, waits for its end, returns its result.',
    KTHREAD,
    kthreads.kthread_stop,
  ),
];

/** Gives up a spin that lasts too long. */
const SPIN_UNTIL_NS = 2_000_000_000;

function* spin_until(k: Context, { variable: shared, index }: Reference, least: number) {
  const { sim } = k.machine;
  if (shared.values[index]! >= least) return 0;
  const end = sim.now + SPIN_UNTIL_NS;
  const giveUp = shared.spin(k, index, least);
  const alarm: Activity = { fire: giveUp };
  const handle = sim.at(end, alarm);
  yield SPIN;
  if (sim.now < end) sim.cancel(handle);
  return shared.values[index]! >= least ? 0 : -errno.ETIME;
}

/** The point before an access that others can see. */
function* touch(k: Context, { variable: shared }: Reference): Code {
  yield k.step(shared, k.machine.costs.access);
}

function* set(k: Context, to: Reference, value: number): Code {
  yield* touch(k, to);
  to.variable.write(to.index, value);
}

function* add(k: Context, to: Reference, value: number): Code<number> {
  yield* touch(k, to);
  const sum = to.variable.values[to.index]! + value;
  to.variable.write(to.index, sum);
  return sum;
}

function* get(k: Context, from: Reference): Code<number> {
  yield* touch(k, from);
  return from.variable.values[from.index]!;
}

/** Spins until jiffies reaches a value, looking after each tick. */
function* spin_to_jiffy(k: Context, jiffy: number): Code {
  const { machine } = k;
  while (machine.jiffies < jiffy) {
    const tick = ticksUntil(machine.hz, machine.sim.now) + 1;
    yield tickTime(machine.hz, tick) - machine.sim.now;
  }
}

/** A day: longer spins are mistakes. */
const SPIN_MAX_NS = 86_400_000_000_000;

function spinTime(ns: number): number {
  if (ns >= 0 && ns <= SPIN_MAX_NS) return ns;
  throw new RangeError(`a spin takes 0 to ${SPIN_MAX_NS} ns, not ${ns}`);
}

const workOps: readonly Op[] = [
  op('busy_us', [int('us')], 'void', 'Spins (udelay).', DELAY, (k, us) =>
    delay(k, spinTime(us * 1000)),
  ),
  op(
    'delay',
    [duration('time')],
    'void',
    'Spins for the time (ndelay, udelay, mdelay).',
    DELAY,
    (k, ns) => delay(k, spinTime(ns)),
  ),
  op(
    'busy_jiffies',
    [int('jiffies')],
    'void',
    'Spins until so many ticks have passed.',
    OURS,
    (k, n) => spin_to_jiffy(k, k.machine.jiffies + n),
  ),
  op('align', [], 'void', 'Spins to the next tick.', OURS, (k) =>
    spin_to_jiffy(k, k.machine.jiffies + 1),
  ),
  op(
    'spin_until',
    [variable('variable'), int('least')],
    'int',
    'Spins until the variable is at least that; -ETIME after 2 s.',
    OURS,
    spin_until,
  ),
  op('set', [variable('variable'), int('value')], 'void', 'Writes the variable.', OURS, set),
  op('add', [variable('variable'), int('value')], 'int', 'Adds; returns the sum.', OURS, add),
  op('logvar', [variable('variable')], 'int', 'The value of the variable.', OURS, get),
  op('smp_mb', [], 'void', 'A memory barrier.', 'include/asm-generic/barrier.h', () => undefined),
  op('nop', [], 'void', 'Nothing: a point to log at.', OURS, () => undefined),
];

export const contextOps: readonly Op[] = [
  ...flagOps,
  ...interruptOps,
  ...timerOps,
  ...taskOps,
  ...workOps,
];
