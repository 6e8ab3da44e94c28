/*
 * What the pool does when something goes wrong: a restarted program, a reader that its own bug has
 * made deaf, buffers that are too small. Threads report each failed send, sleep 0.1*HZ for it and
 * 0.05*HZ as ever.
 */
import { describe, expect, it } from 'vitest';
import { performArticle, type Performed } from '../run/perform.ts';

const FAILURE = /^net_link: can not unicast skb: (-?\d+), a is: \d+, peerpid is: (\d+)$/;

interface Failure {
  readonly timeNs: number;
  readonly rc: number;
  readonly peer: number;
}

function failures({ result }: Performed): Failure[] {
  return result.console.flatMap(({ timeNs, text }) => {
    const match = FAILURE.exec(text);
    return match === null ? [] : [{ timeNs, rc: Number(match[1]), peer: Number(match[2]) }];
  });
}

/** Intervals between the failures of each peer, ms. */
function intervals(all: readonly Failure[]): number[] {
  const last = new Map<number, number>();
  return all.flatMap(({ peer, timeNs }) => {
    const before = last.get(peer);
    last.set(peer, timeNs);
    return before === undefined ? [] : [(timeNs - before) / 1_000_000];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each(['restart', 'kill'])('a user program that suffers a %s', (kind) => {
  const run = (): Performed =>
    performArticle('netlink-pool-10', [
      'until=13s',
      `faults=[{ kind: ${kind}, target: usr, at: 3s }]`,
    ]);

  it('makes every later send fail with -ECONNREFUSED, every 150 ms', () => {
    const performed = run();
    const failed = failures(performed);
    expect(new Set(failed.map(({ rc }) => rc))).toEqual(new Set([-111]));
    expect(Math.min(...failed.map(({ timeNs }) => timeNs))).toBeGreaterThan(3_000_000_000);
    expect(new Set(failed.map(({ peer }) => peer)).size).toBe(10);
    const everyMs = mean(intervals(failed));
    expect(1000 / everyMs).toBeGreaterThan(6.6);
    expect(1000 / everyMs).toBeLessThan(6.7);
    expect(performed.metric('pool.send_failures')).toBe(failed.length);
    expect(performed.metric('pool.send_failures(-ECONNREFUSED)')).toBe(failed.length);
    // Ten threads, just under ten seconds; what was sent before was received.
    expect(failed.length).toBeGreaterThan(650);
    expect(performed.metric('pool.sent')).toBe(performed.metric('pool.received'));
  });
});

describe.each([
  ['linux-2.6.24', 118],
  ['linux-2.6.32', 118],
  ['linux-6.1', 92],
  ['linux-6.12', 92],
] as const)('after two seconds of silence on %s', (kernel, accepted) => {
  const silent = ['until=14s', 'params.silence=2s', `kernel=${kernel}`];

  it(`the reader is deaf (U-01): ${accepted} messages a socket, then -EAGAIN`, () => {
    const performed = performArticle('netlink-pool-10', silent);
    const { metric } = performed;
    expect(metric('pool.sent')).toBe(10 * accepted);
    expect(metric('pool.received')).toBe(0);
    expect(metric('pool.reports')).toBe(0);
    expect(metric('pool.lost')).toBe(0);
    const failed = failures(performed);
    expect(new Set(failed.map(({ rc }) => rc))).toEqual(new Set([-11]));
    expect(metric('pool.send_failures(-EAGAIN)')).toBe(failed.length);
    expect(metric('netlink.full')).toBe(failed.length);
    expect(1000 / mean(intervals(failed))).toBeGreaterThan(6.4);
  });

  it('a reader with U-01 repaired hears them all', () => {
    const { metric } = performArticle('netlink-pool-10', [
      ...silent,
      'actors.usr.with.refill=true',
    ]);
    expect(metric('pool.send_failures')).toBe(0);
    expect(metric('pool.reports')).toBeGreaterThan(1);
    expect(metric('pool.received') + 10).toBeGreaterThan(metric('pool.sent'));
  });
});

describe('the buffer of one recvmsg', () => {
  const until = 'until=10s';

  it.each([784, 1040, 100_000])('of %i bytes takes whole messages', (bytes) => {
    const { metric } = performArticle('netlink-pool-10', [until, `params.buffer=${bytes}`]);
    expect(metric('pool.reports')).toBe(2);
    expect(metric('pool.received')).toBe(metric('pool.sent'));
  });

  it.each([100, 512, 783])('of %i bytes never sees a message complete (U-03)', (bytes) => {
    const performed = performArticle('netlink-pool-10', [until, `params.buffer=${bytes}`]);
    expect(performed.metric('pool.received')).toBe(0);
    expect(performed.metric('pool.reports')).toBe(0);
    // One socket is read for ever, the nine others fill up.
    const peers = new Set(failures(performed).map(({ peer }) => peer));
    expect(peers.size).toBe(9);
    expect(performed.metric('pool.send_failures(-EAGAIN)')).toBeGreaterThan(0);
  });

  it('of 16 bytes sees one complete after 49 messages: 49 * 16 is 784', () => {
    const { metric } = performArticle('netlink-pool-10', [until, 'params.buffer=16']);
    expect(metric('netlink.received')).toBeGreaterThan(100);
    expect(metric('pool.received')).toBe(Math.floor(metric('netlink.received') / 49));
  });

  it('that is smaller than a message is met by larger messages, too', () => {
    const { metric } = performArticle('netlink-pool-10', [
      until,
      'actors.insmod.with.payload=1028',
    ]);
    expect(metric('pool.received')).toBe(0);
    const fits = performArticle('netlink-pool-10', [until, 'actors.insmod.with.payload=1024']);
    expect(fits.metric('pool.received')).toBe(fits.metric('pool.sent'));
  });
});

describe('the end', () => {
  it('rmmod stops the threads, one exit line each, and removes the socket', () => {
    const { result, metric } = performArticle('netlink-pool-10', [
      'until=10s',
      'actors.insmod.with.rmmod=5s',
    ]);
    const lines = result.console.filter(({ from }) => from === 'kernel').map(({ text }) => text);
    const exits = lines.filter((line) => / exit!$/.test(line));
    expect([...exits].sort()).toEqual(
      Array.from({ length: 10 }, (_, i) => `thread ${i} exit!`).sort(),
    );
    expect(lines.at(-1)).toBe('net_link: remove ok.');
    expect(metric('pool.send_failures')).toBe(0);
    expect(metric('pool.received')).toBe(metric('pool.sent'));
  });

  it('a thread ends after its messages: all are read', () => {
    const { result, metric } = performArticle('netlink-pool-10', [
      'until=10s',
      'params.messages=20',
    ]);
    expect(metric('pool.sent')).toBe(200);
    expect(metric('pool.received')).toBe(200);
    expect(result.console.filter(({ text }) => / exit!$/.test(text))).toHaveLength(10);
  });

  it('a reader that is stopped for 8 s loses only what it was told of', () => {
    const { metric, result } = performArticle('netlink-pool-10', [
      'until=13s',
      'faults=[{ kind: stall, target: usr, at: 3s, for: 8s }]',
    ]);
    expect(metric('pool.received')).toBe(metric('pool.sent'));
    expect(metric('pool.send_failures(-EAGAIN)')).toBe(metric('pool.send_failures'));
    expect(metric('pool.send_failures')).toBeGreaterThan(0);
    // ENOBUFS was left on each socket that overflowed.
    const errors = result.console.filter(({ text }) => text.startsWith('recieved error!'));
    expect(errors).toHaveLength(10);
  });
});
