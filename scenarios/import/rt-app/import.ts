/*
 * rt-app's workload as a scenario: text in, text out.
 */
import { Issues } from './issues.ts';
import { parseJson } from './json.ts';
import { Plan } from './plan.ts';
import { formatScenario } from './scenario.ts';
import { readWorkload } from './workload.ts';

export interface Imported {
  /** The scenario; undefined if the workload has errors. */
  readonly scenario: string | undefined;
  readonly errors: readonly string[];
  /** What was left out or changed. */
  readonly warnings: readonly string[];
}

/** `file` is the name of the workload, which the scenario gets too. */
export function importWorkload(file: string, text: string): Imported {
  const issues = new Issues(file, text);
  const json = parseJson(text, issues);
  const workload = json && readWorkload(json, issues);
  const scenario = workload && formatScenario(file, new Plan(workload, issues));
  const { errors, warnings } = issues;
  return { scenario: errors.length === 0 ? scenario : undefined, errors, warnings };
}
