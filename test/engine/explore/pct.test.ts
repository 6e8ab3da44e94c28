/*
 * PCT keeps its promise: with n actors and k steps, as this explorer counts them, a bug of depth d
 * shows in one run with probability 1/(n k^(d-1)) at least.
 */
import { describe, expect, it } from 'vitest';
import { Sampler } from '../../../engine/index.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { load, programs, scenarioText } from './programs.ts';

const RUNS = 600;

const bugs: readonly (readonly [name: string, kind: string, depth: number])[] = [
  ['abba', 'deadlock', 2],
  ['cycle3', 'deadlock', 2],
  ['irqself', 'self-deadlock', 2],
  ['lostupd', 'assertion', 2],
  ['sleepon', 'hang', 2],
  ['reorder-3', 'assertion', 2],
  ['reorder-5', 'assertion', 2],
  ['twostage', 'assertion', 2],
  ['bluetooth', 'assertion', 2],
];

describe.each(bugs)('%s', (name, kind, depth) => {
  it(`shows a ${kind} at least as often as depth ${depth} promises`, () => {
    const loaded = load(scenarioText(programs[name]!.wrong));
    const actors = loaded.actors.length;
    const sampler = new Sampler('pct', `pct/${name}`, depth);
    let hits = 0;
    let steps = 0;
    for (let i = 0; i < RUNS; i++) {
      const explored = { interrupts: 1, steps: 20_000, anyTimeouts: false };
      const run = new ScenarioRun(loaded, { strategy: sampler.next(i), explored });
      if (run.end().some((finding) => finding.kind === kind)) hits++;
      steps = Math.max(steps, run.world.machine.exploration!.picks);
    }
    const bound = 1 / (actors * steps ** (depth - 1));
    const deviation = Math.sqrt((bound * (1 - bound)) / RUNS);
    expect(hits / RUNS).toBeGreaterThanOrEqual(bound - 3 * deviation);
  });
});

it('with depth 1 the first of two actors is either one, whatever the seeds', () => {
  const loaded = load(
    scenarioText({
      vars: 'first: 0',
      actors: {
        a: 'kind: kthread\n- if: first == 0\n  then: [ first = 1 ]',
        b: 'kind: kthread\n- if: first == 0\n  then: [ first = 2 ]',
      },
    }),
  );
  const runs = 4_000;
  let first = 0;
  for (let i = 0; i < runs; i++) {
    const strategy = new Sampler('pct', String(i), 1).next(0);
    const run = new ScenarioRun(loaded, {
      strategy,
      explored: { interrupts: 0, steps: 1_000, anyTimeouts: false },
    });
    run.end();
    if (run.world.variables[0]!.values[0] === 1) first++;
  }
  expect(Math.abs(first / runs - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / runs));
});
