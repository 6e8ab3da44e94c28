/* The words for user programs and netlink, called as the interpreter calls them. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import { errno } from '../../../models/errno.ts';
import { netlinkOf, netlink_kernel_create } from '../../../models/net/netlink/kernel.ts';
import { nlmsg_hdr } from '../../../models/net/netlink/nlmsg.ts';
import { MSG_DONTWAIT } from '../../../models/net/netlink/uapi.ts';
import { signals } from '../../../models/signal/signal.ts';
import { Activation } from '../../../scenarios/run/activation.ts';
import { contextOps } from '../../../scenarios/vocabulary/contexts.ts';
import { deviceOps, fileOps } from '../../../scenarios/vocabulary/files.ts';
import { lockingOps } from '../../../scenarios/vocabulary/locking.ts';
import { netlinkOps } from '../../../scenarios/vocabulary/netlink.ts';
import { timingOps } from '../../../scenarios/vocabulary/timing.ts';
import { userOps } from '../../../scenarios/vocabulary/user.ts';
import { sleepingOps } from '../../../scenarios/vocabulary/sleeping.ts';
import { waitingOps } from '../../../scenarios/vocabulary/waiting.ts';
import { Bench, ms } from '../../models/user/bench.ts';

const allOps = [
  ...lockingOps,
  ...waitingOps,
  ...sleepingOps,
  ...contextOps,
  ...timingOps,
  ...userOps,
  ...netlinkOps,
  ...fileOps,
  ...deviceOps,
];
const words = new Map(allOps.map((op) => [op.name, op]));
/** A local whose value is not looked at: the result is the same. */
const ignored = (): void => {};
const activation = new Activation('actor', 0, [], null);

/** Calls a word with compiled arguments. */
function* call(k: Context, name: string, ...args: unknown[]): Code<number> {
  const op = words.get(name);
  if (op === undefined) throw new Error(`no word ${name}`);
  const started = op.run(k, activation, args);
  const result = typeof started === 'object' ? yield* started : started;
  return result ?? NaN;
}

/** The value that an argument's name stands for. */
function valueOf(word: string, arg: string, name: string): number {
  const declared = words.get(word)?.args.find((one) => one.name === arg);
  const value = declared?.flags?.[name];
  if (value === undefined) throw new Error(`${word} ${arg} knows no ${name}`);
  return value;
}

function observe(bench: Bench, main: (k: Context, seen: unknown[]) => Code): unknown[] {
  const seen: unknown[] = [];
  bench.run('usr', (k) => main(k, seen));
  bench.until(10_000 * ms);
  return seen;
}

describe('the vocabulary', () => {
  it('has no word twice, and marks the words of user mode', () => {
    expect(words.size).toBe(allOps.length);
    expect(new Set([...userOps, ...fileOps].map(({ mode }) => mode))).toEqual(new Set(['user']));
    expect(new Set(netlinkOps.map(({ mode }) => mode))).toEqual(new Set(['kernel']));
  });

  it('tells of each word what it does and where it comes from, optional arguments last', () => {
    for (const { args, about, source, name } of allOps) {
      expect([name, about.endsWith('.') && source !== '']).toEqual([name, true]);
      const optional = args.map((arg) => arg.optional === true);
      expect([name, ...optional]).toEqual([name, ...[...optional].sort()]);
    }
  });
});

describe('user words', () => {
  it('sockets: errors are negative numbers, outputs go to locals', () => {
    const bench = new Bench();
    const locals: Record<string, number> = {};
    const out = (name: string) => (value: number) => {
      locals[name] = value;
    };
    const seen = observe(bench, function* (k, results) {
      const dgram = valueOf('socket', 'type', 'SOCK_DGRAM');
      results.push(yield* call(k, 'socket', out('a'), 2));
      results.push(yield* call(k, 'socket', out('b'), 2, dgram));
      const { a, b } = locals;
      results.push(yield* call(k, 'bind', a, 7), yield* call(k, 'bind', b, 7));
      results.push(yield* call(k, 'recv', a, 100, MSG_DONTWAIT));
      results.push(yield* call(k, 'sendto', b, 7, 24, 0, 17), yield* call(k, 'send', a, 5));
      results.push(yield* call(k, 'connect', b, 7), yield* call(k, 'getpeername', b));
      results.push(yield* call(k, 'send', b, 100));
      results.push(yield* call(k, 'recvfrom', a, 100, out('port')));
      results.push(locals['port'] === (yield* call(k, 'getsockname', b)));
      results.push(yield* call(k, 'recv', a, 10));
      const rcvbuf = valueOf('setsockopt', 'option', 'SO_RCVBUF');
      results.push(yield* call(k, 'setsockopt', a, rcvbuf, 5000));
      results.push(yield* call(k, 'getsockopt', a, rcvbuf));
      const timeo = valueOf('setsockopt', 'option', 'SO_RCVTIMEO');
      results.push(yield* call(k, 'setsockopt', a, timeo, 20 * ms));
      const before = yield* call(k, 'gettimeofday');
      results.push(yield* call(k, 'recv', a, 10));
      results.push((yield* call(k, 'gettimeofday')) - before > 19_000);
      results.push(yield* call(k, 'close', a), yield* call(k, 'close', a));
    });
    expect(seen).toEqual([
      3,
      4,
      0,
      -errno.EADDRINUSE,
      -errno.EAGAIN,
      24,
      -errno.ECONNREFUSED,
      0,
      7,
      100,
      24,
      true,
      10,
      0,
      10_000,
      0,
      -errno.EAGAIN,
      true,
      0,
      -errno.EBADF,
    ]);
  });

  it('poll and select wait for one descriptor', () => {
    const bench = new Bench();
    const seen = observe(bench, function* (k, results) {
      const fd = yield* call(k, 'socket', ignored, 2);
      yield* call(k, 'bind', fd, 7);
      results.push(yield* call(k, 'poll', fd, 5 * ms), yield* call(k, 'select', fd, 5 * ms));
      results.push(k.machine.sim.now);
      yield* call(k, 'sendto', fd, 7, 16);
      results.push(yield* call(k, 'poll', fd, -1), yield* call(k, 'select', fd, -1));
      results.push(yield* call(k, 'poll', fd, 0, valueOf('poll', 'events', 'POLLOUT')));
      results.push(yield* call(k, 'select', 99, 0));
    });
    expect(seen).toEqual([0, 0, 10 * ms, 1, 1, 4, -errno.EBADF]);
  });

  it('time, signals and output', () => {
    const bench = new Bench();
    const deaf = bench.run('deaf', function* (k) {
      const ignore = valueOf('signal', 'disposition', 'SIG_IGN');
      yield* call(k, 'signal', signals.SIGTERM, ignore);
      yield* call(k, 'compute', 50 * ms);
    });
    const seen = observe(bench, function* (k, results) {
      yield* call(k, 'usleep', 1500);
      results.push(yield* call(k, 'kill', deaf, signals.SIGTERM));
      results.push(yield* call(k, 'nanosleep', 100 * ms));
      results.push(yield* call(k, 'kill', deaf, signals.SIGTERM));
      results.push(yield* call(k, 'getpid'));
      yield* call(k, 'printf', 'plain text');
      yield* call(k, 'printfValue', -7, 'rc is %d.');
    });
    expect(seen.slice(0, 3)).toEqual([0, 0, -errno.ESRCH]);
    expect(deaf.exitCode).toBe(0);
    expect(bench.log).toEqual(['usr: plain text', 'usr: rc is -7.']);
  });
});

describe('kernel words', () => {
  it('send messages with a header, in whole or by handle', () => {
    const bench = new Bench();
    const stack = netlinkOf(bench.machine);
    const types: number[] = [];
    const nl = netlink_kernel_create(stack, {
      name: 'nl',
      unit: 31,
      groups: 32,
      input: (_k, skb) => void types.push(nlmsg_hdr(skb).nlmsg_type, nlmsg_hdr(skb).nlmsg_len),
    });
    const seen: unknown[] = [];
    bench.run('usr', function* (k) {
      const fd = yield* call(k, 'socket', ignored, 31);
      yield* call(k, 'bind', fd, 9, 1);
      yield* call(k, 'sendto', fd, 0, 40, 0, 17);
      for (let i = 0; i < 3; i++) seen.push(yield* call(k, 'recv', fd, 1000));
    });
    bench.kthread('driver', function* (k) {
      yield* call(k, 'msleep', 1);
      seen.push(yield* call(k, 'netlink_unicast', nl, 9, 784, MSG_DONTWAIT, 1));
      seen.push(yield* call(k, 'nlmsg_multicast', nl, 1, 100));
      seen.push(yield* call(k, 'nlmsg_multicast', nl, 2, 100));
      seen.push(yield* call(k, 'netlink_unicast', nl, 9, 15, MSG_DONTWAIT));
      const skb = yield* call(k, 'alloc_skb', ignored, 64);
      seen.push(yield* call(k, 'netlink_unicast_skb', nl, skb, 9, MSG_DONTWAIT));
    });
    bench.until();
    expect(types).toEqual([17, 40]);
    const sent = [784, 0, -errno.ESRCH, -errno.EMSGSIZE, 0];
    expect(seen).toEqual([...sent, 784, 100, 0]);
    expect(stack.memory.live).toBe(0);
  });

  it('count references of buffers, and report what is freed twice or was never allocated', () => {
    const bench = new Bench('linux-6.12');
    netlinkOf(bench.machine).memory.fails = (size) => size === 99;
    const seen: number[] = [];
    bench.kthread('driver', function* (k) {
      const mode = valueOf('alloc_skb', 'gfp', 'GFP_KERNEL');
      const skb = yield* call(k, 'alloc_skb', ignored, 64, mode);
      yield* call(k, 'skb_get', skb);
      for (let i = 0; i < 2; i++) yield* call(k, 'kfree_skb', skb);
      seen.push(netlinkOf(k.machine).memory.live);
      expect(bench.machine.findings.all).toEqual([]);
      yield* call(k, 'kfree_skb', skb);
      const none = yield* call(k, 'alloc_skb', ignored, 99);
      seen.push(none);
      yield* call(k, 'kfree_skb', none);
      yield* call(k, 'skb_get', none);
      yield* call(k, 'printk', 'bye');
      yield* call(k, 'printkValue', 3, '%d left');
    });
    bench.until();
    expect(seen).toEqual([0, 0]);
    expect(bench.machine.findings.all.map(({ kind }) => kind)).toEqual([
      'double-free',
      'use-before-init',
    ]);
    expect(bench.log).toEqual(['kernel: bye', 'kernel: 3 left']);
  });
});
