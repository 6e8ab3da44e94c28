/*
 * `expect`: thresholds on figures of the run, and findings that must or must not appear.
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { Scenario } from '../load/schema.ts';
import { nearest } from '../load/nearest.ts';
import type { MetricSet } from './metrics.ts';
import type { Check } from './result.ts';

/** A threshold names a figure that the run does not have: an error, never a pass. */
export class UnknownMetric extends Error {
  override readonly name = 'UnknownMetric';
}

const THRESHOLD = /^\s*(\S+?)\s*(==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*(ns|us|ms|s)?\s*$/;
const NS: Readonly<Record<string, number>> = { ns: 1, us: 1000, ms: 1_000_000, s: 1_000_000_000 };

export interface Threshold {
  readonly metric: string;
  readonly operator: string;
  readonly limit: number;
}

/** `netlink.lost == 0`, `cpu.hardirq[0] < 5ms`; null if it is no threshold. */
export function parseThreshold(text: string): Threshold | null {
  const match = THRESHOLD.exec(text);
  if (match === null) return null;
  const [, metric, operator, number, unit] = match;
  const factor = unit === undefined ? 1 : NS[unit]!;
  return { metric: metric!, operator: operator!, limit: Number(number) * factor };
}

function holds({ operator, limit }: Threshold, value: number): boolean {
  switch (operator) {
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
    case '<=':
      return value <= limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    default:
      return value > limit;
  }
}

/** All checks of the scenario, in their order. A finding that nobody expects fails the run. */
export function checkAll(
  expect: Scenario['expect'],
  metrics: MetricSet,
  findings: readonly Finding[],
): Check[] {
  const thresholds = expect.that.map((text) => checkThreshold(text, metrics));
  return [...thresholds, ...checkFindings(expect.findings, findings)];
}

function checkThreshold(text: string, metrics: MetricSet): Check {
  const threshold = parseThreshold(text);
  if (threshold === null) {
    throw new UnknownMetric(
      `expected a threshold such as 'netlink.lost == 0' in expect, got '${text}'`,
    );
  }
  const value = metrics.get(threshold.metric);
  if (value === undefined) {
    const suggestion = nearest(threshold.metric, metrics.keys());
    const hint = suggestion === undefined ? '' : ` (did you mean '${suggestion}'?)`;
    throw new UnknownMetric(`the run has no metric '${threshold.metric}'${hint}`);
  }
  return { text, passed: holds(threshold, value), found: String(value) };
}

function checkFindings(
  expected: Scenario['expect']['findings'],
  findings: readonly Finding[],
): Check[] {
  const kinds = new Set(findings.map((finding) => finding.kind));
  const checks = expected.must.map((kind) => ({
    text: `finding ${kind}`,
    passed: kinds.has(kind),
    found: kinds.has(kind) ? 'reported' : 'not reported',
  }));
  const allowed = new Set(expected.must);
  const unexpected = [...kinds].filter((kind) => !allowed.has(kind));
  const none = unexpected.length === 0;
  return [
    ...checks,
    { text: 'no other findings', passed: none, found: none ? 'none' : unexpected.join(', ') },
  ];
}
