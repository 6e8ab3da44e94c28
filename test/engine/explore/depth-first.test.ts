/*
 * The exhaustive search: it says of small programs what holds in every schedule, and that it looks
 * at each state once changes nothing of what it finds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFirst } from '../../../engine/choice/depth-first.ts';
import { programs, type Text } from './programs.ts';
import { randomProgram } from './random-programs.ts';
import { walk, type Walked } from './walk.ts';

const ALL = { preemptions: Infinity, arrivals: Infinity };

interface Searched extends Walked {
  readonly search: DepthFirst;
}

/** Every schedule within bounds; without `pruning` no state counts as known. */
function search(text: Text, bounds = ALL, pruning = true, most = 100_000): Searched {
  const depthFirst = new DepthFirst(bounds);
  const walked = walk(text, most, (place) =>
    depthFirst.next((known) => (pruning ? place().fingerprint(known) : NaN)),
  );
  return { ...walked, search: depthFirst };
}

const expected: Readonly<Record<string, string>> = {
  abba: 'deadlock',
  cycle3: 'deadlock',
  irqself: 'self-deadlock',
  rwrec: 'deadlock',
  lostupd: 'assertion',
  sleepon: 'hang',
  'reorder-3': 'assertion',
  'reorder-5': 'assertion',
  wronglock: 'assertion',
  twostage: 'assertion',
  bluetooth: 'assertion',
};

describe.each(Object.entries(programs))('of %s', (name, { wrong, right }) => {
  it('finds what is wrong with it in some schedule', () => {
    expect(search(wrong).kinds).toContain(expected[name]);
  });

  it('finds nothing in any schedule when it is repaired, and says that it saw all', () => {
    const { kinds, search: done } = search(right);
    expect([...kinds]).toEqual([]);
    expect(done.bounded).toBe(true);
    expect(done.cut).toBe(false);
  });
});

describe('a search with bounds', () => {
  it('leaves out what needs more preemptions, and says so', () => {
    const none = search(programs['lostupd']!.wrong, { preemptions: 0, arrivals: 0 }, false);
    expect([...none.kinds]).toEqual([]);
    expect(none.search.bounded).toBe(true);
    expect(none.search.cut).toBe(true);
    const one = search(programs['lostupd']!.wrong, { preemptions: 1, arrivals: 0 }, false);
    expect(one.kinds).toContain('assertion');
  });

  it('visits more with each preemption more', () => {
    const runs = [0, 1, 2].map(
      (preemptions) =>
        search(programs['reorder-3']!.wrong, { preemptions, arrivals: 0 }, false).runs,
    );
    expect(runs[1]).toBeGreaterThan(runs[0]!);
    expect(runs[2]).toBeGreaterThan(runs[1]!);
  });

  it('goes on past the bounds while a program is small', () => {
    const { kinds, search: done } = search(programs['lostupd']!.wrong, {
      preemptions: 0,
      arrivals: 0,
    });
    expect(kinds).toContain('assertion');
    expect(done.cut).toBe(false);
  });
});

/** What follows from the order of events in one run, and not from a state that others reach too. */
const HISTORY = ['lock-order', 'irq-safety', 'irq-inversion', 'recursive-lock', 'data-race'];

function ofStates({ kinds }: Searched): string[] {
  return [...kinds].filter((kind) => !HISTORY.includes(kind)).sort();
}

describe('a state that was seen before', () => {
  it('is left out without losing a finding or an end', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(randomProgram, (text) => {
        const whole = search(text, ALL, false, 3_000);
        fc.pre(whole.search.bounded);
        const pruned = search(text);
        expect(pruned.runs).toBeLessThanOrEqual(whole.runs);
        expect(ofStates(pruned)).toEqual(ofStates(whole));
        expect([...pruned.ends].sort()).toEqual([...whole.ends].sort());
      }),
      { numRuns: 25 },
    );
  });
});
