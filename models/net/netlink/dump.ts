/*
 * Answers in many parts: netlink_dump_start, netlink_dump and netlink_dump_done of
 * net/netlink/af_netlink.c. A dump makes its next buffer when the reader has made room, so it
 * never overruns.
 */
import { errno } from '../../errno.ts';
import {
  alloc_skb,
  kfree_skb,
  skb_get,
  skb_reserve,
  skb_set_owner_r,
  skb_store,
  skb_tailroom,
  type SkBuff,
} from '../skb.ts';
import {
  NETLINK_CB,
  type NetlinkCallback,
  type NetlinkDumpControl,
  type NetlinkSock,
} from './af_netlink.ts';
import {
  NLM_F_MULTI,
  NLMSG_DATA,
  NLMSG_DONE,
  NLMSG_SPACE,
  type NlmsgAt,
  nlmsg_put,
} from './nlmsg.ts';
import { netlink_end_dump, sk_filter } from './socket.ts';
import { netlink_lookup } from './table.ts';
import { netlink_sendskb } from './unicast.ts';

/**
 * Starts answering the request at `nlh`. -EINTR means started: no acknowledgement is due.
 * -EBUSY: the asking socket has a dump under way; -ECONNREFUSED: it is gone.
 */
export function netlink_dump_start(
  ksk: NetlinkSock,
  skb: SkBuff,
  nlh: NlmsgAt,
  control: NetlinkDumpControl,
): number {
  const { netlink, net, sk_protocol } = ksk;
  const sk = netlink_lookup(netlink, net, sk_protocol, NETLINK_CB(skb).portid);
  if (sk === null) return -errno.ECONNREFUSED;
  if (sk.cb !== null) return -errno.EBUSY;
  sk.cb = { control, skb: skb_get(skb), nlh, args: [0, 0, 0, 0, 0, 0], result: 1 };
  const error = netlink_dump(sk);
  return error !== 0 && netlink.era.dump === 'sized' ? error : -errno.EINTR;
}

/** Makes and queues the next buffer of the socket's dump: 0 or a negative error number. */
export function netlink_dump(sk: NetlinkSock): number {
  const { cb } = sk;
  if (cb === null) return -errno.EINVAL;
  const skb = dumpBuffer(sk, cb);
  if (skb === null) return -errno.ENOBUFS;
  if (cb.result > 0) cb.result = runDump(skb, cb);
  const sized = sk.netlink.era.dump === 'sized';
  const fits = skb_tailroom(skb) >= NLMSG_SPACE(4);
  if (cb.result <= 0 && (fits || !sized)) {
    if (!putDone(skb, cb)) {
      kfree_skb(skb);
      return -errno.ENOBUFS;
    }
    queueDump(sk, skb);
    netlink_end_dump(sk);
  } else {
    queueDump(sk, skb);
  }
  return 0;
}

/** -EMSGSIZE with something in the buffer only means that the buffer is full. */
function runDump(skb: SkBuff, cb: NetlinkCallback): number {
  const result = cb.control.dump(skb, cb);
  return result === -errno.EMSGSIZE && skb.len > 0 ? skb.len : result;
}

function putDone(skb: SkBuff, cb: NetlinkCallback): boolean {
  const { portid } = NETLINK_CB(cb.skb);
  const nlh = nlmsg_put(skb, portid, cb.nlh.nlmsg_seq, NLMSG_DONE, 4, NLM_F_MULTI);
  if (nlh === null) return false;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, cb.result, true);
  skb_store(skb, NLMSG_DATA(nlh), bytes);
  return true;
}

function queueDump(sk: NetlinkSock, skb: SkBuff): void {
  if (sk_filter(sk, skb)) netlink_sendskb(sk, skb);
  else kfree_skb(skb);
}

/** A buffer charged to the reader: as large as its reads where the era does that. */
function dumpBuffer(sk: NetlinkSock, cb: NetlinkCallback): SkBuff | null {
  const { era, memory } = sk.netlink;
  if (era.dump === 'goodsize') {
    if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) return null;
    const skb = alloc_skb(memory, era.goodsize, 'GFP_KERNEL');
    if (skb !== null) skb_set_owner_r(skb, sk);
    return skb;
  }
  const least = Math.max(cb.control.min_dump_alloc ?? 0, era.goodsize);
  const wanted = Math.max(least, sk.max_recvmsg_len);
  const large = wanted > least ? alloc_skb(memory, wanted, 'GFP_KERNEL') : null;
  const skb = large ?? alloc_skb(memory, least, 'GFP_KERNEL');
  if (skb === null) return null;
  if (sk.sk_rmem_alloc !== 0 && sk.sk_rmem_alloc + skb.truesize >= sk.sk_rcvbuf) {
    kfree_skb(skb);
    return null;
  }
  skb_reserve(skb, skb_tailroom(skb) - (large === null ? least : wanted));
  skb_set_owner_r(skb, sk);
  return skb;
}
