/*
 * recvmsg() on a netlink socket: netlink_recvmsg of net/netlink/af_netlink.c and
 * __skb_try_recv_datagram of net/core/datagram.c.
 *
 * A reader that waits repeats skb_try_recv until it is not -EAGAIN, sleeping exclusively on the
 * socket's wait queue in between, and ends with netlink_finish_recv in every case.
 */
import { errno } from '../../errno.ts';
import { consume_skb, skb_get, skb_load, type SkBuff } from '../skb.ts';
import { NETLINK_CB, type NetlinkSock } from './af_netlink.ts';
import { netlink_group_mask } from './bind.ts';
import { netlink_dump } from './dump.ts';
import { netlink_rcv_wake, sock_error } from './socket.ts';
import { MSG_OOB, MSG_PEEK, MSG_TRUNC, type sockaddr_nl, type ucred } from './uapi.ts';

/** The largest buffer that a dump is sized for: SKB_WITH_OVERHEAD(32768). */
const maxDumpBuffer = 32768 - 320;

/** What recvmsg() gives back. */
export interface Received {
  /** Its return value: bytes copied, or the message's length with MSG_TRUNC. */
  readonly result: number;
  /** Bytes placed in the reader's buffer. */
  readonly placed: number;
  /** Those of them that were ever written, from the first on; the rest is zero. */
  readonly data: Uint8Array;
  readonly from: sockaddr_nl;
  /** MSG_TRUNC when the message was longer than the buffer. */
  readonly flags: number;
  /** The group, with NETLINK_PKTINFO. */
  readonly pktinfo: number | null;
  readonly creds: ucred;
  /** The number of the buffer that it came in. */
  readonly skb: number;
}

/** A message, a pending error, or -EAGAIN when a reader has to wait. */
export function skb_try_recv(sk: NetlinkSock, flags: number): SkBuff | number {
  const error = sock_error(sk);
  if (error !== 0) return error;
  const queue = sk.sk_receive_queue;
  const peeked = (flags & MSG_PEEK) !== 0;
  const skb = peeked ? queue.peek() : queue.dequeue();
  if (skb === null) return -errno.EAGAIN;
  return peeked ? skb_get(skb) : skb;
}

/**
 * The rest of netlink_recvmsg for what skb_try_recv gave. Frees the message, goes on with a
 * dump, and lets senders look again, also after a failure.
 */
export function netlink_finish_recv(
  sk: NetlinkSock,
  got: SkBuff | number,
  size: number,
  flags: number,
): Received | number {
  if (typeof got === 'number') {
    netlink_rcv_wake(sk);
    return got;
  }
  sk.max_recvmsg_len = Math.min(Math.max(sk.max_recvmsg_len, size), maxDumpBuffer);
  const received = describe(sk, got, size, flags);
  consume_skb(got);
  continueDump(sk);
  netlink_rcv_wake(sk);
  return received;
}

function describe(sk: NetlinkSock, skb: SkBuff, size: number, flags: number): Received {
  const cb = NETLINK_CB(skb);
  const { len } = skb;
  const placed = Math.min(len, size);
  const wantsLength = (flags & MSG_TRUNC) !== 0 && sk.netlink.era.truncReturnsLength;
  const written = Math.max(Math.min(placed, skb.bytes.length - skb.data), 0);
  return {
    result: wantsLength ? len : placed,
    placed,
    data: skb_load(skb, skb.data, written),
    from: { nl_pid: cb.portid, nl_groups: netlink_group_mask(sk, cb.dst_group) },
    flags: size < len ? MSG_TRUNC : 0,
    pktinfo: sk.flags.has('NETLINK_PKTINFO') ? cb.dst_group : null,
    creds: cb.creds,
    skb: skb.id,
  };
}

/** The next part of a dump is made when the reader has made room for it. */
function continueDump(sk: NetlinkSock): void {
  if (sk.cb === null || sk.sk_rmem_alloc > sk.sk_rcvbuf / 2) return;
  const error = netlink_dump(sk);
  if (error === 0 || sk.netlink.era.dump === 'goodsize') return;
  sk.sk_err = -error;
  sk.sk_error_report(sk);
}

/** recvmsg() that does not wait: -EAGAIN from an empty queue. */
export function netlink_recvmsg(sk: NetlinkSock, size: number, flags: number): Received | number {
  if ((flags & MSG_OOB) !== 0) return -errno.EOPNOTSUPP;
  return netlink_finish_recv(sk, skb_try_recv(sk, flags), size, flags);
}
