/*
 * What a kernel socket's input does with a buffer: netlink_rcv_skb and netlink_ack of
 * net/netlink/af_netlink.c.
 */
import { errno } from '../../errno.ts';
import { skb_load, skb_pull, skb_put, skb_store, type SkBuff } from '../skb.ts';
import { NETLINK_CB, NetlinkSock } from './af_netlink.ts';
import {
  encodeNlmsghdr,
  NLM_F_ACK,
  NLM_F_CAPPED,
  NLM_F_REQUEST,
  NLMSG_ALIGN,
  NLMSG_DATA,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_MIN_TYPE,
  type NlmsgAt,
  nlmsg_end,
  nlmsg_hdr,
  nlmsg_new,
  nlmsg_put,
} from './nlmsg.ts';
import { nlmsg_unicast } from './unicast.ts';

/** sizeof(struct nlmsgerr): the error and the header it is about. */
const nlmsgerrSize = 4 + NLMSG_HDRLEN;

/**
 * Walks over the messages of a buffer. Yields each request for its handler and is resumed with
 * the handler's result; sends the acknowledgement that is due, and takes the message off. The
 * walk ends at the first malformed message. A result of -EINTR means: answered already.
 */
export function* netlink_requests(skb: SkBuff): Generator<NlmsgAt, void, number> {
  while (skb.len >= NLMSG_HDRLEN) {
    const nlh = nlmsg_hdr(skb);
    if (nlh.nlmsg_len < NLMSG_HDRLEN || skb.len < nlh.nlmsg_len) return;
    const isRequest = (nlh.nlmsg_flags & NLM_F_REQUEST) !== 0 && nlh.nlmsg_type >= NLMSG_MIN_TYPE;
    const result = isRequest ? yield nlh : 0;
    const wantsAck = (nlh.nlmsg_flags & NLM_F_ACK) !== 0;
    if (result !== -errno.EINTR && (wantsAck || result !== 0)) netlink_ack(skb, nlh, result);
    skb_pull(skb, Math.min(NLMSG_ALIGN(nlh.nlmsg_len), skb.len));
  }
}

/** netlink_rcv_skb for a handler that does not sleep. */
export function netlink_rcv_skb(skb: SkBuff, handler: (skb: SkBuff, nlh: NlmsgAt) => number): void {
  const requests = netlink_requests(skb);
  let next = requests.next(0);
  while (!next.done) next = requests.next(handler(skb, next.value));
}

/**
 * Answers the message at `nlh` with NLMSG_ERROR: 0 acknowledges it, a negative error number
 * refuses it and repeats the request. Without memory the sender's socket gets ENOBUFS.
 */
export function netlink_ack(in_skb: SkBuff, nlh: NlmsgAt, error: number): void {
  const { sk: asker, portid } = NETLINK_CB(in_skb);
  const ksk = in_skb.sk;
  if (!(ksk instanceof NetlinkSock)) throw new Error('netlink_ack: no kernel socket');
  const { acks } = ksk.netlink.era;
  const capped = error === 0 || asker?.flags.has('NETLINK_CAP_ACK') === true;
  const payload = capped ? 0 : nlh.nlmsg_len - NLMSG_HDRLEN;
  const skb = nlmsg_new(in_skb.memory, nlmsgerrSize + payload, 'GFP_KERNEL');
  const flags = capped && acks === 'flagged' ? NLM_F_CAPPED : 0;
  const rep = skb && nlmsg_put(skb, portid, nlh.nlmsg_seq, NLMSG_ERROR, nlmsgerrSize, flags);
  if (!skb || !rep) {
    if (asker !== null) report(asker, errno.ENOBUFS);
    return;
  }
  const errorBytes = new Uint8Array(4);
  new DataView(errorBytes.buffer).setInt32(0, error, true);
  skb_store(skb, NLMSG_DATA(rep), errorBytes);
  skb_store(skb, NLMSG_DATA(rep) + 4, encodeNlmsghdr(nlh));
  if (acks !== 'header') {
    const request = skb_load(in_skb, NLMSG_DATA(nlh), payload);
    skb_store(skb, skb_put(skb, NLMSG_ALIGN(payload)), request);
  }
  nlmsg_end(skb, rep);
  nlmsg_unicast(ksk, skb, portid);
}

function report(sk: NetlinkSock, error: number): void {
  sk.sk_err = error;
  sk.sk_error_report(sk);
}
