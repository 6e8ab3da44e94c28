/*
 * The rows of a sweep: runs.csv with a row a run, summary.csv with a row for each figure at each
 * point, and runs.jsonl with the records that both are made from. Rows are in the order of the
 * runs' numbers: who made them, and when, leaves no mark.
 */
import { Grid, isOf, statistics } from '../../engine/index.ts';
import { byName, keyOf } from '../run/metrics.ts';
import type { SweepHead, SweepManifest } from './manifest.ts';
import { OutputFile, type Cells } from './output-file.ts';
import { recordLine, type RunRecord } from './record.ts';

interface Column {
  readonly metric: string;
  readonly object: string;
  readonly unit: string;
}

const SUMMARY = ['n', 'mean', 'ci95_low', 'ci95_high', 'min', 'p50', 'p90', 'p99', 'max'];

export interface Outcome extends Pick<SweepManifest, 'runs' | 'failed' | 'exits' | 'files'> {
  readonly firstFailed: RunRecord | undefined;
}

export class Results {
  private readonly folder: string;
  private readonly head: SweepHead;
  private readonly grid: Grid;
  private readonly read: (run: number) => RunRecord;
  private readonly columns: ReadonlyMap<string, Column>;

  constructor(folder: string, head: SweepHead, read: (run: number) => RunRecord) {
    this.folder = folder;
    this.head = head;
    this.grid = new Grid(head.axes, head.seeds);
    this.read = read;
    this.columns = this.columnsOf();
  }

  /** The numbers of the runs that are here. */
  private *numbers(): Generator<number> {
    for (let run = 0; run < this.grid.runs; run++) if (isOf(this.head.shard, run)) yield run;
  }

  /** All figures that any run has, by metric, then object. */
  private columnsOf(): Map<string, Column> {
    const found = new Map<string, Column>();
    for (const run of this.numbers()) {
      for (const [metric, object, unit] of this.read(run).metrics) {
        const key = keyOf(metric, object);
        if (!found.has(key)) found.set(key, { metric, object, unit });
      }
    }
    return new Map([...found].sort(([, a], [, b]) => byName(a, b)));
  }

  write(): Outcome {
    const { head, grid } = this;
    const paths = head.axes.map(({ path }) => path);
    const records = new OutputFile(this.folder, 'runs.jsonl');
    const runs = new OutputFile(this.folder, 'runs.csv');
    // Of a shard there is no summary: it has but some of the runs of each point.
    const summary = head.shard.of === 1 ? new OutputFile(this.folder, 'summary.csv') : undefined;
    runs.header(['run', ...paths, 'seed', 'exit', 'digest', ...this.columns.keys()]);
    summary?.header([...paths, 'metric', 'object', 'unit', ...SUMMARY]);
    const exits = new Map<number, number>();
    let firstFailed: RunRecord | undefined;
    let sample = this.newSample();
    for (const number of this.numbers()) {
      const record = this.read(number);
      records.line(recordLine(record));
      runs.rows([this.rowOf(record)]);
      exits.set(record.exit, (exits.get(record.exit) ?? 0) + 1);
      if (record.exit !== 0) firstFailed ??= record;
      this.addTo(sample, record);
      if (number % grid.seeds.length === grid.seeds.length - 1) {
        summary?.rows(this.summaryOf(grid.pointOf(number), sample));
        sample = this.newSample();
      }
    }
    const count = [...exits.values()].reduce((sum, one) => sum + one, 0);
    const sorted = [...exits].sort(([a], [b]) => a - b);
    return {
      runs: count,
      failed: count - (exits.get(0) ?? 0),
      exits: Object.fromEntries(sorted),
      firstFailed,
      files: {
        'runs.jsonl': records.close(),
        'runs.csv': runs.close(),
        ...(summary && { 'summary.csv': summary.close() }),
      },
    };
  }

  private rowOf({ run, exit, digest, metrics }: RunRecord): Cells {
    const values = new Map(metrics.map(([m, o, , value]) => [keyOf(m, o), value]));
    return [
      run,
      ...this.grid.valuesAt(this.grid.pointOf(run)),
      this.grid.seedOf(run),
      exit,
      digest,
      ...[...this.columns.keys()].map((key) => values.get(key) ?? ''),
    ];
  }

  private newSample(): Map<string, number[]> {
    return new Map();
  }

  private addTo(sample: Map<string, number[]>, { exit, metrics }: RunRecord): void {
    const add = (key: string, value: number): void => {
      const figures = sample.get(key);
      if (figures === undefined) sample.set(key, [value]);
      else figures.push(value);
    };
    add('', exit === 0 ? 0 : 1);
    for (const [metric, object, , value] of metrics) add(keyOf(metric, object), value);
  }

  /** First how many failed, of all runs; then the figures of those that have them. */
  private summaryOf(point: number, sample: ReadonlyMap<string, readonly number[]>): Cells[] {
    const values = this.grid.valuesAt(point);
    const failed: [string, Column] = ['', { metric: 'failed', object: '', unit: '' }];
    return [failed, ...this.columns].flatMap(([key, { metric, object, unit }]) => {
      const figures = sample.get(key);
      if (figures === undefined) return [];
      return [[...values, metric, object, unit, ...summaryCells(figures)]];
    });
  }
}

function summaryCells(figures: readonly number[]): Cells {
  const { n, mean, ci95, min, p50, p90, p99, max } = statistics(figures);
  const interval = ci95 === undefined ? ['', ''] : [digits(mean - ci95), digits(mean + ci95)];
  return [n, digits(mean), ...interval, min, p50, p90, p99, max];
}

/** Nobody measures more exactly; a number prints the same everywhere. */
function digits(value: number): number {
  return Number(value.toPrecision(12));
}
