/*
 * PCT keeps its promise: with n actors and k steps, as this explorer counts them, a bug of depth d
 * shows in one run with probability 1/(n k^(d-1)) at least.
 */
import { describe, expect, it } from 'vitest';
import { Sampler, type Strategy } from '../../../engine/index.ts';
import { ScenarioRun } from '../../../scenarios/run/run.ts';
import { load, programs, scenarioText, type Text } from './programs.ts';

const RUNS = 600;

/** The softirq of an interrupt checks, another CPU frees, and the softirq goes on. */
const AFTER_RELEASE: Text = {
  cpus: 2,
  objects: 'sk: { type: mem, state: live }',
  vars: 'up: 1',
  actors: {
    'note-irq': 'kind: irq, cpu: 0, arrivals: { at: [0s] }\n- raise_softirq NET_RX',
    note: 'kind: softirq, cpu: 0, vector: NET_RX\n- if: up == 1\n  then: [ deref sk ]',
    exit: 'kind: user, cpu: 1\n- up = 0\n- kfree sk',
  },
};

/** Who comes second to the CPU never gets there: that depends on one order, of three. */
const SPIN_ON_FLAG: Text = {
  cpus: 1,
  preemption: 'full',
  vars: 'flag: 0',
  actors: {
    spin: `kind: kthread, cpu: 0
- preempt_disable
- while: flag == 0
  do: [ cpu_relax ]
- preempt_enable`,
    set: 'kind: kthread, cpu: 0\n- flag = 1',
  },
};

interface Bug {
  readonly name: string;
  readonly kind: string;
  readonly depth: number;
  /** One of the small programs if left out. */
  readonly text?: Text;
}

const bugs: readonly Bug[] = [
  { name: 'abba', kind: 'deadlock', depth: 2 },
  { name: 'cycle3', kind: 'deadlock', depth: 2 },
  { name: 'irqself', kind: 'self-deadlock', depth: 2 },
  { name: 'lostupd', kind: 'assertion', depth: 2 },
  { name: 'sleepon', kind: 'hang', depth: 2 },
  { name: 'reorder-3', kind: 'assertion', depth: 2 },
  { name: 'reorder-5', kind: 'assertion', depth: 2 },
  { name: 'twostage', kind: 'assertion', depth: 2 },
  { name: 'bluetooth', kind: 'assertion', depth: 2 },
  { name: 'use after release', kind: 'use-after-free', depth: 2, text: AFTER_RELEASE },
  { name: 'spin on flag', kind: 'livelock', depth: 1, text: SPIN_ON_FLAG },
];

/** Who gets a priority is an actor: also the preemption of a CPU. */
function counting(strategy: Strategy, actors: Set<number>): Strategy {
  return {
    ...strategy,
    pick(moves) {
      for (const { actor } of moves) actors.add(actor);
      return strategy.pick!(moves);
    },
  };
}

describe.each(bugs)('$name', ({ name, kind, depth, text }) => {
  it(`shows a ${kind} at least as often as depth ${depth} promises`, () => {
    const loaded = load(scenarioText(text ?? programs[name]!.wrong));
    const actors = new Set<number>();
    const sampler = new Sampler('pct', `pct/${name}`, depth);
    let hits = 0;
    let steps = 0;
    for (let i = 0; i < RUNS; i++) {
      const explored = { interrupts: 1, steps: 1_000, anyTimeouts: false };
      const strategy = counting(sampler.next(i), actors);
      const run = new ScenarioRun(loaded, { strategy, explored });
      if (run.end().some((finding) => finding.kind === kind)) hits++;
      steps = Math.max(steps, run.world.machine.exploration!.picks);
    }
    const bound = 1 / (actors.size * steps ** (depth - 1));
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
