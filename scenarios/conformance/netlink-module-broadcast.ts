/*
 * Recorded facts of a kernel module's broadcasts.
 */
import type { Code, Context } from '../../models/context.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import { close } from '../../models/user/unistd.ts';
import type { FactRun } from './facts.ts';
import { drain, ok } from './netlink-calls.ts';
import type { Sender } from './netlink-commands.ts';
import { experiment, nlsock, rx, type UserSocket } from './netlink-experiment.ts';

function broadcastFrom(where: Sender): FactRun {
  return experiment({ payload: 50 }, function* (k, module, { payload }) {
    const socket = yield* nlsock(k, 0, 1);
    const ret = yield* module.one(k, where, payload, { group: 1 });
    return { ret, recv: yield* rx(k, socket) };
  });
}

/** The two members of group 1 that the recorder had, the small one first. */
function* members(
  k: Context,
  small_sk_rcvbuf: number,
  large_sk_rcvbuf: number,
): Code<readonly [UserSocket, UserSocket]> {
  return [yield* nlsock(k, small_sk_rcvbuf / 2, 1), yield* nlsock(k, large_sk_rcvbuf / 2, 1)];
}

/** As many as the recorder broadcast to members of different sizes. */
const many = 60;
const sizes = { small_sk_rcvbuf: 8192, large_sk_rcvbuf: 131072, payload: 100 };

export const broadcastFacts: Record<string, FactRun> = {
  netlink_has_listeners: experiment({}, function* (k, module) {
    const before = module.listeners(1);
    for (const mask of [1, 1, 2]) yield* nlsock(k, 0, mask);
    return {
      group1_nobody: before,
      group1_member: module.listeners(1),
      group2_member: module.listeners(2),
      group3_nobody: module.listeners(3),
    };
  }),
  'has-listeners-after-close': experiment({}, function* (k, module) {
    const sockets = yield* members(k, sizes.small_sk_rcvbuf, sizes.large_sk_rcvbuf);
    for (const { fd } of sockets) yield* close(k, fd);
    return { has: module.listeners(1) };
  }),
  'broadcast-no-members': experiment({ payload: 100 }, function* (k, module, { payload }) {
    return { ret: (yield* module.broadcast(k, 1, payload, 1)).last_ret };
  }),
  'broadcast-two-members': experiment({ payload: 100 }, function* (k, module, { payload }) {
    const [small, large] = yield* members(k, sizes.small_sk_rcvbuf, sizes.large_sk_rcvbuf);
    const other = yield* nlsock(k, 4096, 2);
    const { last_ret } = yield* module.broadcast(k, 1, payload, 1);
    return {
      ret: last_ret,
      member1_recv: yield* rx(k, small),
      member2_recv: yield* rx(k, large),
      other_group_recv: yield* rx(k, other),
    };
  }),
  'broadcast-60-to-small-and-large-member': experiment(sizes, function* (k, module, given) {
    const [small, large] = yield* members(k, given.small_sk_rcvbuf, given.large_sk_rcvbuf);
    const sent = yield* module.broadcast(k, 1, given.payload, many);
    const [smallFirst, largeFirst] = [yield* rx(k, small), yield* rx(k, large)];
    return {
      ...sent,
      small_sk_rcvbuf: yield* net.getsockopt(k, small.fd, 'SO_RCVBUF'),
      small_first_recv: smallFirst,
      small_received_after: yield* drain(k, small.fd),
      large_sk_rcvbuf: yield* net.getsockopt(k, large.fd, 'SO_RCVBUF'),
      large_first_recv: largeFirst,
      large_received_after: yield* drain(k, large.fd),
    };
  }),
  'broadcast-with-NETLINK_BROADCAST_ERROR-on-the-small-member': experiment(
    sizes,
    function* (k, module, given) {
      const [small] = yield* members(k, given.small_sk_rcvbuf, given.large_sk_rcvbuf);
      ok(yield* net.setsockopt(k, small.fd, 'NETLINK_BROADCAST_ERROR', 1));
      return yield* module.broadcast(k, 1, given.payload, many);
    },
  ),
  'broadcast-from-task': broadcastFrom('task'),
  'broadcast-from-softirq': broadcastFrom('softirq'),
  'broadcast-from-hardirq': broadcastFrom('hardirq'),
};
