/* Performs scenarios for tests: shipped ones by name, others as text. */
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { CsvDigest } from '../../../engine/trace/csv-digest.ts';
import {
  formatDiagnostic,
  loadFile,
  loadText,
  type LoadedScenario,
  type LoadResult,
} from '../../../scenarios/load/index.ts';
import { inputReader } from '../../../scenarios/output/inputs.ts';
import { registry } from '../../../scenarios/registry.ts';
import type { RunResult } from '../../../scenarios/run/result.ts';
import { ScenarioRun, type RunOptions } from '../../../scenarios/run/run.ts';
import type { World } from '../../../scenarios/run/world.ts';

/** A row of the trace by the names of its columns; numbers are numbers, empty fields undefined. */
export interface TraceRow {
  readonly seq: number;
  readonly time_ns: number;
  readonly cpu: number | undefined;
  readonly context: string;
  readonly pid: number | undefined;
  readonly comm: string;
  readonly flags: string;
  readonly event: string;
  readonly object: string;
  readonly value: number | undefined;
  readonly detail: string;
}

export interface PerformOptions extends Omit<RunOptions, 'sink'> {
  /** Steps of a slice; in one go if left out. */
  readonly slice?: number;
  /** Keeps the text of the trace. */
  readonly keep?: boolean;
  /** Called before the first step. */
  readonly watch?: (world: World) => void;
}

export interface Performed {
  readonly result: RunResult;
  /** A figure by `metric` or `metric(object)`; throws if the run has none of that name. */
  readonly metric: (key: string) => number;
  /** SHA-256 of the trace, and its number of rows. */
  readonly sha256: string;
  readonly rows: number;
  /** The trace as it would stand in trace.csv; empty unless `keep`. */
  readonly csv: string;
}

export function articleFile(name: string): string {
  return fileURLToPath(new URL(`../../../scenarios/article/${name}.yaml`, import.meta.url));
}

export function loadArticle(name: string, overrides: readonly string[] = []): LoadedScenario {
  return loaded(loadFile(articleFile(name), registry, overrides));
}

export function loadYaml(text: string, overrides: readonly string[] = []): LoadedScenario {
  return loaded(loadText('s.yaml', text, registry, overrides));
}

function loaded(result: LoadResult): LoadedScenario {
  if (result.ok) return result.loaded;
  throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
}

/** Runs a scenario to its end. */
export function perform(scenario: LoadedScenario, options: PerformOptions = {}): Performed {
  const { slice, keep = false, watch, ...rest } = options;
  const chunks: Buffer[] = [];
  const sink = new CsvDigest((chunk) => {
    if (keep) chunks.push(Buffer.from(chunk));
  });
  const run = new ScenarioRun(scenario, { ...rest, sink });
  watch?.(run.world);
  if (slice !== undefined) while (run.slice(slice));
  const result = run.finish();
  const { sha256, rows } = sink;
  return { result, metric: metricOf(result), sha256, rows, csv: Buffer.concat(chunks).toString() };
}

/** Runs a shipped scenario of the article. */
export function performArticle(
  name: string,
  overrides: readonly string[] = [],
  options: PerformOptions = {},
): Performed {
  const readFile = inputReader(articleFile(name));
  return perform(loadArticle(name, overrides), { readFile, ...options });
}

/** The rows of a trace, read back by a CSV reader that is not ours. */
export function parseTrace(csv: string): TraceRow[] {
  const number = (field: string): number | undefined => (field === '' ? undefined : Number(field));
  return (parse(csv, { from_line: 2 }) as string[][]).map(
    ([seq, time, cpu, context, pid, comm, flags, event, object, value, detail]) => ({
      seq: Number(seq),
      time_ns: Number(time),
      cpu: number(cpu!),
      context: context!,
      pid: number(pid!),
      comm: comm!,
      flags: flags!,
      event: event!,
      object: object!,
      value: number(value!),
      detail: detail!,
    }),
  );
}

function metricOf({ metrics }: RunResult): (key: string) => number {
  const values = new Map(
    metrics.map(({ metric, object, value }) => [
      object === '' ? metric : `${metric}(${object})`,
      value,
    ]),
  );
  return (key) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`the run has no metric ${key}`);
    return value;
  };
}
