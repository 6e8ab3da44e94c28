/*
 * `expect`: thresholds on figures of the run, and findings that must or must not appear.
 */
import type { Finding } from '../../models/checks/findings.ts';
import { nearest, type Expectation, type LoadedScenario, type Scenario } from '../load/index.ts';
import { ScenarioError } from './error.ts';
import type { MetricSet } from './metrics.ts';
import type { Check } from './result.ts';

function holds({ comparison, threshold }: Expectation, value: number): boolean {
  switch (comparison) {
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
    case '<=':
      return value <= threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '>':
      return value > threshold;
  }
}

/** All checks of the scenario, in their order. A finding that nobody expects fails the run. */
export function checkAll(
  { expectations, scenario }: LoadedScenario,
  metrics: MetricSet,
  findings: readonly Finding[],
): Check[] {
  const thresholds = expectations.map((expectation) => checkThreshold(expectation, metrics));
  return [...thresholds, ...checkFindings(scenario.expect.findings, findings)];
}

function checkThreshold(expectation: Expectation, metrics: MetricSet): Check {
  const { metric, text, at } = expectation;
  const value = metrics.get(metric);
  if (value === undefined) {
    const suggestion = nearest(metric, metrics.keys());
    const hint = suggestion === undefined ? '' : ` (did you mean '${suggestion}'?)`;
    throw new ScenarioError(at, `the run has no metric '${metric}'${hint}`);
  }
  return { text, passed: holds(expectation, value), found: String(value) };
}

function checkFindings(
  expected: Scenario['expect']['findings'],
  findings: readonly Finding[],
): Check[] {
  const kinds = new Set<string>(findings.map((finding) => finding.kind));
  const checks = expected.must.map((kind) => ({
    text: `finding ${kind}`,
    passed: kinds.has(kind),
    found: kinds.has(kind) ? 'reported' : 'not reported',
  }));
  const allowed = new Set<string>(expected.must);
  const unexpected = [...kinds].filter((kind) => !allowed.has(kind));
  const none = unexpected.length === 0;
  return [
    ...checks,
    { text: 'no other findings', passed: none, found: none ? 'none' : unexpected.join(', ') },
  ];
}
