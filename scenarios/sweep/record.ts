/*
 * What is kept of one run of a sweep, as one line of JSON.
 */
import { z } from 'zod';
import { UNITS, type Metric } from '../run/result.ts';

const record = z.strictObject({
  /** Its number in the sweep. */
  run: z.int().min(0),
  exit: z.union([z.literal(0), z.literal(3), z.literal(4), z.literal(6)]),
  /** Why the exit code is not 0. */
  why: z.string(),
  /** SHA-256 of its trace; empty if the run could not be made. */
  digest: z.string(),
  /** Metric, object, unit, value. */
  metrics: z.array(z.tuple([z.string(), z.string(), z.enum(UNITS), z.number()])),
});

export type RunRecord = z.output<typeof record>;

export function recordLine(of: RunRecord): string {
  return `${JSON.stringify(of)}\n`;
}

/** undefined if the text is not a whole record. */
export function parseRecord(text: string): RunRecord | undefined {
  try {
    return record.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The metrics as a record has them. */
export function metricsOf(metrics: readonly Metric[]): RunRecord['metrics'] {
  return metrics.map(({ metric, object, unit, value }) => [metric, object, unit, value]);
}
