/*
 * The pool's rate is what its sleeps allow: proportional to the threads and to 1/sleep, with the
 * scenario's background load as it is; without that load it follows HZ and the timer wheel exactly.
 */
import { describe, expect, it } from 'vitest';
import { performArticle } from '../run/perform.ts';

const rates = new Map<number, number>();

/** Messages a second with so many threads. */
function rateWith(threads: number): number {
  let rate = rates.get(threads);
  if (rate === undefined) {
    // Few threads report every few seconds only.
    const until = `until=${threads < 40 ? 12 : 6}s`;
    const { metric } = performArticle('netlink-pool-10', [`params.threads=${threads}`, until]);
    expect(metric('pool.send_failures')).toBe(0);
    rate = metric('pool.rate');
    rates.set(threads, rate);
  }
  return rate;
}

describe('twice the threads', () => {
  it.each([10, 20, 50, 100])('than %i send twice the messages', (threads) => {
    const ratio = rateWith(2 * threads) / rateWith(threads);
    expect(ratio).toBeGreaterThan(1.99);
    expect(ratio).toBeLessThan(2.01);
  });
});

describe('a sleep', () => {
  // 1 % of a report of ten threads that is not a whole number of sleeps: many reports even it out.
  it.each([10, 20, 25, 40, 50, 100, 150, 200])('of %i ms times the rate is N', (sleep) => {
    const { metric } = performArticle('netlink-pool-10', [
      `params.sleep=${sleep}ms`,
      `params.spread=${sleep}ms`,
      `until=${Math.max(8, sleep * 0.3)}s`,
      'actors.usr.with.threshold=200000',
    ]);
    const senders = (metric('pool.rate') * sleep) / 1000;
    expect(senders).toBeGreaterThan(9.9);
    expect(senders).toBeLessThan(10.1);
  });
});

/** (long)(0.05*HZ) ticks, one more where the wheel rounds up: messages a second of ten threads. */
const TABLE = [
  [100, 200.0, 166.7],
  [250, 208.3, 192.3],
  [300, 200.0, 187.5],
  [1000, 200.0, 196.1],
  [1024, 200.8, 196.9],
] as const;

/** Without the background load: a tick of delay would be a fifth of a sleep at HZ 100. */
const QUIET = ['actors.driver-0.arrivals.count=0', 'actors.driver-1.arrivals.count=0'];

describe('the rate of ten threads by HZ and timer wheel', () => {
  const cases = TABLE.flatMap(([hz, exact, rounded]) => [
    ['linux-2.6.24', hz, exact] as const,
    ['linux-2.6.32', hz, exact] as const,
    ['linux-6.1', hz, rounded] as const,
    ['linux-6.12', hz, rounded] as const,
  ]);
  it.each(cases)('%s at HZ %i: %d/s', (kernel, hz, rate) => {
    const { metric } = performArticle('netlink-pool-10', [
      `kernel=${kernel}`,
      `machine.hz=${hz}`,
      'until=15s',
      ...QUIET,
    ]);
    expect(metric('pool.rate') / rate).toBeGreaterThan(0.997);
    expect(metric('pool.rate') / rate).toBeLessThan(1.003);
    expect(metric('pool.send_failures') + metric('pool.lost')).toBe(0);
  });

  it('linux-2.4.27 sleeps the exact number of ticks, too', () => {
    const overrides = ['kernel=linux-2.4.27', 'machine.hz=100', 'until=15s', ...QUIET];
    expect(performArticle('netlink-pool-10', overrides).metric('pool.rate')).toBeCloseTo(200, 0);
  });
});

describe('threads that start on one tick', () => {
  it('give reports of 3250 and 3300 ms in turn', () => {
    const { result } = performArticle('netlink-pool-10', [
      'params.spread=0ms',
      'until=25s',
      ...QUIET,
    ]);
    const times = result.console.flatMap(({ text }) => {
      const match = /^received .* time is: (\d+)ms/.exec(text);
      return match === null ? [] : [Number(match[1])];
    });
    expect(times.length).toBeGreaterThanOrEqual(6);
    for (const [i, ms] of times.entries()) {
      expect(Math.min(Math.abs(ms - 3250), Math.abs(ms - 3300))).toBeLessThanOrEqual(1);
      // The first one begins with the handshakes, not with a sleep.
      if (i > 1) expect(Math.abs(ms - times[i - 1]!)).toBeGreaterThan(40);
    }
  });
});
