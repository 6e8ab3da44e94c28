/*
 * The runs of an experiment by their numbers: every combination of the values of its axes (a
 * point), the last axis changing fastest, and at each point a run with every seed.
 */

export interface Axis {
  readonly path: string;
  readonly values: readonly string[];
}

/** One of several parts of an experiment that are run apart: `index` from 1 to `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export class Grid {
  readonly axes: readonly Axis[];
  readonly seeds: readonly string[];

  constructor(axes: readonly Axis[], seeds: readonly string[]) {
    this.axes = axes;
    this.seeds = seeds;
  }

  get points(): number {
    return this.axes.reduce((points, { values }) => points * values.length, 1);
  }

  get runs(): number {
    return this.points * this.seeds.length;
  }

  pointOf(run: number): number {
    return Math.floor(run / this.seeds.length);
  }

  seedOf(run: number): string {
    return this.seeds[run % this.seeds.length]!;
  }

  /** The value of each axis at a point. */
  valuesAt(point: number): string[] {
    const values: string[] = [];
    let rest = point;
    for (const axis of [...this.axes].reverse()) {
      values.push(axis.values[rest % axis.values.length]!);
      rest = Math.floor(rest / axis.values.length);
    }
    return values.reverse();
  }
}

/** Whether a run belongs to the shard: runs are dealt out like cards, so that all take as long. */
export function isOf({ index, of }: Shard, run: number): boolean {
  return run % of === index - 1;
}

/** How many of so many runs belong to the shard. */
export function share({ index, of }: Shard, runs: number): number {
  return Math.floor((runs - index + of) / of);
}
