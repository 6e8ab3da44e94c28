/*
 * Words for time: timers, jiffies, and plain work that takes time or touches shared variables.
 */
import type { Activity, Stateful } from '../../engine/index.ts';
import { SPIN, type Code, type Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { ORDER, load_acquire } from '../../models/instrumented.ts';
import { delay } from '../../models/time/delay.ts';
import { ticksUntil, tickTime } from '../../models/time/jiffies.ts';
import * as timers from '../../models/time/timer.ts';
import type { Reference } from '../run/variables.ts';
import { duration, hrtimer, int, op, optional, timer, variable, type Op } from './define.ts';

const TIMER = 'kernel/time/timer.c';
const HRTIMER = 'kernel/time/hrtimer.c';
const DELAY = 'arch/x86/lib/delay.c';
const RELAX = 'arch/x86/include/asm/vdso/processor.h';
const OURS = 'of the simulator';

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
  op('add_timer', [timer, int('jiffies')], 'void', 'As mod_timer; not pending.', TIMER, (k, t, n) =>
    timers.add_timer(k.cpu, t, k.machine.jiffies + n),
  ),
  op(
    'mod_timer_pending',
    [timer, int('jiffies')],
    'int',
    'As mod_timer, only if pending.',
    TIMER,
    (k, t, n) => timers.mod_timer_pending(k.cpu, t, k.machine.jiffies + n),
  ),
  op(
    'timer_reduce',
    [timer, int('jiffies')],
    'int',
    'As mod_timer, only to an earlier time.',
    TIMER,
    (k, t, n) => timers.timer_reduce(k.cpu, t, k.machine.jiffies + n),
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
  op('hrtimer_cancel', [hrtimer], 'int', '1 if it was armed.', HRTIMER, (k, t) => {
    const wasArmed = t.cancel();
    load_acquire(k.cpu, ORDER.hrtimer, t.name);
    if (wasArmed === 1) k.cpu.preemptPoint();
    return wasArmed;
  }),
  op(
    'jiffies',
    [],
    'int',
    'The low 20 bits of jiffies.',
    TIMER,
    (k) => k.machine.jiffies % 0x100000,
  ),
];

/** Gives up a spin that lasts too long. */
const SPIN_UNTIL_NS = 2_000_000_000;

function* spin_until(k: Context, { variable: shared, index }: Reference, least: number) {
  const { sim } = k.machine;
  if (shared.read(k, index, true) >= least) return 0;
  const end = sim.now + SPIN_UNTIL_NS;
  const giveUp = shared.spin(k, index, least);
  let over = false;
  const alarm: Activity & Stateful = {
    feed: (into) => into.add(k.identity),
    fire() {
      over = true;
      giveUp();
    },
  };
  const cancel = alarmAt(k, end, alarm);
  yield SPIN;
  if (!over) cancel();
  return shared.read(k, index, true) >= least ? 0 : -errno.ETIME;
}

/** Where order is open, patience is over when nothing else can happen. */
function alarmAt({ machine }: Context, time: number, alarm: Activity): () => void {
  const { exploration, sim } = machine;
  if (exploration === null) {
    const handle = sim.at(time, alarm);
    return () => sim.cancel(handle);
  }
  const handle = exploration.atLast(time, alarm);
  return () => exploration.cancelLast(handle);
}

/** The point before an access that others can see. */
function* touch(k: Context, { variable: shared }: Reference): Code {
  yield k.step(shared, k.machine.costs.access);
}

function* set(k: Context, to: Reference, value: number): Code {
  yield* touch(k, to);
  to.variable.write(k, to.index, value, true);
}

function* add(k: Context, to: Reference, value: number): Code<number> {
  yield* touch(k, to);
  const sum = to.variable.read(k, to.index, true) + value;
  to.variable.write(k, to.index, sum, true);
  return sum;
}

function* get(k: Context, from: Reference): Code<number> {
  yield* touch(k, from);
  return from.variable.read(k, from.index, true);
}

/** Spins until jiffies reaches a value, looking after each tick. */
function* spin_to_jiffy(k: Context, jiffy: number): Code {
  const { machine } = k;
  while (machine.jiffies < jiffy) {
    const tick = ticksUntil(machine.hz, machine.sim.now) + 1;
    yield tickTime(machine.hz, tick) - machine.sim.now;
    if (k.cpu.explores) k.cpu.tick.updateJiffies();
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
  op('cpu_relax', [], 'void', 'Waits a moment in a loop that spins.', RELAX, function* (k) {
    yield k.machine.costs.access;
  }),
  op('nop', [], 'void', 'Nothing: a point to log at.', OURS, () => undefined),
];

export const timingOps: readonly Op[] = [...timerOps, ...workOps];
