/*
 * The article's four CPU states under each kernel and preemption model: the table that a run prints
 * against what those kernels do.
 */
import { describe, expect, it } from 'vitest';
import { eras, kernelNames } from '../../../models/era.ts';
import { performArticle } from '../run/perform.ts';

type Table = readonly (readonly string[])[];

function tableOf(...overrides: readonly string[]): Table {
  const { result } = performArticle('cpu-states', overrides);
  return result.table!.rows.map((row) => row.map((cell) => cell.join('')));
}

const P = 'preempts';
const W = 'waits';

/** What each state lets in: hard interrupts, softirqs, kernel mode, user mode. */
function expected(hardirqNests: boolean, kernelGivesWay: boolean): Table {
  return [
    ['1 hard interrupt', hardirqNests ? P : W, W, W, W],
    ['2 softirq', P, W, W, W],
    ['3 kernel mode', P, P, kernelGivesWay ? P : W, kernelGivesWay ? P : W],
    ['4 user mode', P, P, P, P],
  ];
}

const cases = kernelNames.flatMap((kernel) =>
  eras[kernel].preemptionModels
    .filter((model) => ['none', 'voluntary', 'full'].includes(model))
    .map((model) => [kernel, model] as const),
);

describe.each(cases)('%s with preemption %s', (kernel, model) => {
  const nests = ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'].includes(kernel);
  const run = (point: number): Table =>
    tableOf(`kernel=${kernel}`, `machine.preemption=${model}`, `params.point=${point}`);

  it('lets handlers nest until 2.6.35, and kernel code be preempted only if full', () => {
    expect(run(0)).toEqual(expected(nests, model === 'full'));
  });

  it('gives way at might_sleep() if voluntary or full', () => {
    expect(run(1)).toEqual(expected(nests, model !== 'none'));
  });

  it('gives way at cond_resched() in every model', () => {
    expect(run(2)).toEqual(expected(nests, true));
  });
});

it('counts each of the sixteen pairs once', () => {
  const { metric } = performArticle('cpu-states');
  for (const wants of ['hardirq', 'softirq', 'kernel', 'user']) {
    for (const runs of ['hardirq', 'softirq', 'kernel', 'user']) {
      const pair = metric(`${wants}.preempts(${runs})`) + metric(`${wants}.waits(${runs})`);
      expect([wants, runs, pair]).toEqual([wants, runs, 1]);
    }
  }
});
