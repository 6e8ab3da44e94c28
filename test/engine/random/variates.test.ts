/**
 * Random durations: known answers (reproduced apart, with exact decimals), the moments and tails of
 * each law, integers always, clear errors.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../../engine/random/streams.ts';
import { drawer, VARIATE_NS_MAX, type Variate } from '../../../engine/random/variates.ts';

const DRAWS = 100_000;

function draws(variate: Variate, count = DRAWS): number[] {
  return Array.from({ length: count }, drawer(variate, new RandomStream('variates')));
}

function meanOf(numbers: number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
}

function varianceOf(numbers: number[]): number {
  const mean = meanOf(numbers);
  return numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
}

/** The share of draws above each bound is the law's, within 3.5 standard errors. */
function expectTail(numbers: number[], tail: (x: number) => number, bounds: number[]): void {
  for (const bound of bounds) {
    const p = tail(bound);
    const share = numbers.filter((x) => x > bound).length / numbers.length;
    const error = Math.sqrt((p * (1 - p)) / numbers.length);
    expect(Math.abs(share - p), `P(X > ${bound})`).toBeLessThan(3.5 * error);
  }
}

describe('known answers', () => {
  test.each<[Variate, number[]]>([
    [{ kind: 'constant', value: 5 }, [5, 5, 5]],
    [{ kind: 'uniform', min: 10, max: 19 }, [10, 19, 18]],
    [{ kind: 'exponential', mean: 50_000_000 }, [11_586_574, 95_655_452, 12_637_504]],
    [{ kind: 'erlang', mean: 50_000_000, shape: 4 }, [33_612_624, 31_874_277, 54_053_122]],
    [{ kind: 'pareto', min: 1000, alpha: 1.5 }, [1167, 3580, 1184]],
    [{ kind: 'pareto', min: 1000, alpha: 1.5, max: 5000 }, [1149, 2712, 1164]],
    [
      {
        kind: 'empirical',
        table: [
          { value: 1, weight: 9 },
          { value: 7, weight: 1 },
        ],
      },
      [1, 7, 1],
    ],
  ])('%j', (variate, known) => {
    expect(draws(variate, 3)).toEqual(known);
  });

  test('a constant draws nothing from its stream', () => {
    const stream = new RandomStream('x');
    drawer({ kind: 'constant', value: 5 }, stream)();
    expect(stream.uint32()).toBe(new RandomStream('x').uint32());
  });
});

describe('the laws', () => {
  test('uniform reaches both ends and has its mean and variance', () => {
    const numbers = draws({ kind: 'uniform', min: 100, max: 199 });
    expect([Math.min(...numbers), Math.max(...numbers)]).toEqual([100, 199]);
    const variance = (100 ** 2 - 1) / 12;
    expect(Math.abs(meanOf(numbers) - 149.5)).toBeLessThan(3.5 * Math.sqrt(variance / DRAWS));
    expect(varianceOf(numbers) / variance).toBeCloseTo(1, 1);
  });

  test('exponential has its mean, variance and tail', () => {
    const mean = 1_000_000;
    const numbers = draws({ kind: 'exponential', mean });
    expect(Math.abs(meanOf(numbers) / mean - 1)).toBeLessThan(3.5 / Math.sqrt(DRAWS));
    // The variance of the sample variance is (9 - 1) mean^4 / n.
    expect(Math.abs(varianceOf(numbers) / mean ** 2 - 1)).toBeLessThan(3.5 * Math.sqrt(8 / DRAWS));
    const bounds = [1000, mean / 2, mean, 3 * mean, 6 * mean];
    expectTail(numbers, (x) => Math.exp(-(x + 0.5) / mean), bounds);
  });

  test('erlang has the given mean and the variance mean^2 / shape', () => {
    const mean = 1_000_000;
    const shape = 4;
    const numbers = draws({ kind: 'erlang', mean, shape });
    expect(Math.abs(meanOf(numbers) / mean - 1)).toBeLessThan(3.5 / Math.sqrt(shape * DRAWS));
    // Its excess kurtosis is 6 / shape.
    const bound = 3.5 * Math.sqrt((2 + 6 / shape) / DRAWS);
    expect(Math.abs((varianceOf(numbers) * shape) / mean ** 2 - 1)).toBeLessThan(bound);
  });

  test('erlang of shape 1 is the exponential', () => {
    const mean = 12_345;
    const erlang = draws({ kind: 'erlang', mean, shape: 1 }, 1000);
    expect(erlang).toEqual(draws({ kind: 'exponential', mean }, 1000));
  });

  test('pareto has the tail (min/x)^alpha', () => {
    const [min, alpha] = [1000, 1.5];
    const numbers = draws({ kind: 'pareto', min, alpha });
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(min);
    expectTail(numbers, (x) => (min / (x + 0.5)) ** alpha, [1100, 2000, 10_000, 100_000]);
  });

  test('truncated pareto has the tail conditioned on its maximum, which it never exceeds', () => {
    const [min, alpha, max] = [1000, 1.5, 5000];
    const numbers = draws({ kind: 'pareto', min, alpha, max });
    expect(Math.max(...numbers)).toBeLessThanOrEqual(max);
    const beyond = (min / max) ** alpha;
    const tail = (x: number): number => ((min / (x + 0.5)) ** alpha - beyond) / (1 - beyond);
    expectTail(numbers, tail, [1100, 2000, 4000, 4900]);
  });

  test('pareto of a tiny alpha ends at the limit instead of infinity', () => {
    const numbers = draws({ kind: 'pareto', min: 1000, alpha: 0.0001 }, 100);
    expect(Math.max(...numbers)).toBe(VARIATE_NS_MAX);
  });

  test('empirical gives each value in proportion to its weight, and never weight 0', () => {
    const weights = [0, 5, 0, 3, 2, 0];
    const table = weights.map((weight, value) => ({ value, weight }));
    const numbers = draws({ kind: 'empirical', table });
    weights.forEach((weight, value) => {
      const p = weight / 10;
      const share = numbers.filter((x) => x === value).length / DRAWS;
      const bound = 3.5 * Math.sqrt((p * (1 - p)) / DRAWS);
      expect(Math.abs(share - p)).toBeLessThanOrEqual(bound);
    });
  });
});

const ns = fc.integer({ min: 0, max: VARIATE_NS_MAX });
const anyVariate: fc.Arbitrary<Variate> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), value: ns }),
  fc.tuple(ns, ns).map(([a, b]): Variate => {
    return { kind: 'uniform', min: Math.min(a, b), max: Math.max(a, b) };
  }),
  fc.record({ kind: fc.constant('exponential' as const), mean: ns }),
  fc.record({
    kind: fc.constant('erlang' as const),
    mean: ns,
    shape: fc.integer({ min: 1, max: 50 }),
  }),
  fc
    .tuple(ns, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), ns, fc.boolean())
    .map(([a, alpha, b, bounded]): Variate => {
      const [min, max] = [Math.max(1, Math.min(a, b)), Math.max(1, a, b)];
      return bounded ? { kind: 'pareto', min, alpha, max } : { kind: 'pareto', min, alpha };
    }),
  fc
    .array(fc.record({ value: ns, weight: fc.integer({ min: 1, max: 1e9 }) }), { minLength: 1 })
    .map((table): Variate => ({ kind: 'empirical', table })),
);

test('every draw of every law is an integer within its bounds, and repeats with the seed', () => {
  fc.assert(
    fc.property(anyVariate, fc.string(), (variate, seed) => {
      const draw = drawer(variate, new RandomStream(seed));
      const again = drawer(variate, new RandomStream(seed));
      const low = 'min' in variate ? variate.min : 0;
      const high = 'max' in variate ? (variate.max ?? VARIATE_NS_MAX) : VARIATE_NS_MAX;
      for (let i = 0; i < 5; i++) {
        const x = draw();
        expect(Number.isSafeInteger(x) && x >= low && x <= high, String(x)).toBe(true);
        expect(again()).toBe(x);
      }
    }),
    { numRuns: 500 },
  );
});

describe('wrong arguments are refused with what was expected and what came', () => {
  const from0 = `must be an integer from 0 to ${VARIATE_NS_MAX}`;
  test.each<[object, string]>([
    [{ kind: 'constant', value: -1 }, `constant.value ${from0}, got -1`],
    [{ kind: 'constant', value: '5' }, `constant.value ${from0}, got "5"`],
    [{ kind: 'uniform', min: 7, max: 6 }, 'uniform.max must be an integer from 7 to'],
    [{ kind: 'exponential', mean: 0.5 }, `exponential.mean ${from0}, got 0.5`],
    [{ kind: 'erlang', mean: 5, shape: 0 }, 'shape must be an integer from 1 to 1000, got 0'],
    [{ kind: 'pareto', min: 0, alpha: 1 }, 'pareto.min must be an integer from 1 to'],
    [{ kind: 'pareto', min: 1, alpha: 0 }, 'pareto.alpha must be a finite number above 0, got 0'],
    [{ kind: 'pareto', min: 9, alpha: 1, max: 8 }, 'pareto.max must be an integer from 9 to'],
    [{ kind: 'empirical', table: [] }, 'empirical.table must have a weight above 0, got 0 rows'],
    [
      { kind: 'empirical', table: [{ value: 1, weight: 1.5 }] },
      'empirical.table[0].weight must be an integer from 0 to 9007199254740991, got 1.5',
    ],
    [{ kind: 'normal', mean: 1 }, 'kind must be constant, uniform, exponential, erlang, pareto or'],
  ])('%j', (variate, message) => {
    expect(() => drawer(variate as Variate, new RandomStream(''))).toThrow(message);
  });
});
