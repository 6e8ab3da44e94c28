/* select, poll and epoll on netlink sockets. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import {
  EPOLLET,
  EPOLLONESHOT,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epoll_create,
  epoll_ctl,
  epoll_wait,
  type epoll_event,
} from '../../../models/user/epoll.ts';
import { poll, pollEvents } from '../../../models/user/poll.ts';
import { FD_ISSET, FD_SET, FD_ZERO, fd_set, select } from '../../../models/user/select.ts';
import { SA_RESTART, sigaction } from '../../../models/user/signals.ts';
import { signals } from '../../../models/signal/signal.ts';
import { close, compute, kill, usleep } from '../../../models/user/unistd.ts';
import {
  open,
  recv,
  send,
  ok,
  shown,
  inThread,
} from '../../../scenarios/conformance/netlink-calls.ts';
import { Bench, ms } from './bench.ts';

const { POLLIN, POLLOUT, POLLNVAL } = pollEvents;

/** Runs one process and returns what it pushed. */
function observe(
  main: (k: Context, seen: unknown[]) => Code,
  kernel: KernelName = 'linux-6.12',
  options: ConstructorParameters<typeof Bench>[1] = {},
): unknown[] {
  const seen: unknown[] = [];
  const bench = new Bench(kernel, options);
  bench.run('test', (k) => main(k, seen));
  bench.until(10_000 * ms);
  expect(bench.machine.tasks.size).toBe(0);
  return seen;
}

function setOf(...fds: number[]): fd_set {
  const set = new fd_set();
  for (const fd of fds) FD_SET(fd, set);
  return set;
}

function membersOf(set: fd_set): number[] {
  return Array.from({ length: 1024 }, (_, fd) => fd).filter((fd) => FD_ISSET(fd, set));
}

describe('select', () => {
  it('leaves the ready descriptors in the set and counts them', () => {
    const seen = observe(function* (k, results) {
      const fds: number[] = [];
      for (let i = 0; i < 40; i++) fds.push(yield* open(k, { port: 100 + i }));
      for (const i of [0, 31, 39]) yield* send(k, fds[5]!, 100 + i, 8);
      const set = setOf(...fds);
      results.push(yield* select(k, 1024, set, null, null, null), membersOf(set));
      const low = setOf(...fds);
      results.push(yield* select(k, fds[31]!, low, null, null, null), membersOf(low));
    });
    expect(seen).toEqual([3, [3, 34, 42], 1, [3]]);
  });

  it('clears the sets on a timeout, so a program that does not fill them anew is deaf', () => {
    const seen = observe(function* (k, results) {
      const reader = yield* open(k, { port: 100 });
      const sender = yield* open(k);
      const rset = setOf(reader);
      for (let round = 0; round < 4; round++) {
        if (round === 1 || round === 3) yield* send(k, sender, 100, 8);
        if (round === 3) FD_SET(reader, rset);
        const before = k.machine.sim.now;
        const count = yield* select(k, reader + 1, rset, null, null, 1000 * ms);
        results.push([count, membersOf(rset), k.machine.sim.now - before]);
      }
    });
    expect(seen).toEqual([
      [0, [], 1000 * ms],
      [0, [], 1000 * ms],
      [0, [], 1000 * ms],
      [1, [3], 0],
    ]);
  });

  it('wakes when a message comes while it sleeps', () => {
    const seen = observe(function* (k, results) {
      const [a, b] = [yield* open(k, { port: 100 }), yield* open(k, { port: 101 })];
      const set = setOf(a, b);
      const call = yield* inThread(k, (t) => select(t, 16, set, null, null, 1000 * ms));
      results.push(call.result, membersOf(set));
      yield* send(k, a, 101, 8);
      yield* usleep(k, 1000);
      results.push(call.result, membersOf(set));
    });
    expect(seen).toEqual(['blocked', [3, 4], 1, [4]]);
  });

  it('a signal leaves the sets as they were; SA_RESTART changes nothing', () => {
    const seen = observe(function* (k, results) {
      yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags: SA_RESTART });
      const fd = yield* open(k);
      const set = setOf(fd);
      let tid = 0;
      const call = yield* inThread(k, (t) => {
        tid = t.current.pid;
        return select(t, 16, set, null, null, null);
      });
      yield* kill(k, tid, signals.SIGUSR1);
      yield* usleep(k, 1000);
      results.push(call.result, membersOf(set));
    });
    expect(seen).toEqual(['EINTR', [3]]);
  });

  it('refuses closed descriptors and bad arguments, and watches writing and nothing at all', () => {
    const seen = observe(function* (k, results) {
      const fd = yield* open(k);
      const set = setOf(fd);
      results.push(yield* select(k, 16, null, set, null, null), membersOf(set));
      results.push(yield* select(k, 0, null, null, null, 5 * ms));
      results.push(shown(yield* select(k, 16, setOf(9), null, null, null)));
      results.push(yield* select(k, 9, setOf(9), null, null, 0));
      results.push(shown(yield* select(k, -1, null, null, null, null)));
      FD_SET(-1, set);
      FD_SET(1024, set);
      results.push(membersOf(set));
      FD_ZERO(set);
      results.push(membersOf(set));
    });
    expect(seen).toEqual([1, [3], 0, 'EBADF', 0, 'EINVAL', [3], []]);
  });

  it('costs the look at each descriptor, at each look', () => {
    const costs = { poll_fd: 75 };
    const seen = observe(
      function* (k, results) {
        const fds: number[] = [];
        for (let i = 0; i < 200; i++) fds.push(yield* open(k));
        const before = k.machine.sim.now;
        yield* select(k, 1024, setOf(...fds), null, null, 0);
        results.push(k.machine.sim.now - before);
        yield* poll(
          k,
          fds.map((fd) => ({ fd, events: POLLIN, revents: 0 })),
          0,
        );
        results.push(k.machine.sim.now - before);
      },
      'linux-2.6.32',
      { costs },
    );
    expect(seen).toEqual([15_000, 30_000]);
  });
});

describe('timeouts', () => {
  function took(kernel: KernelName, call: (k: Context) => Code<number>): number {
    const [result] = observe(
      function* (k, results) {
        yield* compute(k, 300_000);
        const before = k.machine.sim.now;
        expect(yield* call(k)).toBe(0);
        results.push(k.machine.sim.now - before);
      },
      kernel,
      { hz: 100 },
    );
    return result as number;
  }

  it('are exact with high-resolution timers', () => {
    const ns = 1_234_567;
    expect(took('linux-2.6.32', (k) => select(k, 0, null, null, null, ns))).toBe(ns);
    expect(took('linux-2.6.32', (k) => poll(k, [], ns))).toBe(ns);
  });

  it('end at ticks in 2.4, those of poll one tick later', () => {
    const ticks = (call: (k: Context) => Code<number>) => {
      const seen: number[] = [];
      const bench = new Bench('linux-2.4.27', { hz: 100 });
      bench.run('test', function* (k) {
        yield* compute(k, 300_000);
        yield* call(k);
        seen.push(k.machine.sim.now);
      });
      bench.until(1000 * ms);
      return seen[0]! / (10 * ms);
    };
    expect(ticks((k) => select(k, 0, null, null, null, 25 * ms))).toBe(3);
    expect(ticks((k) => poll(k, [], 25 * ms))).toBe(4);
  });
});

describe('poll', () => {
  it('reports each descriptor by itself, and those that are not open', () => {
    const seen = observe(function* (k, results) {
      const fd = yield* open(k, { port: 100 });
      yield* send(k, fd, 100, 8);
      const fds = [
        { fd, events: POLLIN | POLLOUT, revents: 0 },
        { fd, events: 0, revents: 7 },
        { fd: 77, events: POLLIN, revents: 0 },
        { fd: -1, events: POLLIN, revents: 7 },
      ];
      results.push(
        yield* poll(k, fds, -1),
        fds.map(({ revents }) => revents),
      );
    });
    expect(seen).toEqual([2, [POLLIN | POLLOUT, 0, POLLNVAL, 0]]);
  });
});

describe('epoll', () => {
  function* events(k: Context, epfd: number, max = 8, timeout = 0): Code<[number, unknown]> {
    const into: epoll_event[] = [];
    const count = yield* epoll_wait(k, epfd, into, max, timeout);
    return [count, into.map(({ data }) => data)];
  }

  function* add(k: Context, epfd: number, fd: number, mode = 0): Code<number> {
    return yield* epoll_ctl(k, epfd, EPOLL_CTL_ADD, fd, { events: POLLIN | mode, data: fd });
  }

  it('level-triggered reports as long as something is there, in turn', () => {
    const seen = observe(function* (k, results) {
      const epfd = yield* epoll_create(k);
      const [a, b] = [yield* open(k, { port: 100 }), yield* open(k, { port: 101 })];
      ok(yield* add(k, epfd, a));
      ok(yield* add(k, epfd, b));
      yield* send(k, a, 100, 8);
      yield* send(k, a, 101, 8);
      results.push(yield* events(k, epfd));
      results.push(yield* events(k, epfd, 1), yield* events(k, epfd, 1));
      yield* recv(k, a);
      results.push(yield* events(k, epfd));
    });
    expect(seen).toEqual([
      [2, [4, 5]],
      [1, [4]],
      [1, [5]],
      [1, [5]],
    ]);
  });

  it('one-shot reports once until it is armed again; what was there counts when added', () => {
    const seen = observe(function* (k, results) {
      const epfd = yield* epoll_create(k);
      const fd = yield* open(k, { port: 100 });
      yield* send(k, fd, 100, 8);
      ok(yield* add(k, epfd, fd, EPOLLONESHOT));
      results.push(yield* events(k, epfd));
      yield* send(k, fd, 100, 8);
      results.push(yield* events(k, epfd));
      const event = { events: POLLIN | EPOLLET, data: 42 };
      ok(yield* epoll_ctl(k, epfd, EPOLL_CTL_MOD, fd, event));
      results.push(yield* events(k, epfd), yield* events(k, epfd));
    });
    expect(seen).toEqual([
      [1, [4]],
      [0, []],
      [1, [42]],
      [0, []],
    ]);
  });

  it('epoll_wait sleeps until a message, its timeout or a signal', () => {
    const seen = observe(function* (k, results) {
      yield* sigaction(k, signals.SIGUSR1, { handler: function* () {}, flags: SA_RESTART });
      const epfd = yield* epoll_create(k);
      const fd = yield* open(k, { port: 100 });
      ok(yield* add(k, epfd, fd));
      const before = k.machine.sim.now;
      results.push(yield* events(k, epfd, 8, 3 * ms), k.machine.sim.now - before);
      let tid = 0;
      const wait = (t: Context) => {
        tid = t.current.pid;
        return epoll_wait(t, epfd, [], 8, -1);
      };
      const interrupted = yield* inThread(k, wait);
      yield* kill(k, tid, signals.SIGUSR1);
      yield* usleep(k, 1000);
      const woken = yield* inThread(k, wait);
      yield* send(k, fd, 100, 8);
      yield* usleep(k, 1000);
      results.push(interrupted.result, woken.result);
    });
    expect(seen).toEqual([[0, []], 3 * ms, 'EINTR', 1]);
  });

  it('forgets a file that is closed, and refuses what makes no sense', () => {
    const seen = observe(function* (k, results) {
      const epfd = yield* epoll_create(k);
      const fd = yield* open(k, { port: 100 });
      ok(yield* add(k, epfd, fd));
      results.push(shown(yield* add(k, epfd, fd)), shown(yield* add(k, epfd, epfd)));
      results.push(shown(yield* add(k, fd, fd)), shown(yield* add(k, epfd, 99)));
      results.push(shown(yield* epoll_wait(k, epfd, [], 0, 0)));
      const event = { events: POLLIN, data: 0 };
      ok(yield* epoll_ctl(k, epfd, EPOLL_CTL_DEL, fd, null));
      results.push(shown(yield* epoll_ctl(k, epfd, EPOLL_CTL_DEL, fd, null)));
      results.push(shown(yield* epoll_ctl(k, epfd, EPOLL_CTL_MOD, fd, event)));
      ok(yield* add(k, epfd, fd));
      yield* send(k, fd, 100, 8);
      ok(yield* close(k, fd));
      results.push(yield* events(k, epfd));
    });
    expect(seen).toEqual([
      'EEXIST',
      'EINVAL',
      'EINVAL',
      'EBADF',
      'EINVAL',
      'ENOENT',
      'ENOENT',
      [0, []],
    ]);
  });

  it('an epoll instance can be polled itself', () => {
    const seen = observe(function* (k, results) {
      const epfd = yield* epoll_create(k);
      const fd = yield* open(k, { port: 100 });
      ok(yield* add(k, epfd, fd));
      const entry = { fd: epfd, events: POLLIN, revents: 0 };
      const call = yield* inThread(k, (t) => poll(t, [entry], -1));
      results.push(call.result);
      yield* send(k, fd, 100, 8);
      yield* usleep(k, 1000);
      results.push(call.result, entry.revents);
      results.push(shown(yield* recv(k, epfd)));
    });
    expect(seen).toEqual(['blocked', 1, POLLIN, 'ENOTSOCK']);
  });
});
