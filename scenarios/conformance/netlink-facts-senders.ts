/*
 * Recorded facts of user senders that wait for room.
 */
import type { Code, Context } from '../../models/context.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import { signals } from '../../models/signal/signal.ts';
import { SA_RESTART, sigaction } from '../../models/user/signals.ts';
import { close, kill, usleep } from '../../models/user/unistd.ts';
import {
  type Attempt,
  drain,
  fill,
  inThread,
  MSG_PEEK,
  ok,
  open,
  recv,
  send,
  shown,
} from './netlink-calls.ts';
import {
  bench,
  blockedSend,
  forEachRow,
  fullReceiver,
  type NamedFactRun,
  observing,
  R,
  settleUs,
} from './netlink-named.ts';

interface Wake {
  readonly sk_rcvbuf: number;
  readonly queued: number;
  readonly queued_len: number;
  readonly blocked_len: number;
  readonly congested: boolean;
  readonly before: unknown;
  readonly recvs_until_sent: number;
  readonly sent: unknown;
}

/** How many messages must be read before a sender that waits gets in. */
function* wakeAfter(k: Context, row: Wake): Code<Partial<Wake>> {
  const { sk_rcvbuf, queued_len, blocked_len, congested } = row;
  const receiver = yield* open(k, { port: R, rcvbuf: sk_rcvbuf, groups: 1 });
  const filler = yield* open(k);
  const queued = yield* fill(k, filler, R, queued_len);
  if (congested) {
    yield* send(k, filler, 0, sk_rcvbuf, 0, 1);
    yield* recv(k, receiver);
  }
  const sender = yield* blockedSend(k, blocked_len);
  const before = sender.result;
  const recvs = yield* readUntilSent(k, receiver, sender);
  return { queued, before, recvs_until_sent: recvs, sent: sender.result };
}

function* readUntilSent(k: Context, receiver: number, sender: Attempt): Code<number> {
  let recvs = 0;
  for (; sender.result === 'blocked'; recvs++) {
    yield* recv(k, receiver);
    yield* usleep(k, settleUs);
  }
  return recvs;
}

/** A full receiver and a sender that waits; each of `steps` may let it in. */
function blockedThen(
  ...steps: readonly ((k: Context, receiver: number) => Code<number>)[]
): NamedFactRun {
  return observing(function* (k, seen) {
    const receiver = yield* fullReceiver(k);
    const sender = yield* blockedSend(k, 784);
    seen.push(sender.result);
    for (const step of steps) {
      yield* step(k, receiver);
      yield* usleep(k, settleUs);
      seen.push(sender.result);
    }
  });
}

type Step = (k: Context, receiver: number) => Code<number>;
const option =
  (name: string, value: number): Step =>
  (k, receiver) =>
    net.setsockopt(k, receiver, name, value);
const read: Step = (k, receiver) => recv(k, receiver);
const peek: Step = (k, receiver) => recv(k, receiver, MSG_PEEK);
const connectElsewhere: Step = (k, receiver) =>
  net.connect(k, receiver, { nl_pid: 4711, nl_groups: 0 });

/** Three equal senders wait: who has got in after each of three receives. */
function* threeSenders(k: Context): Code<{ completed: number[]; order: number[] }> {
  const order: number[] = [];
  const receiver = yield* fullReceiver(k);
  for (const i of [0, 1, 2]) {
    const fd = yield* open(k);
    yield* inThread(k, function* (t) {
      const result = yield* send(t, fd, R, 784);
      order.push(i);
      return result;
    });
  }
  const completed = [order.length];
  while (completed.length <= 3) {
    yield* recv(k, receiver);
    yield* usleep(k, settleUs);
    completed.push(order.length);
  }
  return { completed, order };
}

/** A sender that a signal finds waiting, and that finds room 200 ms later. */
function* signalled(k: Context, flags: number): Code<unknown> {
  yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags });
  const receiver = yield* fullReceiver(k);
  const fd = yield* open(k);
  let tid = 0;
  const sender = yield* inThread(k, (t) => {
    tid = t.current.pid;
    return send(t, fd, R, 784);
  });
  ok(yield* kill(k, tid, signals.SIGUSR1));
  yield* usleep(k, 200_000);
  yield* recv(k, receiver);
  yield* usleep(k, settleUs);
  yield* close(k, receiver);
  return sender.result;
}

export const senderFacts: Readonly<Record<string, NamedFactRun>> = {
  'sender-wakes': forEachRow(wakeAfter),
  'sender-wakes-congested': forEachRow(wakeAfter),
  'sender-peek': blockedThen(peek, read),
  'sender-rcvbuf-raised': blockedThen(option('SO_RCVBUF', 30_000), peek),
  'sender-no-enobufs-wakes': blockedThen(
    option('NETLINK_NO_ENOBUFS', 1),
    option('SO_RCVBUF', 30_000),
    option('NETLINK_NO_ENOBUFS', 0),
    option('NETLINK_NO_ENOBUFS', 1),
  ),
  'sender-receiver-closed': blockedThen((k, receiver) => close(k, receiver)),
  'sender-receiver-connects': blockedThen(connectElsewhere, read),
  'sender-no-enobufs-congested': observing(function* (k, seen) {
    const receiver = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
    const filler = yield* open(k);
    yield* fill(k, filler, R, 784);
    yield* send(k, filler, 0, 784, 0, 1);
    seen.push(shown(yield* recv(k, receiver)));
    yield* recv(k, receiver);
    const sender = yield* blockedSend(k, 784);
    seen.push(sender.result);
    yield* net.setsockopt(k, receiver, 'NETLINK_NO_ENOBUFS', 1);
    yield* usleep(k, settleUs);
    seen.push(sender.result);
  }),
  'sender-own-close': observing(function* (k, seen) {
    const receiver = yield* fullReceiver(k);
    const fd = yield* open(k);
    const sender = yield* inThread(k, (t) => send(t, fd, R, 784));
    seen.push(sender.result);
    for (const step of [() => close(k, fd), () => recv(k, receiver)]) {
      yield* step();
      yield* usleep(k, settleUs);
      seen.push(sender.result);
    }
  }),
  'sender-overtaken': observing(function* (k, seen) {
    const receiver = yield* fullReceiver(k);
    const large = yield* blockedSend(k, 3000);
    seen.push(large.result);
    yield* recv(k, receiver);
    yield* usleep(k, settleUs);
    seen.push(large.result);
    const other = yield* open(k);
    seen.push(yield* send(k, other, R, 784), large.result);
    seen.push(['more recvs', yield* readUntilSent(k, receiver, large), large.result]);
  }),
  'senders-three': () => bench().observe(threeSenders).completed,
  'senders-three-order': () => bench().observe(threeSenders).order,
  'sender-self': () =>
    bench().observe(function* (k) {
      const self = yield* fullReceiver(k);
      ok(yield* net.setsockopt(k, self, 'SO_SNDTIMEO', 30_000_000));
      return shown(yield* send(k, self, R, 784));
    }),
  'sender-signal': () =>
    bench().observe(function* (k) {
      return {
        'no SA_RESTART': yield* signalled(k, 0),
        'SA_RESTART, room after 200 ms': yield* signalled(k, SA_RESTART),
      };
    }),
  'sender-mcast-and-unicast': observing(function* (k, seen) {
    const receiver = yield* fullReceiver(k);
    const member = yield* open(k, { groups: 1 });
    const fd = yield* open(k);
    const sender = yield* inThread(k, (t) => send(t, fd, R, 784, 0, 1));
    seen.push(sender.result);
    const copies = yield* drain(k, member);
    seen.push(copies);
    const left = 3 - (yield* readUntilSent(k, receiver, sender));
    seen.push(sender.result, copies + (yield* drain(k, member)));
    seen.push((yield* drain(k, receiver)) - left);
  }),
};
