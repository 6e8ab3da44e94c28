/*
 * `expect`: thresholds on figures of the run, and findings that must or must not appear.
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { Expectation, LoadedScenario, Scenario } from '../load/index.ts';
import type { MetricSet } from './metrics.ts';
import type { Check } from './result.ts';

/** Whether a figure's value is within the threshold. */
export function holds({ comparison, threshold }: Expectation, value: number): boolean {
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

/**
 * All checks of the scenario, in their order. A finding that nobody expects fails the run; what a
 * search of its interleavings is to find may show here too.
 */
export function checkAll(
  { expectations, scenario }: LoadedScenario,
  metrics: MetricSet,
  findings: readonly Finding[],
): Check[] {
  const thresholds = expectations.map((expectation) => checkThreshold(expectation, metrics));
  return [...thresholds, ...checkFindings(scenario, findings)];
}

function checkThreshold(expectation: Expectation, metrics: MetricSet): Check {
  const { metric, text, at } = expectation;
  const { value } = metrics.figure(metric, at);
  return { text, passed: holds(expectation, value), found: String(value) };
}

function checkFindings({ expect, explore }: Scenario, findings: readonly Finding[]): Check[] {
  const kinds = new Set<string>(findings.map((finding) => finding.kind));
  const { must, may } = expect.findings;
  const checks = must.map((kind) => ({
    text: `finding ${kind}`,
    passed: kinds.has(kind),
    found: kinds.has(kind) ? 'reported' : 'not reported',
  }));
  const searched = explore.findings;
  const allowed = new Set([...must, ...may, ...searched.must, ...searched.may]);
  const unexpected = [...kinds].filter((kind) => !allowed.has(kind));
  const none = unexpected.length === 0;
  return [
    ...checks,
    { text: 'no other findings', passed: none, found: none ? 'none' : unexpected.join(', ') },
  ];
}
