/*
 * Words for contexts: interrupts, bottom halves, preemption, tasklets, threads.
 */
import type { Code } from '../../models/context.ts';
import * as preempt from '../../models/cpu/preempt.ts';
import type { SoftirqName } from '../../models/era.ts';
import { ORDER, store_release } from '../../models/instrumented.ts';
import * as manage from '../../models/irq/manage.ts';
import { self_ipi } from '../../models/irq/irq_work.ts';
import * as tl from '../../models/irq/tasklet.ts';
import * as softirq from '../../models/irq/softirq.ts';
import * as kthreads from '../../models/kthread.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { waitForEnd } from '../../models/sched/exit.ts';
import { sched_setscheduler, set_user_nice } from '../../models/sched/setscheduler.ts';
import type { Policy } from '../../models/sched/task.ts';
import { delay } from '../../models/time/delay.ts';
import {
  alias,
  envOp,
  int,
  irqLine,
  op,
  optional,
  out,
  symbol,
  task,
  tasklet,
  type Op,
} from './define.ts';

const PREEMPT = 'include/linux/preempt.h';
const IRQFLAGS = 'include/linux/irqflags.h';
const SOFTIRQ = 'kernel/softirq.c';
const KTHREAD = 'kernel/kthread.c';
const SCHED = 'kernel/sched/core.c';
const MANAGE = 'kernel/irq/manage.c';
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
    [irqLine, optional(int('cpu'))],
    'int',
    'On this CPU or another: 1, or 0 if the line was still pending; spins 20 us.',
    OURS,
    function* (k, line, on): Code<number> {
      const target = on === undefined ? k.cpu : k.machine.cpus[on];
      if (target === undefined) throw new RangeError(`there is no CPU ${on}`);
      store_release(k.cpu, ORDER.irq, line.name);
      const raised = yield* self_ipi(k, () => target.raise(line));
      yield* delay(k, RAISE_SPIN_NS);
      return raised ? 1 : 0;
    },
  ),
  op('free_irq', [irqLine], 'void', 'The handler has ended and never runs again.', MANAGE, (k, l) =>
    manage.free_irq(k, l),
  ),
  op('synchronize_irq', [irqLine], 'void', 'Waits while the handler runs.', MANAGE, (k, l) =>
    manage.synchronize_irq(k, l),
  ),
  op('disable_irq', [irqLine], 'void', 'Holds it back; waits while it runs.', MANAGE, (k, l) =>
    manage.disable_irq(k, l),
  ),
  op('disable_irq_nosync', [irqLine], 'void', 'Holds it back.', MANAGE, (_k, l) =>
    manage.disable_irq_nosync(l),
  ),
  op('enable_irq', [irqLine], 'void', 'What came meanwhile comes now.', MANAGE, (k, l) =>
    manage.enable_irq(k, l),
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

const wake = op('wake_up_process', [task], 'int', '1 if it slept.', SCHED, (k, t) => {
  const slept = wake_up_process(k.cpu, t);
  if (slept === 0) t.unheard.note(k.cpu);
  return slept;
});

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
    (k, t, number, n) => {
      const policy = policyOf[number]!;
      const rt = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
      sched_setscheduler(k.cpu, t, { policy, ...(rt ? { rtPriority: n } : { nice: n }) });
      return 0;
    },
  ),
  op('set_nice', [task, int('nice')], 'void', 'set_user_nice.', SCHED, (k, t, n) =>
    set_user_nice(k.cpu, t, n),
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
  op(
    'requestStop',
    [task],
    'void',
    'The first half of kthread_stop: does not wait.',
    OURS,
    (k, t) => {
      kthreads.requestStop(k, t);
    },
  ),
  op('waitForEnd', [task], 'void', 'Sleeps until the task has ended.', OURS, waitForEnd),
];

export const contextOps: readonly Op[] = [...flagOps, ...interruptOps, ...taskOps];
