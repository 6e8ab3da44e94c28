/*
 * The rules about one socket's receive buffer: room, overrun, congestion, pending error, poll
 * (net/netlink/af_netlink.c: netlink_overrun, netlink_rcv_wake and the test that
 * netlink_attachskb and netlink_broadcast_deliver share; net/core/sock.c; net/core/datagram.c).
 */
import { errno } from '../../errno.ts';
import { consume_skb, pskb_trim, type SkBuff } from '../skb.ts';
import type { NetlinkSock } from './af_netlink.ts';
import * as uapi from './uapi.ts';

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

/** The dump is over, or its socket is closed. */
export function netlink_end_dump(sk: NetlinkSock): void {
  const { cb } = sk;
  if (cb === null) return;
  sk.cb = null;
  cb.control.done?.(cb);
  consume_skb(cb.skb);
}
