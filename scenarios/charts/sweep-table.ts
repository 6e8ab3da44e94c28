/*
 * The figures of a sweep as charts want them: what every run of a point came to, by metric.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Grid, statistics, type Axis } from '../../engine/index.ts';
import { byName, keyOf } from '../run/metrics.ts';
import { readSweepManifest } from '../sweep/manifest.ts';
import { recordsOf } from '../sweep/shard.ts';
import { ChartError } from './error.ts';
import type { Mean } from './small-multiples.ts';
import type { Unit } from './units.ts';

export interface SweepTable {
  readonly scenario: string;
  readonly axes: readonly Axis[];
  readonly seeds: number;
  readonly runs: number;
  readonly failed: number;
  /** The scenario as it was swept. */
  readonly effective: string;
  /** The metrics by name, with their units. */
  readonly metrics: ReadonlyMap<string, Unit>;
  /** What the runs with these values of the axes came to. */
  meanOf(metric: string, values: readonly string[]): Mean | undefined;
}

/** @throws ChartError, SweepError */
export function readSweep(folder: string): SweepTable {
  const manifest = readSweepManifest(folder);
  const { scenario, axes, seeds, shard, runs, failed } = manifest;
  if (shard.of !== 1) {
    throw new ChartError(
      `${folder} is shard ${shard.index}/${shard.of} of a sweep; 'lockstep merge' joins the shards`,
    );
  }
  const grid = new Grid(axes, seeds);
  const named = new Map<string, Named>([['failed', { metric: 'failed', object: '', unit: '' }]]);
  const figures = new Map<string, number[]>();
  const add = (point: number, key: string, figure: number): void => {
    const at = `${point} ${key}`;
    const before = figures.get(at);
    if (before === undefined) figures.set(at, [figure]);
    else before.push(figure);
  };
  const records = recordsOf({ folder, manifest }, grid.runs);
  try {
    for (let run = 0; run < grid.runs; run++) {
      const { exit, metrics } = records.read(run);
      const point = grid.pointOf(run);
      add(point, 'failed', exit === 0 ? 0 : 1);
      for (const [metric, object, unit, figure] of metrics) {
        const key = keyOf(metric, object);
        named.set(key, { metric, object, unit });
        add(point, key, figure);
      }
    }
  } finally {
    records.close();
  }
  const sorted = [...named].sort(([, a], [, b]) => byName(a, b));
  const points = new Map(
    Array.from({ length: grid.points }, (_, point) => [keyOfValues(grid.valuesAt(point)), point]),
  );
  return {
    scenario,
    axes,
    seeds: seeds.length,
    runs,
    failed,
    effective: readFileSync(join(folder, 'scenario.yaml'), 'utf8'),
    metrics: new Map(sorted.map(([key, { unit }]) => [key, unit])),
    meanOf(metric, values) {
      const found = figures.get(`${points.get(keyOfValues(values))} ${metric}`);
      return found === undefined ? undefined : meanOf(found);
    },
  };
}

interface Named {
  readonly metric: string;
  readonly object: string;
  readonly unit: Unit;
}

function keyOfValues(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** As summary.csv has it. */
function meanOf(figures: readonly number[]): Mean {
  const { n, mean, ci95 } = statistics(figures);
  const interval =
    ci95 === undefined
      ? { low: undefined, high: undefined }
      : { low: mean - ci95, high: mean + ci95 };
  return { n, mean, ...interval };
}
