/*
 * The statistics of a run as CSV files: stats.csv in the form of summary.csv, histograms.csv, and
 * what single statistics add.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writing } from '../output/errors.ts';
import { csv } from '../output/tables.ts';
import { PERCENTILES, type Distribution } from './distribution.ts';
import type { Figure, Latency } from './statistic.ts';
import type { Stats } from './stats.ts';

/** The names of the files and what is in them. */
export function statsFiles({ statistics }: Stats): Map<string, string> {
  const latencies = statistics.flatMap((statistic) => statistic.latencies ?? []);
  const figures = [
    ...statistics.flatMap((statistic) => statistic.figures?.() ?? []),
    ...latencies.flatMap(figuresOf),
  ];
  return new Map([
    [
      'stats.csv',
      csv(
        ['metric', 'object', 'value', 'unit'],
        figures.map(({ metric, object, value, unit }) => [metric, object, value, unit]),
      ),
    ],
    [
      'histograms.csv',
      csv(['metric', 'object', 'from_ns', 'to_ns', 'count'], latencies.flatMap(barsOf)),
    ],
    ...statistics.flatMap((statistic) => [...(statistic.files?.() ?? [])]),
  ]);
}

/** Writes them into a folder, which is made. @throws OutputError */
export function writeStats(folder: string, files: ReadonlyMap<string, string>): void {
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  for (const [name, text] of files) {
    const path = join(folder, name);
    writing(path, () => writeFileSync(path, text));
  }
}

function figuresOf({ metric, byObject }: Latency): Figure[] {
  const one = (object: string, all: Distribution): Figure[] => [
    { metric: `${metric}.count`, object, value: all.count, unit: 'count' },
    { metric: `${metric}.min`, object, value: all.min, unit: 'ns' },
    { metric: `${metric}.mean`, object, value: Math.round(all.mean * 1000) / 1000, unit: 'ns' },
    ...PERCENTILES.map((part): Figure => ({
      metric: `${metric}.p${part}`,
      object,
      value: all.percentile(part),
      unit: 'ns',
    })),
    { metric: `${metric}.max`, object, value: all.max, unit: 'ns' },
  ];
  return [...byObject].flatMap(([object, all]) => one(object, all));
}

function barsOf({ metric, byObject }: Latency): (string | number)[][] {
  return [...byObject].flatMap(([object, all]) =>
    all.histogram().map(({ from, to, count }) => [metric, object, from, to, count]),
  );
}
