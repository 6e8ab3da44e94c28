/*
 * The exhaustive search: it says of small programs what holds in every schedule, and that it looks
 * at each state once changes nothing of what it finds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFirst, type FingerprintOf } from '../../../engine/choice/depth-first.ts';
import { guided } from '../../../engine/index.ts';
import { Program } from '../../../scenarios/explore/program.ts';
import { load, programs, scenarioText, type Text } from './programs.ts';

/** What follows from the order of events in one run, and not from a state that others reach too. */
const HISTORY = ['lock-order', 'irq-safety', 'irq-inversion', 'recursive-lock', 'data-race'];

interface Searched {
  readonly kinds: ReadonlySet<string>;
  readonly ends: ReadonlySet<number>;
  readonly runs: number;
  readonly search: DepthFirst;
}

const ALL = { preemptions: Infinity, arrivals: Infinity };

/** Every schedule within bounds; without `pruning` no state counts as known. */
function search(text: Text, bounds = ALL, pruning = true, most = 100_000): Searched {
  const perRun = { interrupts: 1, steps: 20_000, anyTimeouts: false };
  const program = new Program(load(scenarioText(text)), perRun);
  const depthFirst = new DepthFirst(bounds);
  const kinds = new Set<string>();
  const ends = new Set<number>();
  let runs = 0;
  for (let over = false; !over && runs < most;) {
    let state: FingerprintOf = () => NaN;
    const run = program.start((world) => {
      state = (known) => world().fingerprint(known);
      const walk = depthFirst.next(pruning ? state : () => NaN);
      over = walk === null;
      return walk ?? guided({ switches: [], data: [] });
    });
    if (over) break;
    runs++;
    const { findings, ending } = run.finish();
    for (const { kind } of findings) if (!HISTORY.includes(kind)) kinds.add(kind);
    if (ending === 'quiescent') ends.add(state(-1));
  }
  return { kinds, ends, runs, search: depthFirst };
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

const call = fc.constantFrom(
  'x = x + 1',
  'y = x',
  '$a = x',
  'x = $a + 1',
  'assert x < 2',
  'spin_lock A\n- y = y + 1\n- spin_unlock A',
  'spin_lock B\n- spin_lock A\n- spin_unlock A\n- spin_unlock B',
  'spin_lock A\n- spin_lock B\n- spin_unlock B\n- spin_unlock A',
  'mutex_lock M\n- x = x + 1\n- mutex_unlock M',
  'down S\n- y = 0\n- up S',
  'down S',
  'complete C',
  'wait_for_completion C',
  'wake_up q',
  'wait_event q y > 0',
  'spin_lock_irqsave A $f\n- x = 0\n- spin_unlock_irqrestore A $f',
  'read_lock R\n- $a = x\n- read_unlock R',
  'write_lock R\n- x = 5\n- write_unlock R',
);
const body = fc
  .array(call, { minLength: 1, maxLength: 2 })
  .map((calls) => `kind: kthread\n- $a = 0\n${calls.map((one) => `- ${one}`).join('\n')}`);
const handler = fc.constantFrom(
  '- x = x + 1',
  '- spin_lock A\n- y = 1\n- spin_unlock A',
  '- complete C',
  '- up S',
);
const random = fc
  .record({
    bodies: fc.array(body, { minLength: 2, maxLength: 2 }),
    handler: fc.option(handler, { nil: undefined, freq: 2 }),
    cpus: fc.constantFrom(1, 2),
    preemption: fc.constantFrom('none', 'full'),
  })
  .map(({ bodies, handler: steps, cpus, preemption }): Text => {
    const actors: Record<string, string> = {};
    for (const [i, steps] of bodies.entries()) {
      actors[`t${i}`] = steps.replace('kthread', `kthread, cpu: ${i % cpus}`);
    }
    if (steps !== undefined) {
      actors['dev'] = `kind: irq, cpu: 0, arrivals: { every: 1ms }\n${steps}`;
    }
    return {
      cpus,
      preemption,
      objects:
        'A: spinlock, B: spinlock, M: mutex, S: sem:1, C: completion, q: waitqueue, R: rwlock',
      vars: 'x: 0, y: 0',
      actors,
    };
  });

describe('a state that was seen before', () => {
  it('is left out without losing a finding or an end', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(random, (text) => {
        const whole = search(text, ALL, false, 3_000);
        fc.pre(whole.search.bounded);
        const pruned = search(text);
        expect(pruned.runs).toBeLessThanOrEqual(whole.runs);
        expect([...pruned.kinds].sort()).toEqual([...whole.kinds].sort());
        expect([...pruned.ends].sort()).toEqual([...whole.ends].sort());
      }),
      { numRuns: 25 },
    );
  });
});
