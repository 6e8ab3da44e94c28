import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explore, type ProgramDefinition } from '../../../scenarios/index.ts';
import { findingsUnder, schedules } from '../../../scenarios/testing/fast-check.ts';
import { matchers } from '../../../scenarios/testing/vitest.ts';
import { temporaryFolder } from '../output/temporary-folder.ts';
import { write } from '../../cli/harness.ts';
import { COUNTED, LOST_UPDATE } from '../explore/programs.ts';

expect.extend(matchers);

const counting: ProgramDefinition = {
  name: 'counting',
  setup(system) {
    const n = system.shared('n');
    for (const cpu of [0, 1]) {
      const body = function* (k: Parameters<typeof n.read>[0]) {
        yield* n.write(k, (yield* n.read(k)) + 1);
      };
      system.kthread(`t${cpu}`, body, { cpu });
    }
    system.finally('n == 2', () => n.value === 2);
  },
};

/** What a matcher says when it fails. */
function failure(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it does not fail');
}

test('a program in TypeScript is explored, and its lost update found', () => {
  const result = explore(counting);
  expect(result.kinds).toEqual(['assertion']);
  expect(result).toHaveFinding('assertion');
});

test('a failed expectation shows the report, the timeline and how to run it alone', () => {
  const text = failure(() => expect(explore(counting)).toHaveNoFindings());
  expect(text).toContain('FINDING  assertion  CONFIRMED');
  expect(text).toMatch(/^ {2}=> {3}\d .*read n$/m);
  expect(text).toMatch(/^ {4}t\d read n {2}BEFORE {2}t\d n = 1$/m);
  expect(text).toMatch(/explore\(scenario, \{ schedule: 'ls1\.\S+' \}\)/);
});

test('one schedule can be run alone', () => {
  const { findings } = explore(counting);
  const [found] = findings;
  const { schedules: runs, kinds } = explore(counting, { schedule: found!.schedule });
  expect({ runs, kinds }).toEqual({ runs: 1, kinds: ['assertion'] });
  const [flipped] = found!.constraints;
  const passing = explore(counting, { schedule: flipped!.schedule });
  expect(passing).toHaveNoFindings();
});

test('a scenario file is explored', () => {
  expect(explore(write(temporaryFolder(), LOST_UPDATE))).toHaveFinding('assertion');
  const clean = explore(write(temporaryFolder(), COUNTED), { strategy: 'dfs' });
  expect(clean).toHaveNoFindings();
  expect(clean.exhaustive).toBe(true);
  expect(failure(() => expect(clean).not.toHaveNoFindings())).toContain('expected findings');
});

test('a finding that stays away is told with what was found instead', () => {
  const result = explore(counting);
  expect(failure(() => expect(result).toHaveFinding('deadlock'))).toContain(
    'expected a finding of kind deadlock, found assertion in',
  );
});

test('fast-check shrinks a failing schedule to few switches', () => {
  const property = fc.property(
    schedules({ steps: 12 }),
    (turns) => findingsUnder(counting, turns).length === 0,
  );
  const { failed, counterexample } = fc.check(property, { seed: 1, numRuns: 500 });
  expect(failed).toBe(true);
  expect(counterexample![0].length).toBeLessThanOrEqual(2);
});
