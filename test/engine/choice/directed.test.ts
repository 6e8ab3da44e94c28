/*
 * The directed search: after the ordinary run it holds one actor back for another, where that makes
 * an order that was not seen.
 */
import { describe, expect, it } from 'vitest';
import { Reordering } from '../../../engine/index.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { load, programs, scenarioText } from '../explore/programs.ts';

/** Runs until `kind` is found; Infinity if it is not. */
function runsUntil(kind: string, name: string, seed: string): number {
  const loaded = load(scenarioText(programs[name]!.wrong));
  const search = new Reordering(seed);
  for (let run = 0; run < 200; run++) {
    const explored = { interrupts: 1, steps: 20_000, anyTimeouts: false };
    const findings = new ScenarioRun(loaded, { strategy: search.next(run), explored }).end();
    if (findings.some((finding) => finding.kind === kind)) return run + 1;
  }
  return Infinity;
}

describe('what the ordinary run did in one order', () => {
  it.each([
    ['reorder-3', 'assertion', 20],
    ['reorder-5', 'assertion', 20],
    ['bluetooth', 'assertion', 3],
    ['sleepon', 'hang', 4],
    ['abba', 'deadlock', 6],
    ['lostupd', 'assertion', 3],
  ])('of %s, the other order shows the %s within %i runs', (name, kind, most) => {
    for (const seed of ['1', '2', '3', '4', '5']) {
      expect(runsUntil(kind, name, seed)).toBeLessThanOrEqual(most);
    }
  });
});

it('the same seed gives the same runs', () => {
  expect(runsUntil('deadlock', 'cycle3', 'a')).toBe(runsUntil('deadlock', 'cycle3', 'a'));
});
