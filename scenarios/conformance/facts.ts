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

/** What stood in the placeholders of a case's name. */
export type Placeholders = Readonly<Record<string, string>>;

/**
 * Repeats the experiment; returns its fields as the model gives them. An input that the row holds
 * is returned as it is; never return the row itself, or nothing is tested.
 */
export type FactRun = (fact: Fact, inName: Placeholders) => Readonly<Record<string, unknown>>;

/** Fields about the recording, not of the experiment. */
const aboutRecording = new Set(['case', 'runs', 'distinct_outcomes', 'other_outcomes', 'note']);

interface FactFile {
  readonly facts: readonly Fact[];
}

/**
 * The format of files of `facts` that have a case of `runs`. A name there may hold placeholders:
 * `short-<bytes>-bytes` runs every case `short-N-bytes` that has no entry of its own.
 */
export function factFormat(runs: Readonly<Record<string, FactRun>>): Format {
  const kinds = Object.entries(runs).map(([name, run]) => ({
    name,
    run,
    pattern: patternOf(name),
  }));
  const find = (fact: Fact): Experiment | null => {
    for (const { name, run } of kinds) if (name === fact.case) return { run, inName: {} };
    for (const { run, pattern } of kinds) {
      const match = pattern?.exec(fact.case);
      if (match) return { run, inName: { ...match.groups } };
    }
    return null;
  };
  return {
    recognises: (json) => isFactFile(json) && json.facts.some((fact) => find(fact) !== null),
    run: (json) => (json as FactFile).facts.map((fact, i) => runFact(find(fact), fact, i)),
  };
}

interface Experiment {
  readonly run: FactRun;
  readonly inName: Placeholders;
}

/** A placeholder stands for letters and digits. Null for a name without one. */
function patternOf(name: string): RegExp | null {
  if (!name.includes('<')) return null;
  const escaped = name.replace(/[^\w<>-]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/<(\w+)>/g, '(?<$1>[A-Za-z0-9]+)')}$`);
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

function runFact(experiment: Experiment | null, fact: Fact, index: number): Outcome {
  const name = `${fact.case} (fact ${index})`;
  if (experiment === null) {
    return { name, difference: `  the model has no experiment '${fact.case}'` };
  }
  try {
    return { name, difference: compare(fact, experiment.run(fact, experiment.inName)) };
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
