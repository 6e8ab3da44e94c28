import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { statistics } from '../../../engine/experiments/statistics.ts';
import { student95 } from '../../../engine/experiments/student.ts';

/** From SciPy 1.17: scipy.stats.t.ppf(0.975, degrees). */
const QUANTILES: readonly (readonly [degrees: number, quantile: number])[] = [
  [1, 12.706204736174698],
  [2, 4.302652729749464],
  [9, 2.262157162798205],
  [30, 2.0422724563012373],
  [31, 2.039513446396408],
  [50, 2.008559112100761],
  [100, 1.9839715185235518],
  [1000, 1.9623390808264083],
  [100_000, 1.9599877075346095],
];

test.each(QUANTILES)('the quantile of Student at %i degrees of freedom', (degrees, quantile) => {
  expect(Math.abs(student95(degrees) - quantile)).toBeLessThan(5e-8);
});

test('the quantile falls from degree to degree, where the table ends too', () => {
  for (let degrees = 1; degrees < 200; degrees++) {
    expect(student95(degrees + 1)).toBeLessThan(student95(degrees));
  }
});

describe('the statistics of a sample', () => {
  it('are those of a textbook', () => {
    // The ten extra hours of sleep of Student's paper of 1908 (R's data set `sleep`, group 2):
    // mean 2.33, 95 % interval 0.898 to 3.762.
    const sleep = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const { n, mean, ci95, min, p50, p90, p99, max } = statistics(sleep);
    expect([n, min, p50, p90, p99, max]).toEqual([10, -0.1, 1.6, 4.6, 5.5, 5.5]);
    expect(mean).toBeCloseTo(2.33, 12);
    expect(mean - ci95!).toBeCloseTo(0.8976775, 6);
    expect(mean + ci95!).toBeCloseTo(3.7623225, 6);
  });

  it('give no interval for a single figure', () => {
    const one = { n: 1, mean: 5, ci95: undefined, min: 5, p50: 5, p90: 5, p99: 5, max: 5 };
    expect(statistics([5])).toEqual(one);
  });

  it('keep small figures beside large ones', () => {
    expect(statistics([1e16, 1, -1e16, 1]).mean).toBe(0.5);
  });

  it('do not depend on the order of the figures', () => {
    const figures = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1 });
    fc.assert(
      fc.property(figures, (sample) => {
        expect(statistics([...sample].reverse())).toEqual(statistics(sample));
        const { min, p50, p90, p99, max } = statistics(sample);
        expect([min, p50, p90, p99, max]).toEqual([min, p50, p90, p99, max].sort((a, b) => a - b));
      }),
    );
  });
});
