/*
 * struct netlink_sock: the state of one netlink socket and the rules about its receive buffer
 * (net/netlink/af_netlink.c: netlink_overrun, netlink_rcv_wake, and the test of
 * netlink_attachskb and netlink_broadcast_deliver).
 *
 * Nothing here blocks or wakes: the three callbacks tell the machine whom to wake.
 */
import { errno } from '../../errno.ts';
import { pskb_trim, type SkBuff, type SkbOwner } from '../skb.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { NetlinkCallback } from './dump.ts';
import type { NetlinkFlagName } from './era.ts';
import type { Netlink } from './table.ts';
import * as uapi from './uapi.ts';
import type { ucred } from './uapi.ts';

/** A timeout that never ends, in ns. */
export const MAX_SCHEDULE_TIMEOUT = Number.MAX_SAFE_INTEGER;

/** NETLINK_CB(skb): who sent a message, and to which group. */
export interface netlink_skb_parms {
  portid: number;
  /** The group's number, or the mask of groups where the era has masks. */
  dst_group: number;
  creds: ucred;
  /** The sending socket, for messages to the kernel. */
  sk: NetlinkSock | null;
}

const kernelCreds: ucred = { pid: 0, uid: 0, gid: 0 };

export function NETLINK_CB(skb: SkBuff): netlink_skb_parms {
  skb.cb ??= { portid: 0, dst_group: 0, creds: kernelCreds, sk: null };
  return skb.cb as netlink_skb_parms;
}

/** A kernel socket's receiver; what it returns goes to the caller of `netlink_call_input`. */
export type NetlinkInput = (skb: SkBuff) => unknown;
/** The same in 2.4, where the message waits in the socket's queue. */
export type NetlinkDataReady = (sk: NetlinkSock, len: number) => unknown;

/** A classic socket filter: how many bytes of the message to keep, 0 to drop it. */
export type SocketFilter = (skb: SkBuff) => number;

export class NetlinkSock implements SkbOwner {
  readonly netlink: Netlink;
  /** Number of the network namespace. */
  readonly net: number;
  readonly sk_protocol: number;
  readonly sk_type: number;
  readonly isKernel: boolean;

  /** Port; only `bound` tells whether it is really this socket's. */
  portid = 0;
  /** In the protocol's table, under `portid`. */
  hashed = false;
  dst_portid = 0;
  dst_group = 0;
  connected = false;
  /** Member of group g iff bit g - 1; empty until groups are first asked for. */
  groups: number[] = [];
  subscriptions = 0;

  sk_rcvbuf: number;
  sk_sndbuf: number;
  /** Sum of the truesizes that are queued here. */
  sk_rmem_alloc = 0;
  readonly sk_wmem_alloc = 0;
  sk_err = 0;
  /** Messages lost in overruns (no kernel before 2.6.30 shows it). */
  sk_drops = 0;
  /** NETLINK_S_CONGESTED: refuses everything until it is read empty. */
  congested = false;
  /** SOCK_DEAD: closed. */
  dead = false;
  /** SO_SNDTIMEO and SO_RCVTIMEO in ns. */
  sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
  sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
  sk_filter: SocketFilter | null = null;
  readonly flags = new Set<NetlinkFlagName | 'NETLINK_NO_ENOBUFS'>();
  readonly sk_receive_queue = new SkbQueue();

  input: NetlinkInput | null = null;
  data_ready: NetlinkDataReady | null = null;
  /** The dump under way. */
  cb: NetlinkCallback | null = null;
  max_recvmsg_len = 0;

  /** A message was queued: wake readers and pollers with `readableKey`. */
  sk_data_ready: (sk: NetlinkSock) => void = () => {};
  /** An error is pending: wake readers and pollers with `errorKey`. */
  sk_error_report: (sk: NetlinkSock) => void = () => {};
  /** wake_up_interruptible(&nlk->wait): all blocked senders look again. */
  wakeSenders: (sk: NetlinkSock) => void = () => {};

  constructor(netlink: Netlink, net: number, protocol: number, type: number, isKernel: boolean) {
    this.netlink = netlink;
    this.net = net;
    this.sk_protocol = protocol;
    this.sk_type = type;
    this.isKernel = isKernel;
    this.sk_rcvbuf = netlink.era.rmem_default;
    this.sk_sndbuf = netlink.era.wmem_default;
  }

  get bound(): boolean {
    return this.hashed && this.portid !== 0;
  }

  /** How many groups the socket can join so far. */
  get ngroups(): number {
    return this.groups.length * 32;
  }

  hasGroup(group: number): boolean {
    const word = this.groups[(group - 1) >>> 5];
    return word !== undefined && (word & (1 << ((group - 1) & 31))) !== 0;
  }
}

/** Poll keys of sk_data_ready and sk_error_report. */
export const readableKey = uapi.EPOLLIN | uapi.EPOLLPRI | uapi.EPOLLRDNORM | uapi.EPOLLRDBAND;
export const errorKey = uapi.EPOLLERR;

/** Whether the receiver takes this message now. */
export function netlink_has_room(sk: NetlinkSock, skb: SkBuff): boolean {
  if (sk.congested) return false;
  const rmem = sk.sk_rmem_alloc;
  if (sk.netlink.era.roomTest === 'beforeAdding') return rmem <= sk.sk_rcvbuf;
  return rmem === 0 || rmem + skb.truesize <= sk.sk_rcvbuf;
}

/** A message is lost for want of room. */
export function netlink_overrun(sk: NetlinkSock): void {
  if (!sk.flags.has('NETLINK_NO_ENOBUFS') && !sk.congested) {
    sk.congested = true;
    sk.sk_err = errno.ENOBUFS;
    sk.sk_error_report(sk);
  }
  sk.sk_drops++;
}

/** Ends the congestion of an empty socket; lets senders look again unless it goes on. */
export function netlink_rcv_wake(sk: NetlinkSock): void {
  if (sk.sk_receive_queue.length === 0) sk.congested = false;
  if (!sk.congested) sk.wakeSenders(sk);
}

/** Takes the pending error: 0 or a negative error number. */
export function sock_error(sk: NetlinkSock): number {
  const error = sk.sk_err;
  sk.sk_err = 0;
  return error === 0 ? 0 : -error;
}

/** datagram_poll: the events that are ready. Writing always is: nothing charges the sender. */
export function datagram_poll(sk: NetlinkSock): number {
  let mask = uapi.EPOLLOUT | uapi.EPOLLWRNORM | uapi.EPOLLWRBAND;
  if (sk.sk_err !== 0) mask |= uapi.EPOLLERR;
  if (sk.sk_receive_queue.length > 0) mask |= uapi.EPOLLIN | uapi.EPOLLRDNORM;
  return mask;
}

/** SO_MEMINFO, as far as netlink uses it. */
export function sk_get_meminfo(sk: NetlinkSock) {
  return {
    rmem: sk.sk_rmem_alloc,
    rcvbuf: sk.sk_rcvbuf,
    wmem: sk.sk_wmem_alloc,
    sndbuf: sk.sk_sndbuf,
    drops: sk.sk_drops,
  };
}

/** Runs the socket filter, which may shorten the message; false means: drop it. */
export function sk_filter(sk: NetlinkSock, skb: SkBuff): boolean {
  if (sk.sk_filter === null || !sk.netlink.era.filters) return true;
  const keep = sk.sk_filter(skb);
  if (keep === 0) return false;
  pskb_trim(skb, keep);
  return true;
}
