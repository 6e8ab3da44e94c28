/*
 * Delivery to one socket: netlink_unicast, netlink_attachskb, netlink_sendskb and
 * netlink_unicast_kernel of net/netlink/af_netlink.c.
 *
 * The kernel's loop, with the sleep left to the machine:
 *
 *   skb = netlink_trim(skb)
 *   repeat netlink_unicast_step(ssk, skb, portid, timeo > 0):
 *     done:  its result is the result
 *     input: netlink_call_input in the sender's context, then netlink_input_done
 *     wait:  join sk's senders as TASK_INTERRUPTIBLE; unless netlink_may_retry(sk, skb),
 *            schedule_timeout; leave; a pending signal ends it: kfree_skb, -EINTR
 */
import { errno } from '../../errno.ts';
import {
  consume_skb,
  type gfp_t,
  kfree_skb,
  pskb_shrink_tail,
  skb_clone,
  skb_orphan,
  skb_set_owner_r,
  skb_shared,
  type SkBuff,
} from '../skb.ts';
import { NETLINK_CB, type NetlinkSock } from './af_netlink.ts';
import { sock_sndtimeo } from './options.ts';
import { netlink_has_room, netlink_overrun, netlink_rcv_wake, sk_filter } from './socket.ts';
import { netlink_lookup } from './table.ts';

/** What netlink_unicast comes to. */
export type UnicastStep =
  /** The message is gone: a length, or a negative error number. */
  | { readonly then: 'done'; readonly result: number }
  /** It goes to the kernel socket `sk`, whose input runs next. */
  | {
      readonly then: 'input';
      readonly sk: NetlinkSock;
      readonly skb: SkBuff;
      readonly length: number;
    }
  /** The receiver `sk` is full; the message is still the caller's. */
  | { readonly then: 'wait'; readonly sk: NetlinkSock };

function done(result: number): UnicastStep {
  return { then: 'done', result };
}

/** Gives back an unused tail that is at least half of what the message is charged. */
export function netlink_trim(skb: SkBuff, gfp: gfp_t): SkBuff {
  skb_orphan(skb);
  if ((skb.end - skb.tail) * 2 < skb.truesize) return skb;
  let own = skb;
  if (skb_shared(skb)) {
    const clone = skb_clone(skb, gfp);
    if (clone === null) return skb;
    consume_skb(skb);
    own = clone;
  }
  pskb_shrink_tail(own);
  return own;
}

/** Whom a unicast reaches: netlink_getsockbyportid. */
function receiver(ssk: NetlinkSock, portid: number): NetlinkSock | null {
  const sk = netlink_lookup(ssk.netlink, ssk.net, ssk.sk_protocol, portid);
  if (sk === null) return null;
  const filters = sk.connected && sk.netlink.era.connectFilters;
  return filters && sk.dst_portid !== ssk.portid ? null : sk;
}

/** One pass of netlink_unicast. `mayWait`: the sender has time left. */
export function netlink_unicast_step(
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  mayWait: boolean,
): UnicastStep {
  const sk = receiver(ssk, portid);
  const queues = ssk.netlink.era.input === 'queue';
  if (sk === null) return drop(skb, -errno.ECONNREFUSED);
  if (sk.isKernel && !queues) return kernelInput(sk, skb, ssk);
  const { len } = skb;
  if (!sk_filter(sk, skb)) return drop(skb, len);
  if (!netlink_has_room(sk, skb)) {
    if (mayWait) return { then: 'wait', sk };
    if (ssk.isKernel) netlink_overrun(sk);
    return drop(skb, -errno.EAGAIN);
  }
  skb_set_owner_r(skb, sk);
  if (!sk.isKernel) return done(netlink_sendskb(sk, skb));
  sk.sk_receive_queue.queue_tail(skb);
  return { then: 'input', sk, skb, length: len };
}

function drop(skb: SkBuff, result: number): UnicastStep {
  kfree_skb(skb);
  return done(result);
}

function kernelInput(sk: NetlinkSock, skb: SkBuff, ssk: NetlinkSock): UnicastStep {
  if (sk.input === null) return drop(skb, -errno.ECONNREFUSED);
  skb_set_owner_r(skb, sk);
  NETLINK_CB(skb).sk = ssk;
  return { then: 'input', sk, skb, length: skb.len };
}

/** Queues a charged message and tells the readers: returns its length. */
export function netlink_sendskb(sk: NetlinkSock, skb: SkBuff): number {
  const { len } = skb;
  sk.sk_receive_queue.queue_tail(skb);
  sk.queued(skb);
  sk.sk_data_ready(sk);
  return len;
}

/** Calls the kernel socket's input; returns what it returns, for instance code to be run. */
export function netlink_call_input(step: UnicastStep & { then: 'input' }): unknown {
  const { sk, skb, length } = step;
  return sk.netlink.era.input === 'queue' ? sk.data_ready?.(sk, length) : sk.input?.(skb);
}

/** After the input: the result of the unicast. */
export function netlink_input_done(step: UnicastStep & { then: 'input' }): number {
  if (step.sk.netlink.era.input === 'queue') netlink_rcv_wake(step.sk);
  else consume_skb(step.skb);
  return step.length;
}

/** Whether a sender that is about to sleep has reason to look again at once. */
export function netlink_may_retry(sk: NetlinkSock, skb: SkBuff): boolean {
  return sk.dead || netlink_has_room(sk, skb);
}

/**
 * netlink_unicast for senders that do not wait: returns the length or a negative error number,
 * and consumes the message in every case. A kernel input that returns code cannot run here.
 */
export function netlink_unicast(
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  nonblock: boolean,
): number {
  const message = netlink_trim(skb, 'GFP_ATOMIC');
  const step = netlink_unicast_step(ssk, message, portid, sock_sndtimeo(ssk, nonblock) > 0);
  if (step.then === 'done') return step.result;
  if (step.then === 'wait') throw new Error('netlink_unicast would sleep outside the machine');
  if (netlink_call_input(step) !== undefined) {
    throw new Error('netlink_unicast: this input needs the machine');
  }
  return netlink_input_done(step);
}

/** nlmsg_unicast: never waits; 0 or a negative error number. */
export function nlmsg_unicast(ssk: NetlinkSock, skb: SkBuff, portid: number): number {
  return Math.min(netlink_unicast(ssk, skb, portid, true), 0);
}
