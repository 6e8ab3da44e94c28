/*
 * System V message queues, ipc/msg.c: messages have types, a receiver says which it takes. A
 * message goes straight to a receiver that waits for such (pipelined_send); senders wait while the
 * queue holds msg_qbytes. Left out: MSG_COPY, permissions, the limits of the system.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { errno } from '../errno.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { might_fault } from '../mm/pagefault.ts';
import { might_sleep } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, type Task } from '../sched/task.ts';
import { signal_pending } from '../signal/signal.ts';
import type { IpcEra } from './era.ts';
import { IPC_NOWAIT, IpcObject, ipc_lock_object, ipc_unlock_object, wake_up_q } from './util.ts';

export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;

/** struct msg_msg */
export interface Message {
  readonly m_type: number;
  /** Bytes. */
  readonly m_ts: number;
  /** What it says, for those who look into it. */
  readonly value: number;
}

/** What a receiver asks for. */
interface Wanted {
  readonly type: number;
  readonly mode: 'any' | 'equal' | 'notEqual' | 'lessEqual';
}

interface Receiver extends Wanted {
  readonly task: Task;
  readonly maxsize: number;
  /** The message, an error, or -EAGAIN as long as there is neither. */
  result: Message | number;
}

interface Sender {
  readonly task: Task;
  readonly size: number;
}

/** struct msg_queue */
export class MsgQueue extends IpcObject {
  readonly messages: Message[] = [];
  readonly receivers: Receiver[] = [];
  readonly senders: Sender[] = [];
  cbytes = 0;
  qbytes: number;
  readonly msgmax: number;
  readonly wakesFitting: boolean;

  constructor(name: string, era: IpcEra, qbytes = era.msgmnb) {
    super(name);
    this.qbytes = qbytes;
    this.msgmax = era.msgmax;
    this.wakesFitting = era.msgWakesFitting;
  }
}

function msg_fits_inqueue({ cbytes, qbytes, messages }: MsgQueue, size: number): boolean {
  return size + cbytes <= qbytes && 1 + messages.length <= qbytes;
}

function convert_mode(type: number, flags: number): Wanted {
  if (type === 0) return { type, mode: 'any' };
  if (type < 0) return { type: -type, mode: 'lessEqual' };
  return { type, mode: (flags & MSG_EXCEPT) === 0 ? 'equal' : 'notEqual' };
}

function testmsg({ m_type }: Message, { type, mode }: Wanted): boolean {
  if (mode === 'any') return true;
  if (mode === 'lessEqual') return m_type <= type;
  return (m_type === type) === (mode === 'equal');
}

/** The first that is wanted; of those up to a type, the first of the lowest type. */
function find_msg({ messages }: MsgQueue, wanted: Wanted): Message | undefined {
  const fitting = messages.filter((msg) => testmsg(msg, wanted));
  if (wanted.mode !== 'lessEqual') return fitting[0];
  const lowest = Math.min(...fitting.map(({ m_type }) => m_type));
  return fitting.find(({ m_type }) => m_type === lowest);
}

/** Gives the message to the first receiver that wants it; those for whom it is too long fail. */
function pipelined_send(q: MsgQueue, msg: Message, woken: Task[]): boolean {
  for (const receiver of q.receivers.filter((one) => testmsg(msg, one))) {
    q.receivers.splice(q.receivers.indexOf(receiver), 1);
    woken.push(receiver.task);
    const fits = receiver.maxsize >= msg.m_ts;
    receiver.result = fits ? msg : -errno.E2BIG;
    if (fits) return true;
  }
  return false;
}

/** Lets senders look again; those whose message does not fit now go behind in the line. */
function ss_wakeup(q: MsgQueue, woken: Task[]): void {
  for (const sender of [...q.senders]) {
    if (q.deleted || !q.wakesFitting || msg_fits_inqueue(q, sender.size)) woken.push(sender.task);
    else q.senders.push(...q.senders.splice(q.senders.indexOf(sender), 1));
  }
}

function expunge_all(q: MsgQueue, result: number, woken: Task[]): void {
  for (const receiver of q.receivers.splice(0)) {
    receiver.result = result;
    woken.push(receiver.task);
  }
}

function spendCopy(k: Context, bytes: number): void {
  k.spend(Math.floor((bytes * k.machine.costs.copy_per_kib) / 1024));
}

/** load_msg(): the message as the kernel keeps it; the memory may sleep, so may the copy. */
function* load_msg(k: Context, msg: Message): Code {
  yield* might_sleep(k, '__kmalloc');
  yield* might_fault(k, 'load_msg');
  spendCopy(k, msg.m_ts);
}

/** 0; -EINVAL, -EAGAIN with IPC_NOWAIT, -EIDRM, -ERESTARTNOHAND. */
export function* do_msgsnd(k: Context, q: MsgQueue, msg: Message, flags: number): Code<number> {
  if (msg.m_ts < 0 || msg.m_ts > q.msgmax || msg.m_type < 1) return -errno.EINVAL;
  yield* load_msg(k, msg);
  yield* ipc_lock_object(k, q);
  if (q.deleted) return yield* give_up(k, q, -errno.EINVAL);
  const error = yield* wait_for_room(k, q, msg.m_ts, flags);
  const woken: Task[] = [];
  store_release(k.cpu, ORDER.ipc, q.name);
  if (error === 0 && !pipelined_send(q, msg, woken)) {
    q.messages.push(msg);
    q.cbytes += msg.m_ts;
  }
  yield* ipc_unlock_object(k, q);
  wake_up_q(k, woken);
  return error;
}

/** With the queue's lock held, and again when it returns. */
function* wait_for_room(k: Context, q: MsgQueue, size: number, flags: number): Code<number> {
  for (;;) {
    if (q.deleted) return -errno.EIDRM;
    if (msg_fits_inqueue(q, size)) return 0;
    if ((flags & IPC_NOWAIT) !== 0) return -errno.EAGAIN;
    const sender: Sender = { task: k.current, size };
    q.senders.push(sender);
    yield* sleep(k, q, 'room');
    yield* ipc_lock_object(k, q);
    q.senders.splice(q.senders.indexOf(sender), 1);
    if (q.deleted) return -errno.EIDRM;
    if (signal_pending(k.current)) return -errno.ERESTARTNOHAND;
  }
}

/** Gives the lock back and sleeps until somebody wakes the task. */
function* sleep(k: Context, q: MsgQueue, what: string): Code {
  k.current.state = TASK_INTERRUPTIBLE;
  k.current.waitingFor = `${q.name} ${what}`;
  yield* ipc_unlock_object(k, q);
  yield SCHEDULE;
  k.current.state = TASK_RUNNING;
}

/** The message taken; -EINVAL, -ENOMSG with IPC_NOWAIT, -E2BIG, -EIDRM, -ERESTARTNOHAND. */
export function* do_msgrcv(
  k: Context,
  q: MsgQueue,
  size: number,
  type: number,
  flags: number,
): Code<Message | number> {
  if (size < 0) return -errno.EINVAL;
  const wanted = convert_mode(type, flags);
  const maxsize = (flags & MSG_NOERROR) === 0 ? size : Infinity;
  let gone: number = errno.EINVAL;
  for (;;) {
    yield* ipc_lock_object(k, q);
    if (q.deleted) return yield* give_up(k, q, -gone);
    gone = errno.EIDRM;
    const msg = find_msg(q, wanted);
    if (msg !== undefined) return yield* take(k, q, msg, size, maxsize);
    if ((flags & IPC_NOWAIT) !== 0) return yield* give_up(k, q, -errno.ENOMSG);
    const receiver: Receiver = { ...wanted, task: k.current, maxsize, result: -errno.EAGAIN };
    q.receivers.push(receiver);
    yield* sleep(k, q, 'message');
    const { result } = receiver;
    load_acquire(k.cpu, ORDER.ipc, q.name);
    if (typeof result === 'object') return yield* store_msg(k, result, size);
    if (result !== -errno.EAGAIN) return result;
    yield* ipc_lock_object(k, q);
    const at = q.receivers.indexOf(receiver);
    if (at >= 0) q.receivers.splice(at, 1);
    if (signal_pending(k.current)) return yield* give_up(k, q, -errno.ERESTARTNOHAND);
    yield* ipc_unlock_object(k, q);
  }
}

function* give_up(k: Context, q: MsgQueue, error: number): Code<number> {
  yield* ipc_unlock_object(k, q);
  return error;
}

function* take(
  k: Context,
  q: MsgQueue,
  msg: Message,
  size: number,
  maxsize: number,
): Code<Message | number> {
  if (maxsize < msg.m_ts) return yield* give_up(k, q, -errno.E2BIG);
  q.messages.splice(q.messages.indexOf(msg), 1);
  q.cbytes -= msg.m_ts;
  const woken: Task[] = [];
  ss_wakeup(q, woken);
  yield* ipc_unlock_object(k, q);
  wake_up_q(k, woken);
  return yield* store_msg(k, msg, size);
}

/** do_msg_fill(): what fits of the message, copied to the program. */
function* store_msg(k: Context, msg: Message, size: number): Code<Message> {
  yield* might_fault(k, 'store_msg');
  const m_ts = Math.min(msg.m_ts, size);
  spendCopy(k, m_ts);
  return { ...msg, m_ts };
}

/** Changes the queue; everybody who waits looks again, receivers with `result`. */
function* change(k: Context, q: MsgQueue, result: number, apply: () => void): Code<number> {
  yield* ipc_lock_object(k, q);
  if (q.deleted) return yield* give_up(k, q, -errno.EINVAL);
  const woken: Task[] = [];
  apply();
  expunge_all(q, result, woken);
  ss_wakeup(q, woken);
  yield* ipc_unlock_object(k, q);
  wake_up_q(k, woken);
  return 0;
}

/** msgctl(IPC_RMID): everybody who waits gets -EIDRM. */
export function freeque(k: Context, q: MsgQueue): Code<number> {
  return change(k, q, -errno.EIDRM, () => {
    q.deleted = true;
  });
}

/** msgctl(IPC_SET): another msg_qbytes. */
export function msgctl_set(k: Context, q: MsgQueue, qbytes: number): Code<number> {
  return change(k, q, -errno.EAGAIN, () => {
    q.qbytes = qbytes;
  });
}
