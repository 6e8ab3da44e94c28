/*
 * Recorded facts of readers and pollers that wait.
 */
import type { Code, Context } from '../../models/context.ts';
import * as net from '../../models/net/netlink/syscalls.ts';
import * as uapi from '../../models/net/netlink/uapi.ts';
import {
  epoll_create,
  epoll_ctl,
  EPOLL_CTL_ADD,
  type epoll_event,
  epoll_wait,
  EPOLLET,
} from '../../models/user/epoll.ts';
import { poll, pollEvents } from '../../models/user/poll.ts';
import { close, usleep } from '../../models/user/unistd.ts';
import {
  type Attempt,
  fill,
  inThread,
  NETLINK_USERSOCK,
  ok,
  open,
  recv,
  send,
  shown,
} from './netlink-calls.ts';
import { fullReceiver, type NamedFactRun, observing, R, settleUs } from './netlink-named.ts';

const { POLLIN, POLLOUT } = pollEvents;

/** poll() for up to 1 s in a thread of its own. */
function* pollThread(k: Context, fd: number, events: number) {
  const entry = { fd, events, revents: 0 };
  const attempt = yield* inThread(k, (t) => poll(t, [entry], 1_000_000_000));
  return { attempt, entry };
}

/** The events that a poll() which has returned told of. */
function told({ attempt, entry }: { attempt: Attempt; entry: { revents: number } }): unknown {
  if (attempt.result === 'blocked') return 'blocked';
  return attempt.result === 0 ? [] : [entry.revents];
}

export const readerFacts: Readonly<Record<string, NamedFactRun>> = {
  'recv-wakes': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R, groups: 1 });
    const sender = yield* open(k);
    for (const [port, len, groups] of [
      [R, 5, 0],
      [0, 6, 1],
    ] as const) {
      const attempt = yield* inThread(k, (t) => recv(t, reader));
      seen.push(attempt.result);
      yield* send(k, sender, port, len, 0, groups);
      yield* usleep(k, settleUs);
      seen.push(attempt.result);
    }
  }),
  'recv-two': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R });
    const sender = yield* open(k);
    const reads = [];
    for (let i = 0; i < 2; i++) reads.push(yield* inThread(k, (t) => recv(t, reader)));
    for (const len of [5, 6]) {
      yield* send(k, sender, R, len);
      yield* usleep(k, settleUs);
      seen.push(reads.map(({ result }) => (result === 'blocked' ? null : result)));
    }
  }),
  'recv-close': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R });
    const sender = yield* open(k);
    const attempt = yield* inThread(k, (t) => recv(t, reader));
    seen.push(attempt.result);
    ok(yield* close(k, reader));
    yield* usleep(k, settleUs);
    seen.push(attempt.result);
    const other = yield* net.socket(k, uapi.AF_NETLINK, uapi.SOCK_RAW, NETLINK_USERSOCK);
    seen.push(shown(yield* net.bind(k, other, { nl_pid: R, nl_groups: 0 })));
    seen.push(yield* send(k, sender, R, 9));
    yield* usleep(k, settleUs);
    seen.push(attempt.result, shown(yield* send(k, sender, R, 9)));
  }),
  'recv-shutdown': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R });
    const sender = yield* open(k);
    const attempt = yield* inThread(k, (t) => recv(t, reader));
    seen.push(attempt.result, shown(yield* net.shutdown(k, reader)));
    yield* usleep(k, settleUs);
    seen.push(attempt.result);
    yield* send(k, sender, R, 9);
    yield* usleep(k, settleUs);
    seen.push(attempt.result);
  }),
  'poll-in': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R });
    const sender = yield* open(k);
    const polled = yield* pollThread(k, reader, POLLIN);
    seen.push(told(polled));
    yield* send(k, sender, R, 5);
    yield* usleep(k, settleUs);
    seen.push(told(polled));
  }),
  'poll-out-full-peer': observing(function* (k, seen) {
    yield* fullReceiver(k);
    const sender = yield* open(k);
    ok(yield* net.connect(k, sender, { nl_pid: R, nl_groups: 0 }));
    const entry = { fd: sender, events: POLLOUT, revents: 0 };
    yield* poll(k, [entry], 0);
    seen.push(entry.revents);
  }),
  'poll-err': observing(function* (k, seen) {
    const reader = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
    const sender = yield* open(k);
    yield* fill(k, sender, R, 784);
    const first = yield* pollThread(k, reader, 0);
    seen.push(told(first));
    yield* send(k, sender, 0, 784, 0, 1);
    yield* usleep(k, settleUs);
    seen.push(told(first), shown(yield* recv(k, reader)));
    const second = yield* pollThread(k, reader, 0);
    seen.push(told(second));
    yield* usleep(k, 2_000_000);
    seen.push(told(second));
  }),
  'epoll-et': observing(edgeTriggered),
};

/** Three unicasts fill the receiver, four multicasts overrun it; epoll is asked after each. */
function* edgeTriggered(k: Context, seen: unknown[]): Code {
  const reader = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
  const sender = yield* open(k);
  const epfd = yield* epoll_create(k);
  ok(yield* epoll_ctl(k, epfd, EPOLL_CTL_ADD, reader, { events: POLLIN | EPOLLET, data: reader }));
  const look = function* (): Code {
    const events: epoll_event[] = [];
    yield* epoll_wait(k, epfd, events, 8, 0);
    seen.push(events.map((one) => one.events));
  };
  yield* look();
  for (let i = 0; i < 7; i++) {
    if (i < 3) yield* send(k, sender, R, 784);
    else yield* send(k, sender, 0, 784, 0, 1);
    yield* look();
  }
}
