/*
 * Recorded facts of the kernel as a sender: NETLINK_ROUTE answers requests of an unknown type by
 * NLMSG_ERROR, into a receiver that is soon full.
 */
import type { Code, Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { netlink_kernel_create, netlink_rcv_skb } from '../../models/net/netlink/kernel.ts';
import {
  decodeNlmsghdr,
  encodeNlmsghdr,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
} from '../../models/net/netlink/nlmsg.ts';
import { netlinkOf } from '../../models/net/netlink/stack.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import { MSG_DONTWAIT, ok, open, shown, sockOf } from './netlink-calls.ts';
import { bench, type NamedFactRun } from './netlink-named.ts';

const NETLINK_ROUTE = 0;

interface Overrun {
  readonly requests: number;
  readonly sk_rcvbuf: number;
}

function overrun({ requests, sk_rcvbuf }: Overrun, noEnobufs: boolean): unknown {
  const machine = bench();
  netlink_kernel_create(netlinkOf(machine.machine), {
    name: 'rtnl',
    unit: NETLINK_ROUTE,
    input: (k, skb) => netlink_rcv_skb(k, skb, () => -errno.EOPNOTSUPP),
  });
  return machine.observe(function* (k) {
    const fd = yield* open(k, { protocol: NETLINK_ROUTE, rcvbuf: sk_rcvbuf });
    if (noEnobufs) ok(yield* net.setsockopt(k, fd, 'NETLINK_NO_ENOBUFS', 1));
    let sent = 0;
    for (let seq = 1; seq <= requests; seq++) {
      if ((yield* request(k, fd, seq)) === NLMSG_HDRLEN) sent++;
    }
    const sk = sockOf(k, fd);
    const { sk_rmem_alloc: rmem, sk_drops: drops } = sk;
    return {
      requests,
      sends_that_returned_16: sent,
      rmem_of_one_reply: sk.sk_receive_queue.peek()?.truesize,
      rmem,
      sk_rcvbuf: sk.sk_rcvbuf,
      drops,
      recv: yield* readAll(k, fd),
    };
  });
}

/** A request of a type that nobody knows. */
function request(k: Context, fd: number, seq: number): Code<number> {
  const data = encodeNlmsghdr({
    nlmsg_len: NLMSG_HDRLEN,
    nlmsg_type: 999,
    nlmsg_flags: NLM_F_REQUEST,
    nlmsg_seq: seq,
    nlmsg_pid: 0,
  });
  return net.sendto(k, fd, NLMSG_HDRLEN, 0, { nl_pid: 0, nl_groups: 0 }, data);
}

/** Errors by name, messages as [length, type, seq, source port]. */
function* readAll(k: Context, fd: number): Code<unknown[]> {
  const seen: unknown[] = [];
  while (seen.at(-1) !== 'EAGAIN') {
    const msg: net.msghdr = { size: 1000, received: null };
    const length = yield* net.recvmsg(k, fd, msg, MSG_DONTWAIT);
    if (msg.received === null) {
      seen.push(shown(length));
      continue;
    }
    const { nlmsg_type, nlmsg_seq } = decodeNlmsghdr(msg.received.data);
    seen.push([length, nlmsg_type, nlmsg_seq, msg.received.from.nl_pid]);
  }
  return seen;
}

export const replyFacts: Readonly<Record<string, NamedFactRun>> = {
  'kernel-sender-overrun': (recorded) =>
    (recorded as readonly Overrun[]).map((row) => overrun(row, false)),
  'kernel-sender-no-enobufs': (recorded) => overrun(recorded as Overrun, true),
};
