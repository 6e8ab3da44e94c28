/*
 * Delivery to the members of a group: netlink_broadcast, do_one_broadcast and
 * netlink_broadcast_deliver of net/netlink/af_netlink.c.
 */
import { errno } from '../../errno.ts';
import {
  consume_skb,
  type gfp_t,
  kfree_skb,
  skb_clone,
  skb_get,
  skb_orphan,
  skb_set_owner_r,
  skb_shared,
  type SkBuff,
} from '../skb.ts';
import type { NetlinkSock } from './af_netlink.ts';
import { netlink_has_room, netlink_overrun, sk_filter } from './socket.ts';
import { netlink_sendskb, netlink_trim } from './unicast.ts';

export interface BroadcastResult {
  /** 0, -ESRCH when nobody got it, or -ENOBUFS when a member that wants to know did not. */
  readonly result: number;
  /** A receiver is nearly full: a sender that may sleep calls yield(). */
  readonly congested: boolean;
}

/** struct netlink_broadcast_data. */
interface Broadcast {
  readonly skb: SkBuff;
  readonly gfp: gfp_t;
  /** The copy for the next member; one that was refused is offered to the next. */
  copy: SkBuff | null;
  /** A copy could not be made: all later members are told. */
  failure: boolean;
  deliveryFailure: boolean;
  congested: boolean;
  delivered: boolean;
}

/**
 * Delivers to every member of `group` in the sender's namespace except the sender and the
 * sockets named `portid`. Never waits; consumes the message.
 */
export function netlink_broadcast(
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  group: number,
  gfp: gfp_t,
): BroadcastResult {
  const state: Broadcast = {
    skb: netlink_trim(skb, gfp),
    gfp,
    copy: null,
    failure: false,
    deliveryFailure: false,
    congested: false,
    delivered: false,
  };
  // A receiver's callback may close sockets, as another CPU may between two deliveries.
  for (const sk of [...ssk.netlink.table(ssk.sk_protocol).mc_list]) {
    const receives = sk !== ssk && sk.portid !== portid && sk.net === ssk.net && !sk.dead;
    if (receives && isMember(sk, group)) do_one_broadcast(sk, state);
  }
  consume_skb(state.skb);
  if (state.copy !== null) kfree_skb(state.copy);
  const { congested } = state;
  if (state.deliveryFailure) return { result: -errno.ENOBUFS, congested: false };
  return state.delivered
    ? { result: 0, congested }
    : { result: refusal(ssk, state.failure), congested: false };
}

/** Before NETLINK_BROADCAST_ERROR existed, a failed copy was itself the error. */
function refusal(ssk: NetlinkSock, failure: boolean): number {
  const { options } = ssk.netlink.era;
  return failure && !options.includes('NETLINK_BROADCAST_ERROR') ? -errno.ENOBUFS : -errno.ESRCH;
}

function isMember(sk: NetlinkSock, group: number): boolean {
  if (sk.netlink.era.groups === 'mask') return ((sk.groups[0] ?? 0) & group) !== 0;
  return sk.hasGroup(group);
}

function do_one_broadcast(sk: NetlinkSock, state: Broadcast): void {
  if (state.failure) {
    netlink_overrun(sk);
    return;
  }
  state.copy ??= nextCopy(state);
  const { copy } = state;
  if (copy === null) {
    state.failure = true;
    lose(sk, state);
  } else if (!sk_filter(sk, copy)) {
    kfree_skb(copy);
    state.copy = null;
  } else if (netlink_has_room(sk, copy)) {
    skb_set_owner_r(copy, sk);
    netlink_sendskb(sk, copy);
    if (sk.sk_rmem_alloc > sk.sk_rcvbuf * sk.netlink.era.yieldsAbove) state.congested = true;
    state.delivered = true;
    state.copy = null;
  } else {
    lose(sk, state);
  }
}

/** The message itself while nobody else holds it, else a clone. */
function nextCopy(state: Broadcast): SkBuff | null {
  if (skb_shared(state.skb)) return skb_clone(state.skb, state.gfp);
  skb_orphan(state.skb);
  return skb_get(state.skb);
}

function lose(sk: NetlinkSock, state: Broadcast): void {
  netlink_overrun(sk);
  if (sk.flags.has('NETLINK_BROADCAST_ERROR')) state.deliveryFailure = true;
}

/** nlmsg_multicast: 0 or a negative error number. */
export function nlmsg_multicast(
  ssk: NetlinkSock,
  skb: SkBuff,
  portid: number,
  group: number,
  gfp: gfp_t,
): number {
  return netlink_broadcast(ssk, skb, portid, group, gfp).result;
}

/** netlink_has_listeners: whether anybody, in any namespace, is in a group. */
export function netlink_has_listeners(ssk: NetlinkSock, group: number): boolean {
  return ssk.netlink.table(ssk.sk_protocol).mc_list.some((sk) => isMember(sk, group));
}
