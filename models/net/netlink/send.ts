/*
 * sendmsg() on a netlink socket: netlink_sendmsg of net/netlink/af_netlink.c.
 *
 * netlink_prepare_send makes the message; then, if it has a group, netlink_broadcast with a
 * reference of its own (skb_get); then always the unicast of unicast.ts, whose result counts.
 */
import { errno } from '../../errno.ts';
import { alloc_large_skb, alloc_skb, skb_get, skb_put, skb_store, type SkBuff } from '../skb.ts';
import { NETLINK_CB, type NetlinkCaller, type NetlinkSock } from './af_netlink.ts';
import { destinationGroup, needsSendLeave } from './bind.ts';
import { netlink_broadcast } from './broadcast.ts';
import { sock_sndtimeo } from './options.ts';
import { netlink_allowed, netlink_autobind } from './table.ts';
import { isNetlinkAddress, MSG_DONTWAIT, MSG_OOB, type sockaddr_nl } from './uapi.ts';
import { netlink_unicast } from './unicast.ts';

/** What sendmsg() is given. */
export interface SendRequest {
  /** Absent: the socket's default destination. */
  readonly name?: sockaddr_nl;
  /** Length of the message in bytes. */
  readonly len: number;
  /** The message's first bytes; the rest reads as zero. */
  readonly data?: Uint8Array;
  readonly flags: number;
}

export interface PreparedSend {
  readonly skb: SkBuff;
  readonly portid: number;
  readonly group: number;
}

/** netlink_sendmsg up to the first delivery; may sleep for memory. */
export function netlink_prepare_send(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  request: SendRequest,
): PreparedSend | number {
  const { name, len, flags } = request;
  if ((flags & MSG_OOB) !== 0) return -errno.EOPNOTSUPP;
  if (len === 0 && sk.netlink.era.refusesEmpty) return -errno.ENODATA;
  if (name !== undefined) {
    if (!isNetlinkAddress(name)) return -errno.EINVAL;
    if (needsSendLeave(sk, name) && !netlink_allowed(sk, caller, 'send')) return -errno.EPERM;
  }
  const portid = name === undefined ? sk.dst_portid : name.nl_pid;
  const group = name === undefined ? sk.dst_group : destinationGroup(sk, name.nl_groups);
  if (!sk.bound) {
    const error = netlink_autobind(sk, caller);
    if (error !== 0) return error;
  }
  if (len > sk.sk_sndbuf - 32) return -errno.EMSGSIZE;
  const skb = userMessage(sk, caller, request, group);
  return skb === null ? -errno.ENOBUFS : { skb, portid, group };
}

function userMessage(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  { len, data }: SendRequest,
  group: number,
): SkBuff | null {
  const { memory } = sk.netlink;
  const skb = group === 0 ? alloc_large_skb(memory, len) : alloc_skb(memory, len, 'GFP_KERNEL');
  if (skb === null) return null;
  const cb = NETLINK_CB(skb);
  cb.portid = sk.portid;
  cb.dst_group = group;
  cb.creds = { pid: caller.tgid, uid: caller.uid, gid: caller.gid };
  const at = skb_put(skb, len);
  if (data !== undefined) skb_store(skb, at, data.subarray(0, len));
  return skb;
}

/** The multicast part of a send, if it has one: whether the sender shall yield. */
export function netlink_send_multicast(sk: NetlinkSock, send: PreparedSend): boolean {
  if (send.group === 0) return false;
  const skb = skb_get(send.skb);
  return netlink_broadcast(sk, skb, send.portid, send.group, 'GFP_KERNEL').congested;
}

/** sendmsg() that does not wait: bytes sent or a negative error number. */
export function netlink_sendmsg(
  sk: NetlinkSock,
  caller: NetlinkCaller,
  request: SendRequest,
): number {
  const send = netlink_prepare_send(sk, caller, request);
  if (typeof send === 'number') return send;
  netlink_send_multicast(sk, send);
  const nonblock = sock_sndtimeo(sk, (request.flags & MSG_DONTWAIT) !== 0) === 0;
  return netlink_unicast(sk, send.skb, send.portid, nonblock);
}
