/*
 * Recorded facts: small experiments, each of the kind that its `case` names. The model is given the
 * whole row, takes from it what the experiment was set up with, and says what came out; every field
 * that was recorded must come out equal.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Format, Outcome } from './format.ts';

export interface Fact {
  readonly case: string;
  readonly [field: string]: unknown;
}

/** Repeats the experiment; returns its fields as the model gives them. */
export type FactRun = (fact: Fact) => Readonly<Record<string, unknown>>;

/** Fields about the recording, not of the experiment. */
const aboutRecording = new Set(['case', 'runs', 'distinct_outcomes', 'note']);

interface FactFile {
  readonly facts: readonly Fact[];
}

/** The format of files of `facts` whose cases are all among `runs`. */
export function factFormat(runs: Readonly<Record<string, FactRun>>): Format {
  return {
    recognises: (json) => isFactFile(json) && json.facts.some((fact) => fact.case in runs),
    run: (json) => (json as FactFile).facts.map((fact, i) => runFact(runs, fact, i)),
  };
}

function isFactFile(json: unknown): json is FactFile {
  if (typeof json !== 'object' || json === null || !('facts' in json)) return false;
  const { facts } = json;
  return (
    Array.isArray(facts) &&
    facts.length > 0 &&
    facts.every((fact: unknown) => typeof fact === 'object' && fact !== null && 'case' in fact)
  );
}

function runFact(runs: Readonly<Record<string, FactRun>>, fact: Fact, index: number): Outcome {
  const name = `${fact.case} (fact ${index})`;
  const run = runs[fact.case];
  if (run === undefined) {
    return { name, difference: `  the model has no experiment '${fact.case}'` };
  }
  try {
    return { name, difference: compare(fact, run(fact)) };
  } catch (error) {
    return { name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}

function compare(fact: Fact, actual: Readonly<Record<string, unknown>>): string | null {
  const lines = Object.keys(fact)
    .filter((field) => !aboutRecording.has(field))
    .filter((field) => !isDeepStrictEqual(fact[field], actual[field]))
    .map(
      (field) =>
        `  ${field}\n    expected ${JSON.stringify(fact[field])}\n` +
        `    actual   ${JSON.stringify(actual[field])}`,
    );
  return lines.length === 0 ? null : lines.join('\n');
}
