/* What recordings of a real kernel (6.18) show about senders and readers that wait. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { signals } from '../../../models/signal/signal.ts';
import { encodeNlmsghdr } from '../../../models/net/netlink/nlmsg.ts';
import { netlink_kernel_create, netlink_rcv_skb } from '../../../models/net/netlink/kernel.ts';
import { netlinkOf } from '../../../models/net/netlink/stack.ts';
import type { NetlinkFile } from '../../../models/net/netlink/syscalls.ts';
import * as net from '../../../models/net/netlink/syscalls.ts';
import { errno } from '../../../models/errno.ts';
import {
  EPOLLET,
  EPOLL_CTL_ADD,
  epoll_create,
  epoll_ctl,
  epoll_wait,
  type epoll_event,
} from '../../../models/user/epoll.ts';
import { poll, pollEvents } from '../../../models/user/poll.ts';
import { SA_RESTART, sigaction } from '../../../models/user/signals.ts';
import { close, kill, usleep } from '../../../models/user/unistd.ts';
import { processOf } from '../../../models/user/file.ts';
import { Bench, ms } from '../user/bench.ts';
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  fact,
  fill,
  inThread,
  ok,
  open,
  recv,
  send,
  shown,
} from './sockets.ts';

/** Runs one process with everything recorded into `seen`. */
function observe(main: (k: Context, seen: unknown[]) => Code, cpus = 1): unknown[] {
  const bench = new Bench('linux-6.12', { cpus });
  const seen: unknown[] = [];
  const task = bench.run('test', (k) => main(k, seen));
  bench.until(60_000 * ms);
  expect(task.exitCode).toBe(0);
  expect(bench.machine.tasks.size).toBe(0);
  expect(bench.machine.findings.all).toEqual([]);
  return seen;
}

const R = 100;

/** A full receiver on port R and a sender. */
function* fullReceiver(k: Context, rcvbuf = 8192, len = 784): Code<number> {
  const receiver = yield* open(k, { port: R, rcvbuf });
  const filler = yield* open(k);
  yield* fill(k, filler, R, len);
  return receiver;
}

function* blockedSend(k: Context, len: number) {
  const sender = yield* open(k);
  return yield* inThread(k, (t) => send(t, sender, R, len));
}

interface Wake {
  readonly sk_rcvbuf: number;
  readonly queued: number;
  readonly queued_len: number;
  readonly blocked_len: number;
  readonly congested: boolean;
  readonly recvs_until_sent: number;
}

function* wakeAfter(k: Context, wake: Wake, seen: unknown[]): Code {
  const receiver = yield* open(k, { port: R, rcvbuf: wake.sk_rcvbuf, groups: 1 });
  const filler = yield* open(k);
  seen.push(yield* fill(k, filler, R, wake.queued_len));
  if (wake.congested) {
    yield* send(k, filler, 0, wake.sk_rcvbuf, 0, 1);
    seen.push(shown(yield* recv(k, receiver)));
  }
  const sender = yield* blockedSend(k, wake.blocked_len);
  seen.push(sender.result);
  let recvs = 0;
  while (sender.result === 'blocked') {
    yield* recv(k, receiver);
    yield* usleep(k, 1000);
    recvs++;
  }
  seen.push(recvs, sender.result);
}

describe('a blocked sender', () => {
  for (const name of ['sender-wakes', 'sender-wakes-congested']) {
    it.each(fact(name).value as Wake[])(`${name}: $queued of $queued_len in $sk_rcvbuf`, (wake) => {
      const error = wake.congested ? ['ENOBUFS'] : [];
      expect(observe((k, seen) => wakeAfter(k, wake, seen))).toEqual([
        wake.queued,
        ...error,
        'blocked',
        wake.recvs_until_sent,
        wake.blocked_len,
      ]);
    });
  }

  it('is not let in by MSG_PEEK', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      for (const flags of [MSG_PEEK, 0]) {
        yield* recv(k, receiver, flags);
        yield* usleep(k, 1000);
        results.push(sender.result);
      }
    });
    expect(seen).toEqual(fact('sender-peek').value);
  });

  it('is not woken by a larger SO_RCVBUF, but by the next recv, even one that peeks', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      ok(yield* net.setsockopt(k, receiver, 'SO_RCVBUF', 30_000));
      yield* usleep(k, 1000);
      results.push(sender.result);
      yield* recv(k, receiver, MSG_PEEK);
      yield* usleep(k, 1000);
      results.push(sender.result);
    });
    expect(seen).toEqual(fact('sender-rcvbuf-raised').value);
  });

  it('looks again when NETLINK_NO_ENOBUFS is set', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      const steps = [
        ['NETLINK_NO_ENOBUFS', 1],
        ['SO_RCVBUF', 30_000],
        ['NETLINK_NO_ENOBUFS', 0],
        ['NETLINK_NO_ENOBUFS', 1],
      ] as const;
      for (const [option, value] of steps) {
        ok(yield* net.setsockopt(k, receiver, option, value));
        yield* usleep(k, 1000);
        results.push(sender.result);
      }
    });
    expect(seen).toEqual(fact('sender-no-enobufs-wakes').value);
  });

  it('gets in when NETLINK_NO_ENOBUFS ends the congestion of a receiver with room', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
      const filler = yield* open(k);
      yield* fill(k, filler, R, 784);
      yield* send(k, filler, 0, 784, 0, 1);
      results.push(shown(yield* recv(k, receiver)));
      yield* recv(k, receiver);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      ok(yield* net.setsockopt(k, receiver, 'NETLINK_NO_ENOBUFS', 1));
      yield* usleep(k, 1000);
      results.push(sender.result);
    });
    expect(seen).toEqual(fact('sender-no-enobufs-congested').value);
  });

  it('gets ECONNREFUSED when the receiver is closed', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      ok(yield* close(k, receiver));
      yield* usleep(k, 1000);
      results.push(sender.result);
    });
    expect(seen).toEqual(fact('sender-receiver-closed').value);
  });

  it('goes on when another thread closes its socket', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const fd = yield* open(k);
      const sender = yield* inThread(k, (t) => send(t, fd, R, 784));
      results.push(sender.result);
      ok(yield* close(k, fd));
      yield* usleep(k, 1000);
      results.push(sender.result);
      yield* recv(k, receiver);
      yield* usleep(k, 1000);
      results.push(sender.result);
    });
    expect(seen).toEqual(fact('sender-own-close').value);
  });

  it('gets ECONNREFUSED at its next look when the receiver has connected to somebody else', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const sender = yield* blockedSend(k, 784);
      results.push(sender.result);
      ok(yield* net.connect(k, receiver, { nl_pid: 4711, nl_groups: 0 }));
      yield* usleep(k, 1000);
      results.push(sender.result);
      yield* recv(k, receiver);
      yield* usleep(k, 1000);
      results.push(sender.result);
    });
    expect(seen).toEqual(fact('sender-receiver-connects').value);
  });

  it('with a large message is overtaken by a small one', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const large = yield* blockedSend(k, 3000);
      results.push(large.result);
      yield* recv(k, receiver);
      yield* usleep(k, 1000);
      results.push(large.result);
      const other = yield* open(k);
      results.push(yield* send(k, other, R, 784), large.result);
      let recvs = 0;
      while (large.result === 'blocked') {
        yield* recv(k, receiver);
        yield* usleep(k, 1000);
        recvs++;
      }
      results.push(['more recvs', recvs, large.result]);
    });
    expect(seen).toEqual(fact('sender-overtaken').value);
  });

  it('is one of three of which each recv lets one in, the last that came first', () => {
    const order: number[] = [];
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      for (const i of [0, 1, 2]) {
        const fd = yield* open(k);
        yield* inThread(k, function* (t) {
          const result = yield* send(t, fd, R, 784);
          order.push(i);
          return result;
        });
      }
      results.push(order.length);
      for (let recvs = 0; recvs < 3; recvs++) {
        yield* recv(k, receiver);
        yield* usleep(k, 1000);
        results.push(order.length);
      }
    }, 4);
    expect(seen).toEqual(fact('senders-three').value);
    const orders = fact('senders-three-order').values as [number[], number][];
    expect(orders.map(([recordedOrder]) => recordedOrder)).toContainEqual(order);
  });

  it('to itself waits for SO_SNDTIMEO', () => {
    const took: number[] = [];
    const seen = observe(function* (k, results) {
      const self = yield* fullReceiver(k);
      ok(yield* net.setsockopt(k, self, 'SO_SNDTIMEO', 30 * ms));
      const before = k.machine.sim.now;
      results.push(shown(yield* send(k, self, R, 784)));
      took.push(k.machine.sim.now - before);
    });
    expect(seen).toEqual([fact('sender-self').value]);
    expect(took[0]).toBeGreaterThan(29 * ms);
    expect(took[0]).toBeLessThan(32 * ms);
  });

  it('gets EINTR by a signal, and goes on with SA_RESTART', () => {
    const seen = observe(function* (k, results) {
      for (const flags of [0, SA_RESTART]) {
        const handler = function* (): Code {};
        yield* sigaction(k, signals.SIGUSR1, { handler, flags });
        const receiver = yield* fullReceiver(k);
        const fd = yield* open(k);
        let tid = 0;
        const sender = yield* inThread(k, (t) => {
          tid = t.current.pid;
          return send(t, fd, R, 784);
        });
        ok(yield* kill(k, tid, signals.SIGUSR1));
        yield* usleep(k, 200_000);
        if (flags !== 0) expect(sender.result).toBe('blocked');
        yield* recv(k, receiver);
        yield* usleep(k, 1000);
        results.push(sender.result);
        ok(yield* close(k, receiver));
      }
    });
    expect(seen).toEqual(Object.values(fact('sender-signal').value as object));
  });

  it('has multicast before it blocks, and repeats only the unicast', () => {
    const seen = observe(function* (k, results) {
      const receiver = yield* fullReceiver(k);
      const member = yield* open(k, { groups: 1 });
      const fd = yield* open(k);
      const sender = yield* inThread(k, (t) => send(t, fd, R, 784, 0, 1));
      results.push(sender.result);
      let copies = 0;
      const count = function* (): Code {
        while ((yield* recv(k, member, MSG_DONTWAIT)) > 0) copies++;
        results.push(copies);
      };
      yield* count();
      while (sender.result === 'blocked') {
        yield* recv(k, receiver);
        yield* usleep(k, 1000);
      }
      results.push(sender.result);
      yield* count();
      let left = 0;
      while ((yield* recv(k, receiver, MSG_DONTWAIT)) > 0) left++;
      results.push(left - 2);
    });
    expect(seen).toEqual(fact('sender-mcast-and-unicast').value);
  });
});

describe('a blocked reader', () => {
  it('wakes on a unicast and on a multicast', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R, groups: 1 });
      const sender = yield* open(k);
      for (const [port, len, groups] of [
        [R, 5, 0],
        [0, 6, 1],
      ] as const) {
        const read = yield* inThread(k, (t) => recv(t, reader));
        results.push(read.result);
        yield* send(k, sender, port, len, 0, groups);
        yield* usleep(k, 1000);
        results.push(read.result);
      }
    });
    expect(seen).toEqual(fact('recv-wakes').value);
  });

  it('is one of two of which a message wakes the first that came', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R });
      const sender = yield* open(k);
      const reads = [];
      for (let i = 0; i < 2; i++) reads.push(yield* inThread(k, (t) => recv(t, reader)));
      for (const len of [5, 6]) {
        yield* send(k, sender, R, len);
        yield* usleep(k, 1000);
        results.push(reads.map(({ result }) => (result === 'blocked' ? null : result)));
      }
    });
    expect(seen).toEqual(fact('recv-two').value);
  });

  it('is not woken by a close in another thread, and keeps the port until it returns', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R });
      const sender = yield* open(k);
      const read = yield* inThread(k, (t) => recv(t, reader));
      results.push(read.result);
      ok(yield* close(k, reader));
      yield* usleep(k, 1000);
      results.push(read.result);
      const other = yield* net.socket(k, 16, 3, 2);
      results.push(shown(yield* net.bind(k, other, { nl_pid: R, nl_groups: 0 })));
      results.push(yield* send(k, sender, R, 9));
      yield* usleep(k, 1000);
      results.push(read.result, shown(yield* send(k, sender, R, 9)));
    });
    expect(seen).toEqual(fact('recv-close').value);
  });

  it('is not woken by shutdown, which does not exist', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R });
      const sender = yield* open(k);
      const read = yield* inThread(k, (t) => recv(t, reader));
      results.push(read.result, shown(yield* net.shutdown(k, reader)));
      yield* usleep(k, 1000);
      results.push(read.result);
      yield* send(k, sender, R, 9);
      yield* usleep(k, 1000);
      results.push(read.result);
    });
    expect(seen).toEqual(fact('recv-shutdown').value);
  });

  it('gets EINTR by a signal, and with SA_RESTART waits on for its message', () => {
    const seen = observe(function* (k, results) {
      for (const flags of [0, SA_RESTART]) {
        yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags });
        const reader = yield* open(k);
        const port = yield* net.getsockname(k, reader);
        let tid = 0;
        const read = yield* inThread(k, (t) => {
          tid = t.current.pid;
          return recv(t, reader);
        });
        ok(yield* kill(k, tid, signals.SIGUSR1));
        yield* usleep(k, 1000);
        results.push(read.result);
        yield* send(k, reader, port, 40);
        yield* usleep(k, 1000);
        results.push(read.result);
      }
    });
    expect(seen).toEqual(['EINTR', 'EINTR', 'blocked', 40]);
  });

  it('with SO_RCVTIMEO gets EAGAIN when the time is over, and EINTR even with SA_RESTART', () => {
    const seen = observe(function* (k, results) {
      yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags: SA_RESTART });
      const reader = yield* open(k);
      ok(yield* net.setsockopt(k, reader, 'SO_RCVTIMEO', 50 * ms));
      const before = k.machine.sim.now;
      results.push(shown(yield* recv(k, reader)));
      const took = k.machine.sim.now - before;
      expect([took > 49 * ms, took < 52 * ms]).toEqual([true, true]);
      let tid = 0;
      const read = yield* inThread(k, (t) => {
        tid = t.current.pid;
        return recv(t, reader);
      });
      ok(yield* kill(k, tid, signals.SIGUSR1));
      yield* usleep(k, 1000);
      results.push(read.result);
    });
    expect(seen).toEqual(['EAGAIN', 'EINTR']);
  });
});

describe('polling', () => {
  const { POLLIN, POLLOUT, POLLERR } = pollEvents;

  function* pollThread(k: Context, fd: number, events: number) {
    const entry = { fd, events, revents: 0 };
    const attempt = yield* inThread(k, (t) => poll(t, [entry], 1000 * ms));
    return { attempt, entry };
  }

  it('poll wakes on a message', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R });
      const sender = yield* open(k);
      const { attempt, entry } = yield* pollThread(k, reader, POLLIN);
      results.push(attempt.result);
      yield* send(k, sender, R, 5);
      yield* usleep(k, 1000);
      expect(attempt.result).toBe(1);
      results.push([entry.revents]);
    });
    expect(seen).toEqual(fact('poll-in').value);
  });

  it('writing is always ready, even to a full peer', () => {
    const seen = observe(function* (k, results) {
      yield* fullReceiver(k);
      const sender = yield* open(k);
      ok(yield* net.connect(k, sender, { nl_pid: R, nl_groups: 0 }));
      const entry = { fd: sender, events: POLLOUT, revents: 0 };
      expect(yield* poll(k, [entry], -1)).toBe(1);
      results.push(entry.revents);
    });
    expect(seen).toEqual(fact('poll-out-full-peer').value);
  });

  it('poll without events wakes at an overrun, and blocks again once the error is read', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
      const sender = yield* open(k);
      yield* fill(k, sender, R, 784);
      const first = yield* pollThread(k, reader, 0);
      results.push(first.attempt.result);
      yield* send(k, sender, 0, 784, 0, 1);
      yield* usleep(k, 1000);
      results.push([first.entry.revents], shown(yield* recv(k, reader)));
      const second = yield* pollThread(k, reader, 0);
      results.push(second.attempt.result);
      yield* usleep(k, 2_000_000);
      expect(second.attempt.result).toBe(0);
      results.push([]);
    });
    expect(seen).toEqual(fact('poll-err').value);
    expect(POLLERR).toBe(8);
  });

  it('edge-triggered epoll reports each message and one overrun, no later drops', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: R, rcvbuf: 8192, groups: 1 });
      const sender = yield* open(k);
      const epfd = yield* epoll_create(k);
      const event = { events: POLLIN | EPOLLET, data: reader };
      ok(yield* epoll_ctl(k, epfd, EPOLL_CTL_ADD, reader, event));
      const look = function* (): Code {
        const events: epoll_event[] = [];
        yield* epoll_wait(k, epfd, events, 8, 0);
        results.push(events.map((one) => one.events));
      };
      yield* look();
      for (let i = 0; i < 3; i++) {
        yield* send(k, sender, R, 784);
        yield* look();
      }
      for (let i = 0; i < 4; i++) {
        yield* send(k, sender, 0, 784, 0, 1);
        yield* look();
      }
    });
    expect(seen).toEqual(fact('epoll-et').value);
  });
});

interface Overrun {
  readonly requests: number;
  readonly sk_rcvbuf: number;
}

describe('replies of the kernel to a full socket', () => {
  it.each([
    ...(fact('kernel-sender-overrun').value as Overrun[]).map((value) => [value, 0] as const),
    [fact('kernel-sender-no-enobufs').value as Overrun, 1] as const,
  ])('are dropped and count as overrun: $0', (value, noEnobufs) => {
    const { requests, sk_rcvbuf } = value;
    const bench = new Bench('linux-6.12');
    const route = netlink_kernel_create(netlinkOf(bench.machine), {
      name: 'rtnl',
      unit: 0,
      input: (k, skb) => netlink_rcv_skb(k, skb, () => -errno.EOPNOTSUPP),
    });
    expect(route).not.toBeNull();
    const seen: Record<string, unknown> = { requests };
    bench.run('asker', function* (k) {
      const fd = yield* open(k, { protocol: 0, rcvbuf: sk_rcvbuf });
      if (noEnobufs !== 0) ok(yield* net.setsockopt(k, fd, 'NETLINK_NO_ENOBUFS', 1));
      let sent = 0;
      for (let seq = 1; seq <= requests; seq++) {
        const header = { nlmsg_len: 16, nlmsg_type: 999, nlmsg_flags: 1, nlmsg_seq: seq };
        const data = encodeNlmsghdr({ ...header, nlmsg_pid: 0 });
        const kernel = { nl_pid: 0, nl_groups: 0 };
        if ((yield* net.sendto(k, fd, 16, 0, kernel, data)) === 16) sent++;
      }
      seen['sends_that_returned_16'] = sent;
      const { sk } = processOf(k).file(fd) as NetlinkFile;
      seen['rmem_of_one_reply'] = sk.sk_receive_queue.peek()?.truesize;
      seen['rmem'] = sk.sk_rmem_alloc;
      seen['sk_rcvbuf'] = sk.sk_rcvbuf;
      seen['drops'] = sk.sk_drops;
      const received: unknown[] = [];
      while (received.at(-1) !== 'EAGAIN') {
        const msg: net.msghdr = { size: 1000, received: null };
        const length = yield* net.recvmsg(k, fd, msg, MSG_DONTWAIT);
        const bytes = new DataView((msg.received?.data ?? new Uint8Array(16)).buffer);
        const [type, seq] = [bytes.getUint16(4, true), bytes.getUint32(8, true)];
        received.push(length < 0 ? shown(length) : [length, type, seq, msg.received!.from.nl_pid]);
      }
      seen['recv'] = received;
    });
    bench.until();
    expect(seen).toEqual(value);
  });
});
