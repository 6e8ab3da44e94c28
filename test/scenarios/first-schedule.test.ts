/*
 * What can be told from the order of locks and from contexts does not take a lucky schedule: the
 * first one shows it. Of the shipped bugs.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FindingKind } from '../../models/checks/findings.ts';
import { huntOf } from '../../scenarios/explore/settings.ts';
import { formatDiagnostic, loadFile } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';

const scenarios = join(import.meta.dirname, '../../scenarios');
const bugs = ['bugs', 'article/bugs'].flatMap((folder) =>
  readdirSync(join(scenarios, folder))
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('-fixed.yaml'))
    .map((file) => `${folder}/${file}`),
);
const RUNS = 10;
const SEEN_AT_ONCE: readonly FindingKind[] = ['sleep-in-atomic', 'irq-state-leak', 'preempt-leak'];

/** Which of the two the validator names depends on whether the irq or the other lock came last. */
function family(kind: FindingKind): FindingKind {
  return kind === 'irq-inversion' ? 'irq-safety' : kind;
}

/** By kind: the schedule that showed it first. */
function firstSeen(file: string): Map<string, number> {
  const result = loadFile(join(scenarios, file), registry);
  if (!result.ok) throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  const hunt = huntOf(result.loaded, { runs: RUNS });
  while (!hunt.over) hunt.advance();
  const seen = new Map<string, number>();
  for (const { finding, run } of hunt.found) {
    const { kind, verdict } = finding;
    if (verdict !== 'PREDICTED' && !SEEN_AT_ONCE.includes(kind)) continue;
    if (!seen.has(family(kind))) seen.set(family(kind), run);
  }
  return seen;
}

it('each kind that is predicted at all is predicted in the first schedule', () => {
  const late: string[] = [];
  let seen = 0;
  for (const file of bugs) {
    for (const [kind, run] of firstSeen(file)) {
      seen++;
      if (run > 1) late.push(`${file}: ${kind} in schedule ${run}`);
    }
  }
  expect(late).toEqual([]);
  expect(seen).toBeGreaterThan(10);
});
