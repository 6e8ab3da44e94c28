/*
 * What a run's folder says beside its trace. The trace has to be there, everything else may be.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { MANIFEST } from '../output/manifest.ts';
import { judge, type Verdict } from '../output/verdict.ts';
import { readCsv, type CsvRow } from './csv.ts';
import { ReportError } from './error.ts';

const record = z.object({
  lockstep: z.string(),
  scenario: z.string(),
  seed: z.union([z.number(), z.string()]),
  overrides: z.array(z.string()),
  ending: z.enum(['until', 'quiescent', 'limit', 'circle', 'bound', 'interrupted']),
  limit: z.string().optional(),
  timeNs: z.number(),
  steps: z.number(),
  checks: z.array(z.object({ text: z.string(), passed: z.boolean(), found: z.string() })),
  schedule: z.string().optional(),
  files: z.record(z.string(), z.object({ sha256: z.string() })),
});

const about = z.object({
  name: z.string().optional(),
  about: z.string().optional(),
  kernel: z.string().optional(),
  machine: z
    .object({ cpus: z.number(), hz: z.number(), preemption: z.string() })
    .partial()
    .optional(),
});

export type ScenarioFacts = z.output<typeof about>;

export interface RunRecord {
  /** Undefined if there is no readable run.json. */
  readonly run: z.output<typeof record> | undefined;
  readonly verdict: Verdict | undefined;
  readonly scenario: ScenarioFacts;
  readonly summary: readonly CsvRow[];
  readonly findings: readonly CsvRow[];
}

/** @throws ReportError if run.json is there and damaged */
export function readRun(folder: string): RunRecord {
  const run = recordIn(folder);
  return {
    run,
    verdict: run === undefined ? undefined : judge(judged(run)),
    scenario: scenarioFacts(folder),
    summary: readCsv(folder, 'summary.csv').rows,
    findings: readCsv(folder, 'findings.csv').rows,
  };
}

function recordIn(folder: string): RunRecord['run'] {
  const text = readText(folder, MANIFEST);
  if (text === '') return undefined;
  try {
    return record.parse(JSON.parse(text));
  } catch {
    throw new ReportError(`${join(folder, MANIFEST)} is not the record of a run, or a damaged one`);
  }
}

function judged({ ending, limit, checks }: z.output<typeof record>): Parameters<typeof judge>[0] {
  return { ending, checks, ...(limit === undefined ? {} : { limit }) };
}

/** What the effective scenario of a folder says of itself. */
export function scenarioFacts(folder: string): ScenarioFacts {
  return about.safeParse(parse(readText(folder, 'scenario.yaml')) ?? {}).data ?? {};
}

/** The text of a file; empty if there is none. */
export function readText(folder: string, name: string): string {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
