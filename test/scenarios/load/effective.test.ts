/**
 * The effective scenario: it loads again to the same scenario, whatever the scenario was.
 */
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { scenario } from './arbitrary.ts';
import { load } from './helpers.ts';

test('the effective scenario loads to the same scenario, and is its own effective form', () => {
  fc.assert(
    fc.property(scenario, (written) => {
      const first = load(stringify(written));
      const second = load(first.effective);
      expect(second.effective).toBe(first.effective);
      expect(second.scenario).toEqual(first.scenario);
      expect(second.actors.map(({ name, spec }) => [name, spec])).toEqual(
        first.actors.map(({ name, spec }) => [name, spec]),
      );
    }),
    { numRuns: 200 },
  );
});

test('an override changes the effective scenario as a change of the file does', () => {
  const file = (hz: number) => `name: o\nmachine: { hz: ${hz} }\nactors: {}\nuntil: 3jiffies\n`;
  expect(load(file(100), ['machine.hz=250']).effective).toBe(load(file(250)).effective);
});
