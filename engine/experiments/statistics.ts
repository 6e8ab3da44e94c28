/*
 * What a sample of figures comes to: mean with its 95 % interval, extremes and percentiles. Only
 * operations that are exact to the last bit, and one order of summation: the same figures give the
 * same bytes everywhere.
 */
import { student95 } from './student.ts';

export interface Statistics {
  readonly n: number;
  readonly mean: number;
  /** Half the width of the 95 % interval of the mean; there is none of a single figure. */
  readonly ci95: number | undefined;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** @param figures at least one */
export function statistics(figures: readonly number[]): Statistics {
  const sorted = [...figures].sort((a, b) => a - b);
  const n = sorted.length;
  const mean = sum(sorted) / n;
  return {
    n,
    mean,
    ci95: n < 2 ? undefined : student95(n - 1) * standardError(sorted, mean),
    min: sorted[0]!,
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p99: percentile(sorted, 99),
    max: sorted[n - 1]!,
  };
}

function standardError(sorted: readonly number[], mean: number): number {
  const n = sorted.length;
  const squares = sorted.map((figure) => (figure - mean) * (figure - mean));
  return Math.sqrt(sum(squares) / (n - 1) / n);
}

/** The least figure that so many of a hundred do not exceed. */
function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(1, Math.ceil((part * sorted.length) / 100)) - 1]!;
}

/** Neumaier's sum: what one addition rounds off is added at the end. */
function sum(figures: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const figure of figures) {
    const next = total + figure;
    const big = Math.abs(total) >= Math.abs(figure);
    lost += big ? total - next + figure : figure - next + total;
    total = next;
  }
  return total + lost;
}
