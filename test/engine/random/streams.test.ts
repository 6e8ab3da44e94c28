/** Named random streams: the same numbers everywhere, no stream disturbs another, no bias. */
import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { RandomStream, RandomStreams } from '../../../engine/random/streams.ts';

function take(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

/** Pearson's statistic of counts against equal expectations. */
function chiSquare(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('streams', () => {
  test('the first numbers of seed 42 are known', () => {
    const stream = new RandomStreams(42).stream('known');
    const words = [3515250152, 2428420145, 2461175088, 2490291569];
    expect(take(4, () => stream.uint32())).toEqual(words);
    expect(take(4, () => stream.below(1000))).toEqual([909, 410, 441, 985]);
    expect(stream.unit()).toBe(0.041416410781216384);
    expect(stream.below(Number.MAX_SAFE_INTEGER)).toBe(6706034171340168);
  });

  test("a stream is seedrandom's alea of the seed and the name", () => {
    const stream = new RandomStreams('s').stream('actor/purpose');
    const alea = seedrandom.alea('s/actor/purpose');
    expect(take(100, () => stream.uint32())).toEqual(take(100, () => alea.int32() >>> 0));
  });

  test('asking twice for a name gives the same stream, which continues', () => {
    const streams = new RandomStreams(1);
    expect(streams.stream('a')).toBe(streams.stream('a'));
    expect(streams.stream('a')).not.toBe(streams.stream('b'));
  });

  test('a seed given as a number is the seed given as its digits', () => {
    const [a, b] = [new RandomStreams(7), new RandomStreams('7')];
    expect(a.stream('x').uint32()).toBe(b.stream('x').uint32());
  });

  test('consumers added, in any order, change no number of another consumer', () => {
    const name = fc.string({ minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.string(), fc.array(name, { maxLength: 40 }), (seed, others) => {
        const alone = new RandomStreams(seed).stream('subject!');
        const streams = new RandomStreams(seed);
        for (const other of others) {
          streams.stream(other).uint32();
          expect(streams.stream('subject!').uint32()).toBe(alone.uint32());
        }
      }),
    );
  });

  test('the first numbers of neighbouring names are spread evenly', () => {
    const streams = new RandomStreams(42);
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const bin = streams.stream(`thread/${i}`).uint32() >>> 26;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(103.4); // 63 degrees of freedom, p = 0.001
  });

  test('two streams of one seed are uncorrelated', () => {
    const streams = new RandomStreams(42);
    const [a, b] = [streams.stream('a'), streams.stream('b')];
    const n = 100_000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (a.unit() - 0.5) * (b.unit() - 0.5);
    expect(Math.abs((12 * sum) / n)).toBeLessThan(3.5 / Math.sqrt(n));
  });
});

describe('below', () => {
  test('stays in its range for every n', () => {
    const stream = new RandomStream('range');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (n) => {
        const draw = stream.below(n);
        expect(Number.isSafeInteger(draw) && draw >= 0 && draw < n).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['3 * 2^30, where a bare remainder would draw the lowest third twice as often', 3 * 2 ** 30],
    ['3 * 2^51, the same above 32 bits', 3 * 2 ** 51],
    ['10', 10],
    ['2^32', 2 ** 32],
  ])('has no preference for n = %s', (_, n) => {
    const stream = new RandomStream('bias');
    const bins = n === 10 ? 10 : 3;
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < 30_000; i++) {
      const bin = Math.floor(stream.below(n) / (n / bins));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(bins === 10 ? 27.9 : 13.8); // p = 0.001
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 53])('refuses %d', (n) => {
    const stream = new RandomStream('');
    expect(() => stream.below(n)).toThrow(`below() needs an integer from 1 to 2^53 - 1, got ${n}`);
  });
});

describe('chance', () => {
  test('is never at 0 and always at 1, and draws all the same', () => {
    const stream = new RandomStream('c');
    const other = new RandomStream('c');
    for (let i = 0; i < 100; i++) {
      expect(stream.chance(0, 7)).toBe(false);
      expect(stream.chance(7, 7)).toBe(true);
    }
    for (let i = 0; i < 200; i++) other.below(7);
    expect(stream.uint32()).toBe(other.uint32());
  });

  test('happens as often as it says', () => {
    const stream = new RandomStream('often');
    let hits = 0;
    for (let i = 0; i < 100_000; i++) if (stream.chance(3, 10)) hits++;
    expect(Math.abs(hits - 30_000)).toBeLessThan(3.5 * Math.sqrt(100_000 * 0.3 * 0.7));
  });

  test.each([
    [-1, 2],
    [3, 2],
    [0.5, 1],
    [0, 0],
    [NaN, 1],
  ])('refuses %d of %d', (n, d) => {
    expect(() => new RandomStream('').chance(n, d)).toThrow(RangeError);
  });
});

describe('unit', () => {
  test('gives multiples of 2^-53 in [0, 1) that use all 53 bits', () => {
    const stream = new RandomStream('unit');
    let lowBits = 0;
    for (let i = 0; i < 10_000; i++) {
      const u = stream.unit();
      expect(u >= 0 && u < 1 && Number.isInteger(u * 2 ** 53)).toBe(true);
      if ((u * 2 ** 53) % 2 === 1) lowBits++;
    }
    expect(Math.abs(lowBits - 5_000)).toBeLessThan(3.5 * 50);
  });

  test('has the mean and variance of the uniform law', () => {
    const stream = new RandomStream('moments');
    const n = 100_000;
    const draws = take(n, () => stream.unit());
    const mean = draws.reduce((sum, u) => sum + u, 0) / n;
    const variance = draws.reduce((sum, u) => sum + (u - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(3.5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(3.5 * Math.sqrt(1 / 180 / n));
  });
});
