/*
 * What kernel code calls, net/netlink/af_netlink.c: netlink_kernel_create, netlink_unicast and its
 * sleeping senders, netlink_broadcast, and socket buffers with their costs. The input of a kernel
 * socket runs in the context of whoever sends to it: a process in its system call, or an interrupt.
 */
import { might_alloc } from '../../checks/lockdep/maps.ts';
import type { Code, Context } from '../../context.ts';
import { in_interrupt } from '../../cpu/preempt.ts';
import { errno } from '../../errno.ts';
import { EV } from '../../events.ts';
import { might_sleep, yield_ } from '../../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING } from '../../sched/task.ts';
import { WaitEntry, add_wait_queue, remove_wait_queue } from '../../sched/wait.ts';
import { signal_pending } from '../../signal/signal.ts';
import { MAX_SCHEDULE_TIMEOUT, nsecs_to_jiffies_up } from '../../time/jiffies.ts';
import { schedule_timeout } from '../../time/sleep.ts';
import * as skbs from '../skb.ts';
import type { gfp_t, SkBuff } from '../skb.ts';
import { NETLINK_CB, type NetlinkSock, type NonrootLeave } from './af_netlink.ts';
import * as rules from './broadcast.ts';
import { netlink_requests } from './input.ts';
import { NLMSG_SPACE, type NlmsgAt, nlmsg_put } from './nlmsg.ts';
import { sock_sndtimeo } from './options.ts';
import { netlinkOf, type NetlinkStack } from './stack.ts';
import * as table from './table.ts';
import {
  netlink_call_input,
  netlink_input_done,
  netlink_may_retry,
  netlink_trim,
  netlink_unicast_step,
} from './unicast.ts';

export { NetlinkStack, netlinkOf } from './stack.ts';

/** struct netlink_kernel_cfg, for a machine: the inputs get the sender's context. */
export interface KernelSocketOptions {
  /** Its name in the trace. */
  readonly name: string;
  /** The protocol, 0 to 31. */
  readonly unit: number;
  readonly net?: number;
  readonly groups?: number;
  readonly nonroot?: NonrootLeave;
  /** Gets each message; the caller frees it. Called in 2.4 too, by a data_ready of ours. */
  readonly input?: (k: Context, skb: SkBuff) => Code | void;
  /** The input of 2.4: the messages wait in the socket's queue, to be taken and freed. */
  readonly data_ready?: (k: Context, sk: NetlinkSock, len: number) => Code | void;
}

/** The kernel's end of a protocol; null if the unit is wrong or taken. */
export function netlink_kernel_create(
  stack: NetlinkStack,
  options: KernelSocketOptions,
): NetlinkSock | null {
  const { name, unit, net = 0, input, data_ready, groups, nonroot } = options;
  const ready = data_ready ?? (input && takingEach(input));
  const sk = table.netlink_kernel_create(stack.netlink, net, unit, {
    ...(groups === undefined ? {} : { groups }),
    ...(nonroot === undefined ? {} : { nonroot }),
    ...(input && { input: (skb: SkBuff) => input(stack.cpu.top, skb) }),
    ...(ready && { data_ready: (of: NetlinkSock, len: number) => ready(stack.cpu.top, of, len) }),
  });
  if (sk !== null) stack.adopt(sk, name);
  return sk;
}

function takingEach(input: NonNullable<KernelSocketOptions['input']>) {
  return function* (k: Context, sk: NetlinkSock): Code {
    const queue = sk.sk_receive_queue;
    for (let skb = queue.dequeue(); skb !== null; skb = queue.dequeue()) {
      yield* started(input(k, skb));
      skbs.kfree_skb(skb);
    }
  };
}

function* started(code: unknown): Code {
  if (typeof code === 'object' && code !== null && Symbol.iterator in code) yield* code as Code;
}

export function netlink_kernel_release(_k: Context, sk: NetlinkSock): void {
  table.netlink_kernel_release(sk);
}

/** alloc_skb(): a buffer or null. GFP_KERNEL may sleep, which is reported where it must not. */
export function* alloc_skb(k: Context, size: number, gfp: gfp_t): Code<SkBuff | null> {
  if (gfp === 'GFP_KERNEL') {
    might_alloc(k);
    yield* might_sleep(k, 'alloc_skb');
  }
  yield k.machine.costs.skb;
  return skbs.alloc_skb(netlinkOf(k.machine).memory, size, gfp);
}

/** A buffer with one message of that type, nlmsg_new() and nlmsg_put(); null without memory. */
export function* newMessage(
  k: Context,
  payload: number,
  type: number,
  gfp: gfp_t,
): Code<SkBuff | null> {
  const skb = yield* alloc_skb(k, NLMSG_SPACE(payload), gfp);
  if (skb !== null) nlmsg_put(skb, 0, 0, type, payload, 0);
  return skb;
}

/** kfree_skb() of code that has a context. */
export function kfree_skb(_k: Context, skb: SkBuff): void {
  skbs.kfree_skb(skb);
}

/** gfp_any(). */
function gfp_any(k: Context): gfp_t {
  return in_interrupt(k.cpu) ? 'GFP_ATOMIC' : 'GFP_KERNEL';
}

/** A timeout of a socket in jiffies. */
export function sock_jiffies(k: Context, ns: number): number {
  return ns === MAX_SCHEDULE_TIMEOUT ? ns : nsecs_to_jiffies_up(k.machine, ns);
}

/** sock_intr_errno(): what a signal makes of a wait that had `timeo` jiffies left. */
export function sock_intr_errno(timeo: number): number {
  return timeo === MAX_SCHEDULE_TIMEOUT ? -errno.ERESTARTSYS : -errno.EINTR;
}

/**
 * Sends to one port: the message's length, or a negative error number; the buffer is consumed in
 * every case. Sleeps for room unless `nonblock` (or SO_SNDTIMEO) says otherwise, which is for
 * processes only.
 */
export function* netlink_unicast(
  k: Context,
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  nonblock: boolean,
): Code<number> {
  const { machine } = k;
  const stack = netlinkOf(machine);
  const message = netlink_trim(skb, gfp_any(k));
  const sent = { ssk, portid, len: message.len, id: message.id };
  let timeo = sock_jiffies(k, sock_sndtimeo(ssk, nonblock));
  yield k.step(ssk, machine.costs.netlink_send);
  for (;;) {
    const receiver = table.netlink_lookup(stack.netlink, ssk.net, ssk.sk_protocol, portid);
    const step = stack.delivers(receiver === null ? [] : [receiver], () =>
      netlink_unicast_step(ssk, message, portid, timeo > 0),
    );
    if (step.then === 'wait') {
      timeo = yield* netlink_wait(k, step.sk, message, timeo);
      if (!signal_pending(k.current)) continue;
      skbs.kfree_skb(message);
      return noteSend(k, sent, sock_intr_errno(timeo));
    }
    if (step.then === 'done') return noteSend(k, sent, step.result);
    yield* started(netlink_call_input(step));
    const result = netlink_input_done(step);
    return noteSend(k, sent, result);
  }
}

/** The sleep in netlink_attachskb(); returns the jiffies left. Not exclusive: all are woken. */
function* netlink_wait(k: Context, sk: NetlinkSock, skb: SkBuff, timeo: number): Code<number> {
  const { senders } = netlinkOf(k.machine).state(sk);
  const entry = new WaitEntry(k.current);
  let left = timeo;
  k.current.state = TASK_INTERRUPTIBLE;
  k.current.waitingFor = senders.name;
  add_wait_queue(senders, entry);
  yield k.step(sk, k.machine.costs.access);
  if (!netlink_may_retry(sk, skb)) left = yield* schedule_timeout(k, timeo);
  k.current.state = TASK_RUNNING;
  remove_wait_queue(entry);
  return left;
}

/** A message as its sender knew it: later the buffer may be another's. */
interface Sent {
  readonly ssk: NetlinkSock;
  readonly portid: number;
  readonly len: number;
  readonly id: number;
}

function noteSend(k: Context, { ssk, portid, len, id }: Sent, result: number): number {
  netlinkOf(k.machine).countSend(result);
  if (k.machine.trace.on) {
    const { text } = netlinkOf(k.machine).state(ssk);
    k.cpu.emit(EV.netlinkSend, text, result, portid, len, id);
  }
  return result;
}

/** nlmsg_unicast(): never sleeps; 0 or a negative error number. */
export function* nlmsg_unicast(
  k: Context,
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
): Code<number> {
  return Math.min(yield* netlink_unicast(k, ssk, skb, portid, true), 0);
}

/**
 * Sends to all members of a group but the one with `portid`: 0, -ESRCH when nobody got it, or
 * -ENOBUFS. With GFP_KERNEL it gives way when a receiver is nearly full. Consumes the buffer.
 */
export function* netlink_broadcast(
  k: Context,
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  group: number,
  gfp: gfp_t,
): Code<number> {
  const { machine } = k;
  const stack = netlinkOf(machine);
  const sent = { ssk, portid, len: skb.len, id: skb.id };
  yield k.step(ssk, machine.costs.netlink_send);
  const members = [...stack.netlink.table(ssk.sk_protocol).mc_list];
  const { result, congested } = stack.delivers(members, () =>
    rules.netlink_broadcast(ssk, skb, portid, group, gfp),
  );
  noteSend(k, sent, result);
  if (congested && gfp === 'GFP_KERNEL') yield* yield_(k);
  return result;
}

/** nlmsg_multicast(): 0 or a negative error number. */
export function nlmsg_multicast(
  k: Context,
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  group: number,
  gfp: gfp_t,
): Code<number> {
  return netlink_broadcast(k, ssk, skb, portid, group, gfp);
}

/**
 * netlink_rcv_skb(): calls `handler` for each request in the buffer and answers it where an
 * acknowledgement is due, all in the sender's context.
 */
export function* netlink_rcv_skb(
  k: Context,
  skb: SkBuff,
  handler: (skb: SkBuff, nlh: NlmsgAt) => Code<number> | number,
): Code {
  const stack = netlinkOf(k.machine);
  const requests = netlink_requests(skb);
  const { sk: asker } = NETLINK_CB(skb);
  let next = requests.next(0);
  while (next.done !== true) {
    const answer = handler(skb, next.value);
    const result = typeof answer === 'number' ? answer : yield* answer;
    next = stack.delivers(asker === null ? [] : [asker], () => requests.next(result));
  }
}
