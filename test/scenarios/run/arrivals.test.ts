/* When something arrives from outside: every rule, and its bounds. */
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../engine/index.ts';
import type { Arrivals } from '../../../scenarios/load/index.ts';
import { instants } from '../../../scenarios/run/arrivals.ts';
import { parseTrace } from './perform.ts';
import { observe } from './scenario.ts';

const ms = 1_000_000;

function first(count: number, rule: Partial<Arrivals>, seed = 1): number[] {
  const stream = new RandomStreams(seed).stream('line/arrivals');
  const all: number[] = [];
  for (const time of instants({ start: 0, ...rule } as Arrivals, stream)) {
    if (all.push(time) === count) break;
  }
  return all;
}

function gaps(times: readonly number[], start = 0): number[] {
  return times.map((time, i) => time - (times[i - 1] ?? start));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation over mean: 0 for a fixed interval, 1 for a Poisson process. */
function variation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2))) / middle;
}

describe('every', () => {
  it('is a fixed interval from start on', () => {
    expect(first(3, { every: ms })).toEqual([ms, 2 * ms, 3 * ms]);
    expect(first(3, { every: ms, start: 5 * ms })).toEqual([6 * ms, 7 * ms, 8 * ms]);
  });

  it('ends after count, and before until', () => {
    expect(first(99, { every: ms, count: 2 })).toEqual([ms, 2 * ms]);
    expect(first(99, { every: ms, count: 0 })).toEqual([]);
    expect(first(99, { every: ms, until: 3 * ms })).toEqual([ms, 2 * ms]);
  });

  it('is delayed by a jitter that does not add up', () => {
    const times = first(1000, { every: ms, jitter: ms / 4 });
    for (const [i, time] of times.entries()) {
      const late = time - (i + 1) * ms;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThanOrEqual(ms / 4);
    }
    expect(new Set(gaps(times)).size).toBeGreaterThan(900);
  });
});

describe('at', () => {
  it('lists instants; one before the last is moved up to it', () => {
    expect(first(9, { at: [3, 7, 7, 5, 9] })).toEqual([3, 7, 7, 7, 9]);
    expect(first(9, { at: [3, 7, 9], count: 2 })).toEqual([3, 7]);
    expect(first(9, { at: [3, 7, 9], start: 5 })).toEqual([5, 7, 9]);
  });
});

describe('random intervals', () => {
  const N = 20_000;

  it('poisson: mean as asked, deviation as large as the mean', () => {
    const intervals = gaps(first(N, { poisson: ms }));
    expect(mean(intervals) / ms).toBeCloseTo(1, 1);
    expect(variation(intervals)).toBeCloseTo(1, 1);
  });

  it('uniform: evenly between min and max, both possible', () => {
    const intervals = gaps(first(N, { uniform: { min: 10, max: 13 } }));
    expect(new Set(intervals)).toEqual(new Set([10, 11, 12, 13]));
    expect(mean(intervals)).toBeCloseTo(11.5, 1);
  });

  it('erlang: mean as asked, the more stages the more even', () => {
    const intervals = gaps(first(N, { erlang: { mean: ms, shape: 4 } }));
    expect(mean(intervals) / ms).toBeCloseTo(1, 1);
    expect(variation(intervals)).toBeCloseTo(0.5, 1);
  });

  it('pareto: never below min, never above max', () => {
    const intervals = gaps(first(N, { pareto: { min: ms, alpha: 1.5, max: 20 * ms } }));
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(ms);
    expect(Math.max(...intervals)).toBeLessThanOrEqual(20 * ms);
    // The median of the unbounded law is min * 2^(1/alpha).
    const median = [...intervals].sort((a, b) => a - b)[N / 2]!;
    expect(median / ms).toBeGreaterThan(1.45);
    expect(median / ms).toBeLessThan(1.65);
  });

  it('table: the values by their weights', () => {
    const table = [
      { value: 5, weight: 1 },
      { value: 9, weight: 3 },
    ];
    const intervals = gaps(first(N, { table }));
    expect(new Set(intervals)).toEqual(new Set([5, 9]));
    expect(intervals.filter((interval) => interval === 9).length / N).toBeCloseTo(0.75, 1);
  });

  it.each<[string, Partial<Arrivals>]>([
    ['poisson', { poisson: ms }],
    ['uniform', { uniform: { min: 1, max: ms } }],
    ['erlang', { erlang: { mean: ms, shape: 2 } }],
    ['pareto', { pareto: { min: 1, alpha: 2, max: undefined } }],
    [
      'table',
      {
        table: [
          { value: 1, weight: 1 },
          { value: 2, weight: 1 },
        ],
      },
    ],
  ])('%s: whole nanoseconds, the same for a seed, others for another', (_name, rule) => {
    const times = first(200, rule);
    expect(times.every((time) => Number.isSafeInteger(time) && time >= 0)).toBe(true);
    expect(first(200, rule)).toEqual(times);
    expect(first(200, rule, 2)).not.toEqual(times);
  });
});

describe('an interrupt line', () => {
  it('is raised at the instants, on its CPU', () => {
    const yaml = `
name: arrivals
machine: { cpus: 2, costs: { preset: ideal } }
until: 20ms
actors:
  line: { kind: irq, cpu: 1, arrivals: { at: [1ms, 2500us, 7ms] }, steps: [log handled] }
`;
    const rows = parseTrace(observe(yaml, { keep: true }).csv).filter(
      ({ event }) => event === 'irq_handler_entry',
    );
    expect(rows.map(({ time_ns, cpu }) => [time_ns, cpu])).toEqual([
      [ms, 1],
      [2.5 * ms, 1],
      [7 * ms, 1],
    ]);
  });

  it('that is still pending does not count another arrival', () => {
    const yaml = `
name: pending
machine: { cpus: 1, costs: { preset: ideal } }
until: 20ms
actors:
  busy: { kind: kthread, steps: [local_irq_disable, delay 10ms, local_irq_enable] }
  line: { kind: irq, arrivals: { at: [1ms, 2ms, 3ms, 15ms] }, steps: [log handled] }
`;
    expect(observe(yaml).logged.map(({ timeNs }) => timeNs)).toEqual([10 * ms, 15 * ms]);
  });
});
