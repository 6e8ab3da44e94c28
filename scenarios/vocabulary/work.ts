/*
 * Words for work that others do: workqueues, the task queue of 2.4, NAPI polls, irq_works.
 */
import type { Context } from '../../models/context.ts';
import type { Cpu } from '../../models/cpu/cpu.ts';
import * as irqWorks from '../../models/irq/irq_work.ts';
import { napi_complete_done, type Napi } from '../../models/net/napi.ts';
import * as wq from '../../models/workqueue/workqueue.ts';
import type { DelayedWork, Work, Workqueue } from '../../models/workqueue/work.ts';
import { int, op, type Arg, type Op } from './define.ts';

const WORKQUEUE = 'kernel/workqueue.c';
const CONTEXT = 'kernel/context.c (2.4)';
const NETDEVICE = 'net/core/dev.c';
const IRQ_WORK = 'kernel/irq_work.c';

const queue: Arg<Workqueue> = { name: 'queue', kind: 'object', types: ['workqueue'] };
const work: Arg<Work> = { name: 'work', kind: 'actor', types: ['work'] };
const dwork: Arg<DelayedWork> = { name: 'work', kind: 'actor', types: ['delayed_work'] };
const napi: Arg<Napi> = { name: 'napi', kind: 'actor', types: ['napi'] };
const irqWork: Arg<irqWorks.IrqWork> = { name: 'work', kind: 'actor', types: ['irq_work'] };
const jiffies = int('jiffies');

function cpuOf(k: Context, id: number): Cpu {
  const cpu = k.machine.cpus[id];
  if (cpu === undefined) throw new RangeError(`there is no CPU ${id}`);
  return cpu;
}

const queueOps: readonly Op[] = [
  op(
    'queue_work',
    [queue, work],
    'int',
    'Queues the work on this CPU; 0 if it is pending.',
    WORKQUEUE,
    wq.queue_work,
  ),
  op(
    'queue_work_on',
    [int('cpu'), queue, work],
    'int',
    'As queue_work, on that CPU.',
    WORKQUEUE,
    (k, cpu, q, w) => wq.queue_work_on(k, cpuOf(k, cpu), q, w),
  ),
  op(
    'queue_delayed_work',
    [queue, dwork, jiffies],
    'int',
    'Queues the work after so many jiffies; 0 if it is pending.',
    WORKQUEUE,
    wq.queue_delayed_work,
  ),
  op(
    'queue_delayed_work_on',
    [int('cpu'), queue, dwork, jiffies],
    'int',
    'As queue_delayed_work, on that CPU.',
    WORKQUEUE,
    (k, cpu, q, w, n) => wq.queue_delayed_work_on(k, cpuOf(k, cpu), q, w, n),
  ),
  op(
    'mod_delayed_work',
    [queue, dwork, jiffies],
    'int',
    'Queues the work after so many jiffies, pending or not; 1 if it was pending.',
    WORKQUEUE,
    wq.mod_delayed_work,
  ),
  op(
    'schedule_work',
    [work],
    'int',
    'queue_work on the queue of the system.',
    WORKQUEUE,
    wq.schedule_work,
  ),
  op(
    'schedule_work_on',
    [int('cpu'), work],
    'int',
    'As schedule_work, on that CPU.',
    WORKQUEUE,
    (k, cpu, w) => wq.queue_work_on(k, cpuOf(k, cpu), wq.system_wq(k.machine), w),
  ),
  op(
    'schedule_delayed_work',
    [dwork, jiffies],
    'int',
    'queue_delayed_work on the queue of the system.',
    WORKQUEUE,
    wq.schedule_delayed_work,
  ),
];

const cancelOps: readonly Op[] = [
  op(
    'cancel_work',
    [work],
    'int',
    '1 if it was pending; it may be running.',
    WORKQUEUE,
    wq.cancel_work,
  ),
  op(
    'cancel_work_sync',
    [work],
    'int',
    'As cancel_work; it does not run any more.',
    WORKQUEUE,
    wq.cancel_work_sync,
  ),
  op(
    'cancel_delayed_work',
    [dwork],
    'int',
    '1 if it was pending; it may be running.',
    WORKQUEUE,
    wq.cancel_delayed_work,
  ),
  op(
    'cancel_delayed_work_sync',
    [dwork],
    'int',
    'As cancel_delayed_work; it does not run any more.',
    WORKQUEUE,
    wq.cancel_delayed_work_sync,
  ),
  op('work_pending', [work], 'int', '1 while it waits for its execution.', WORKQUEUE, (_k, w) =>
    w.pending ? 1 : 0,
  ),
  op(
    'delayed_work_pending',
    [dwork],
    'int',
    '1 while it waits for its time or its execution.',
    WORKQUEUE,
    (_k, w) => (w.work.pending ? 1 : 0),
  ),
  op('work_busy', [work], 'int', '1 pending, 2 running, 3 both, 0 idle.', WORKQUEUE, (k, w) =>
    wq.work_busy(k.machine, w),
  ),
];

const flushOps: readonly Op[] = [
  op(
    'flush_work',
    [work],
    'int',
    'Sleeps until the work is done; 0 if it was idle.',
    WORKQUEUE,
    wq.flush_work,
  ),
  op(
    'flush_delayed_work',
    [dwork],
    'int',
    'Queues it at once if its time has not come, then as flush_work.',
    WORKQUEUE,
    wq.flush_delayed_work,
  ),
  op(
    'flush_workqueue',
    [queue],
    'void',
    'Sleeps until all works that are queued now are done.',
    WORKQUEUE,
    wq.flush_workqueue,
  ),
  op(
    'flush_scheduled_work',
    [],
    'void',
    'flush_workqueue of the queue of the system.',
    WORKQUEUE,
    (k) => wq.flush_workqueue(k, wq.system_wq(k.machine)),
  ),
  op(
    'drain_workqueue',
    [queue],
    'void',
    'Sleeps until the queue is empty; only its own works may queue meanwhile.',
    WORKQUEUE,
    wq.drain_workqueue,
  ),
  op(
    'destroy_workqueue',
    [queue],
    'void',
    'Waits for its works; then nobody may use the queue.',
    WORKQUEUE,
    wq.destroy_workqueue,
  ),
];

const taskQueueOps: readonly Op[] = [
  op(
    'schedule_task',
    [work],
    'int',
    'Queues the work for keventd; 0 if it is pending.',
    CONTEXT,
    (k, w) => wq.schedule_task(k.cpu, w),
  ),
  op(
    'flush_scheduled_tasks',
    [],
    'void',
    'Sleeps until keventd has done all that is queued.',
    CONTEXT,
    wq.flush_scheduled_tasks,
  ),
];

const napiOps: readonly Op[] = [
  op(
    'napi_schedule',
    [napi],
    'int',
    'Has NET_RX call the poll function; 0 if it is scheduled.',
    NETDEVICE,
    (k, n) => (n.rx.napi_schedule(k.cpu, n) ? 1 : 0),
  ),
  op(
    'napi_complete',
    [napi],
    'int',
    'The poll is over; 0 if it was scheduled meanwhile and goes on.',
    NETDEVICE,
    (k, n) => (napi_complete_done(k.cpu, n) ? 1 : 0),
  ),
];

const irqWorkOps: readonly Op[] = [
  op(
    'irq_work_queue',
    [irqWork],
    'int',
    'This CPU interrupts itself to run it; 0 if it is pending.',
    IRQ_WORK,
    irqWorks.irq_work_queue,
  ),
  op(
    'irq_work_queue_on',
    [irqWork, int('cpu')],
    'int',
    'As irq_work_queue, on that CPU.',
    IRQ_WORK,
    (k, w, cpu) => irqWorks.irq_work_queue_on(k, w, cpuOf(k, cpu)),
  ),
  op(
    'irq_work_sync',
    [irqWork],
    'void',
    'Spins until it is neither pending nor running.',
    IRQ_WORK,
    irqWorks.irq_work_sync,
  ),
];

export const workOps: readonly Op[] = [
  ...queueOps,
  ...cancelOps,
  ...flushOps,
  ...taskQueueOps,
  ...napiOps,
  ...irqWorkOps,
];
