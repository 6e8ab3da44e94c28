/*
 * Recorded facts of a kernel module's unicasts: to nobody, from every context, until the receiver
 * is full, and while it is congested.
 */
import * as net from '../../models/net/netlink/syscalls.ts';
import { datagram_poll } from '../../models/net/netlink/socket.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import { pollEvents } from '../../models/user/poll.ts';
import type { FactRun } from './facts.ts';
import { drain, MSG_DONTWAIT, ok, sockOf } from './netlink-calls.ts';
import type { Sender } from './netlink-commands.ts';
import { experiment, nlsock, plenty, rx } from './netlink-experiment.ts';

/** Nobody has this port. */
const unusedPort = 999999;

function unicastToNobody(nonblock: boolean): FactRun {
  return experiment({ payload: 8 }, function* (k, module, { payload }) {
    const { ret } = yield* module.fill(k, unusedPort, payload, 1, nonblock);
    return { ret };
  });
}

function unicastFrom(where: Sender): FactRun {
  return experiment({ payload: 8 }, function* (k, module, { payload }) {
    const socket = yield* nlsock(k);
    const ret = yield* module.one(k, where, payload, { portid: socket.port });
    return { ret, recv: yield* rx(k, socket) };
  });
}

export const unicastFacts: Record<string, FactRun> = {
  'unicast-unbound-portid': unicastToNobody(true),
  'unicast-unbound-portid-blocking': unicastToNobody(false),
  'unicast-from-task': unicastFrom('task'),
  'unicast-from-softirq': unicastFrom('softirq'),
  'unicast-from-hardirq': unicastFrom('hardirq'),
  'recv-into-10-byte-buffer': experiment({ message_bytes: 116 }, function* (k, module, given) {
    const socket = yield* nlsock(k);
    const msg: net.msghdr = { size: 10, received: null };
    yield* module.one(k, 'task', given.message_bytes - 16, { portid: socket.port });
    const got = yield* net.recvmsg(k, socket.fd, msg, MSG_DONTWAIT);
    return {
      recvmsg: got,
      MSG_TRUNC: ((msg.received?.flags ?? 0) & uapi.MSG_TRUNC) !== 0,
      next_recv: yield* rx(k, socket),
    };
  }),
  'fill-nonblocking': experiment(
    { so_rcvbuf_set: 4096, payload: 100 },
    function* (k, module, { so_rcvbuf_set, payload }) {
      const socket = yield* nlsock(k, so_rcvbuf_set);
      const sk = sockOf(k, socket.fd);
      const filled = yield* module.fill(k, socket.port, payload, plenty);
      const rmem = sk.sk_rmem_alloc;
      const { POLLIN, POLLERR } = pollEvents;
      const revents = datagram_poll(sk) & (POLLIN | POLLERR);
      const first = yield* rx(k, socket);
      return {
        sk_rcvbuf: yield* net.getsockopt(k, socket.fd, 'SO_RCVBUF'),
        skb_truesize_as_built: filled.truesize,
        accepted: filled.accepted,
        final_ret: filled.ret,
        rmem_alloc_when_full: rmem,
        charge_per_message: filled.accepted === 0 ? 0 : Math.floor(rmem / filled.accepted),
        poll_revents: revents,
        first_recv: first,
        messages_received_after_first_recv: yield* drain(k, socket.fd),
      };
    },
  ),
  'congested-until-empty': experiment(
    { so_rcvbuf_set: 4096, payload: 100 },
    function* (k, module, { so_rcvbuf_set, payload }) {
      const socket = yield* nlsock(k, so_rcvbuf_set);
      const { accepted } = yield* module.fill(k, socket.port, payload, plenty);
      const first = yield* rx(k, socket);
      const after: { recv: number; unicast: number }[] = [];
      do {
        const length = yield* rx(k, socket);
        const { ret } = yield* module.fill(k, socket.port, payload, 1);
        after.push({ recv: length, unicast: ret });
      } while (after.at(-1)!.unicast <= 0 && after.length <= accepted);
      return { accepted_before_full: accepted, first_recv: first, after_reads: after };
    },
  ),
  'no-enobufs-option': experiment(
    { so_rcvbuf_set: 4096, payload: 100 },
    function* (k, module, { so_rcvbuf_set, payload }) {
      const socket = yield* nlsock(k, so_rcvbuf_set);
      ok(yield* net.setsockopt(k, socket.fd, 'NETLINK_NO_ENOBUFS', 1));
      const { accepted, ret: final } = yield* module.fill(k, socket.port, payload, plenty);
      const first = yield* rx(k, socket);
      const after: unknown[] = [];
      while (after.length < Math.min(accepted + 1, 3)) {
        const { ret } = yield* module.fill(k, socket.port, payload, 1);
        after.push({ unicast: ret, then_recv: yield* rx(k, socket) });
      }
      return {
        accepted_before_full: accepted,
        final_ret: final,
        first_recv: first,
        after_reads: after,
      };
    },
  ),
};
