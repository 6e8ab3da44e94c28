/*
 * Two runs side by side: where their traces part, and how their events and figures differ.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, firstDifference, type Divergence } from '../output/compare.ts';
import { madeFrom, readTrace, traceOf } from './run-folder.ts';

/** Something that both runs, or one of them, have a number of. */
export interface NumberPair {
  readonly name: string;
  readonly unit: string;
  /** undefined where the run has none. */
  readonly first: number | undefined;
  readonly second: number | undefined;
}

export interface RunDiff {
  /** What each run was made from and the other was not. */
  readonly made: readonly [string, string];
  /** undefined if the traces are the same, byte for byte. */
  readonly divergence: Divergence | undefined;
  /** Events by how often they happened, only those that differ. */
  readonly events: readonly NumberPair[];
  /** Figures of the summaries, only those that differ. */
  readonly metrics: readonly NumberPair[];
  /** Folders without a summary.csv. */
  readonly withoutSummary: readonly string[];
}

/** @throws NoTraceFolder */
export function diffRuns(first: string, second: string, context: number): RunDiff {
  const [a, b] = [traceOf(first), traceOf(second)];
  const same = digestOf(a) === digestOf(b);
  const withoutSummary = [first, second].filter((folder) => !existsSync(summaryOf(folder)));
  const [from, other] = [madeFrom(first), madeFrom(second)];
  const lacking = (some: string[], others: string[]): string =>
    some.filter((one) => !others.includes(one)).join(', ');
  return {
    made: [lacking(from, other), lacking(other, from)],
    divergence: same ? undefined : firstDifference(a, b, context),
    events: same ? [] : differing(countEvents(first), countEvents(second), 'count'),
    metrics: withoutSummary.length > 0 ? [] : differing(metricsOf(first), metricsOf(second), ''),
    withoutSummary,
  };
}

/** Whether there is anything to tell. */
export function areEqual({ divergence, metrics }: RunDiff): boolean {
  return divergence === undefined && metrics.length === 0;
}

interface Entry {
  readonly value: number;
  readonly unit: string;
}

function countEvents(folder: string): Map<string, Entry> {
  const counts = new Map<string, Entry>();
  readTrace(folder, ({ event }) => {
    counts.set(event, { value: (counts.get(event)?.value ?? 0) + 1, unit: 'count' });
  });
  return counts;
}

function summaryOf(folder: string): string {
  return join(folder, 'summary.csv');
}

/** Objects may be quoted and hold commas: the figure and its unit stand at the end. */
function metricsOf(folder: string): Map<string, Entry> {
  const metrics = new Map<string, Entry>();
  for (const line of readFileSync(summaryOf(folder), 'utf8').split('\n').slice(1)) {
    const [, metric = '', object = '', value = '', unit = ''] =
      /^([^,]*),(.*),([^,]*),([^,]*)$/.exec(line) ?? [];
    if (metric === '') continue;
    const name = object === '' ? metric : `${metric}(${object})`;
    metrics.set(name, { value: Number(value), unit });
  }
  return metrics;
}

function differing(
  first: ReadonlyMap<string, Entry>,
  second: ReadonlyMap<string, Entry>,
  unit: string,
): NumberPair[] {
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((name) => ({
      name,
      unit: first.get(name)?.unit ?? second.get(name)?.unit ?? unit,
      first: first.get(name)?.value,
      second: second.get(name)?.value,
    }))
    .filter((pair) => pair.first !== pair.second);
}
