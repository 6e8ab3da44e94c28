/*
 * Partial-order reduction leaves out schedules and nothing else: what a search of all schedules
 * finds, it finds, and where that ends it ends, also what follows from the order of events and not
 * from the state.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFirst } from '../../../engine/choice/depth-first.ts';
import { Dpor } from '../../../engine/index.ts';
import { insightOf } from '../../../scenarios/explore/insight.ts';
import { programs, type Text } from './programs.ts';
import { randomProgram } from './random-programs.ts';
import { walk, type Walked } from './walk.ts';

const ALL = { preemptions: Infinity, arrivals: Infinity };

function reduced(text: Text): Walked & { readonly cut: boolean } {
  const dpor = new Dpor();
  const walked = walk(text, 100_000, (place) => dpor.next(insightOf(place)));
  return { ...walked, cut: dpor.cut };
}

function whole(text: Text, most: number): Walked {
  const search = new DepthFirst(ALL);
  return walk(text, most, () => search.next(() => NaN));
}

const SMALL = Object.entries(programs).filter(
  ([name]) => !['wronglock', 'reorder-5'].includes(name),
);

describe.each(SMALL)('of %s', (_name, { wrong, right }) => {
  it.each([
    ['wrong', wrong],
    ['right', right],
  ])('%s, it finds what a search of all schedules finds', { timeout: 120_000 }, (_, text) => {
    const all = whole(text, 30_000);
    const some = reduced(text);
    expect({ over: some.over, cut: some.cut }).toEqual({ over: true, cut: false });
    if (!all.over) return;
    expect(some.runs).toBeLessThanOrEqual(all.runs);
    expect([...some.kinds].sort()).toEqual([...all.kinds].sort());
    expect([...some.ends].sort()).toEqual([...all.ends].sort());
  });
});

it('of independent steps it leaves most orders out: only how a thread ends concerns all', () => {
  const apart: Text = {
    vars: 'x: 0, y: 0',
    actors: {
      a: 'kind: kthread\n- x = 1\n- x = 2\n- x = 3',
      b: 'kind: kthread\n- y = 1\n- y = 2\n- y = 3',
    },
  };
  expect(whole(apart, 100).runs).toBe(20);
  expect(reduced(apart).runs).toBeLessThanOrEqual(6);
});

it('an interrupt that another CPU takes away has its turn before', () => {
  const { kinds, over } = reduced({
    objects: 'o: { type: mem, state: live }',
    vars: 'x: 0',
    cpus: 2,
    actors: {
      dev: 'kind: irq, cpu: 0, arrivals: { at: [0s] }\n- deref o',
      rm: 'kind: user, cpu: 1\n- kfree o\n- free_irq dev',
    },
  });
  expect({ kinds: [...kinds], over }).toEqual({ kinds: ['use-after-free'], over: true });
});

describe('of random programs', () => {
  it('it finds what a search of all schedules finds', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(randomProgram, (text) => {
        const all = whole(text, 3_000);
        fc.pre(all.over);
        const some = reduced(text);
        expect(some.over).toBe(true);
        expect(some.runs).toBeLessThanOrEqual(all.runs);
        expect([...some.kinds].sort()).toEqual([...all.kinds].sort());
        expect([...some.ends].sort()).toEqual([...all.ends].sort());
      }),
      { numRuns: 20 },
    );
  });
});
