/*
 * What a shipped scenario must reproduce everywhere: the digest of its trace and all its figures,
 * as committed in output/reference/.
 */
import { CsvDigest } from '../../engine/trace/csv-digest.ts';
import { formatDiagnostic, loadFile } from '../load/index.ts';
import { registry } from '../registry.ts';
import { ScenarioError } from '../run/error.ts';
import type { Metric } from '../run/result.ts';
import { ScenarioRun } from '../run/run.ts';
import { inputReader } from './inputs.ts';

export interface Reference {
  readonly scenario: string;
  /** What is overridden, in order: it keeps the long ones short. */
  readonly overrides: readonly string[];
  /** Of trace.csv. */
  readonly sha256: string;
  readonly rows: number;
  /** Values by `metric` or `metric(object)`, in the order of summary.csv. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Runs a scenario file from beginning to end. @throws ScenarioError if it is invalid */
export function makeReference(file: string, overrides: readonly string[]): Reference {
  const load = loadFile(file, registry, overrides);
  if (!load.ok) throw new ScenarioError(null, load.diagnostics.map(formatDiagnostic).join('\n'));
  const sink = new CsvDigest();
  const { metrics } = new ScenarioRun(load.loaded, { sink, readFile: inputReader(file) }).finish();
  return {
    scenario: load.loaded.scenario.name,
    overrides,
    sha256: sink.sha256,
    rows: sink.rows,
    metrics: Object.fromEntries(metrics.map((metric) => [keyOf(metric), metric.value])),
  };
}

function keyOf({ metric, object }: Metric): string {
  return object === '' ? metric : `${metric}(${object})`;
}

/** As it stands in the file. */
export function formatReference(reference: Reference): string {
  return `${JSON.stringify(reference, null, 2)}\n`;
}
