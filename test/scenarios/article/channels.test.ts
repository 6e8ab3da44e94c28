/*
 * What netlink can do, against a ring that the kernel fills and a process has mapped: the
 * experiment behind the advice of the article to move bulk data through shared memory.
 */
import { describe, expect, it } from 'vitest';
import { performArticle } from '../run/perform.ts';

interface Channel {
  /** Messages a second that arrived. */
  readonly rate: number;
  readonly p50: number;
  readonly full: number;
}

function channel(name: string, ...params: readonly string[]): Channel {
  const overrides = params.map((param) => `params.${param}`);
  const { metric, result } = performArticle(name, [...overrides, 'until=1s', 'expect=[]']);
  // The senders begin after 1 ms.
  const rate = (metric('latency.count') * 1e9) / (result.timeNs - 1e6);
  return { rate, p50: metric('latency.p50'), full: metric('netlink.full') };
}

const netlink = (...params: readonly string[]): Channel =>
  channel('netlink-capacity', 'messages=2000', ...params);
const ring = (...params: readonly string[]): Channel =>
  channel('shared-memory-channel', 'messages=2000', ...params);

describe('netlink', () => {
  it('carries what is offered, 200 times and more what the pool measured, until it is full', () => {
    const relaxed = netlink('senders=1', 'pause=20us');
    expect(relaxed.full).toBe(0);
    expect(relaxed.rate).toBeGreaterThan(40_000);
    expect(netlink('senders=1').rate).toBeGreaterThan(10 * relaxed.rate);
  });

  it('loses messages once two send faster than one reads, which a third makes no faster', () => {
    const two = netlink('senders=2');
    expect(two.full).toBeGreaterThan(0);
    expect(netlink('senders=3').rate).toBeLessThan(1.05 * two.rate);
    // Half the length of the queue, about a hundred messages.
    expect(two.p50).toBeGreaterThan(40 * netlink('senders=1').p50);
  });

  it('takes fewer large messages than small ones, since it copies them', () => {
    const large = netlink('senders=1', 'payload=4096');
    expect(large.rate).toBeLessThan(0.8 * netlink('senders=1').rate);
  });
});

describe('the ring', () => {
  it('is several times as fast at full load, whatever the size', () => {
    const small = ring();
    expect(small.rate).toBeGreaterThan(5 * netlink('senders=1').rate);
    expect(ring('payload=4096').rate).toBe(small.rate);
  });

  it('is no faster where every record has to ring', () => {
    const rare = ring('pause=20us');
    const sent = netlink('senders=1', 'pause=20us');
    expect(rare.p50).toBeGreaterThanOrEqual(sent.p50);
    expect(rare.rate / sent.rate).toBeCloseTo(1, 1);
  });
});
