/*
 * Many durations as a few figures: exact, since all are kept.
 */
import { Numbers } from './numbers.ts';

export const PERCENTILES = [50, 90, 99, 99.9] as const;

/** A bar of a histogram: how many values are at least `from` and less than `to`. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export class Distribution {
  private readonly values = new Numbers();
  private sorted = true;
  total = 0;
  max = 0;

  /** Adds a value from 0. */
  add(value: number): void {
    this.values.push(value);
    this.total += value;
    if (value > this.max) this.max = value;
    this.sorted = false;
  }

  get count(): number {
    return this.values.count;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.total / this.count;
  }

  get min(): number {
    return this.ordered()[0] ?? 0;
  }

  /** The least value that so many of a hundred do not exceed (nearest rank). */
  percentile(part: number): number {
    const rank = Math.max(1, Math.ceil((part * this.count) / 100));
    return this.ordered()[rank - 1] ?? 0;
  }

  /** By powers of two, from the bar of the least value to that of the greatest. */
  histogram(): Bar[] {
    const bars: Bar[] = [];
    const ordered = this.ordered();
    let at = 0;
    for (let from = 0, to = 1; at < this.count; from = to, to *= 2) {
      const start = at;
      while (at < this.count && ordered[at]! < to) at++;
      if (bars.length > 0 || at > start) bars.push({ from, to, count: at - start });
    }
    return bars;
  }

  private ordered(): Float64Array {
    const { all } = this.values;
    if (!this.sorted) all.sort();
    this.sorted = true;
    return all;
  }
}

/** Distributions by what they were measured on, in the order of its first value. */
export class Distributions {
  readonly byObject = new Map<string, Distribution>();

  add(object: string, value: number): void {
    let distribution = this.byObject.get(object);
    if (distribution === undefined) {
      distribution = new Distribution();
      this.byObject.set(object, distribution);
    }
    distribution.add(value);
  }
}
