/*
 * Searches in order, held to looking at everything.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstAfter, firstFrom, nextFrom } from '../../../scenarios/report/browser/sorted.ts';

const sorted = fc
  .array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 })
  .map((values) => values.sort((a, b) => a - b));

test('the first that is not less, and the first that is greater', () => {
  fc.assert(
    fc.property(sorted, fc.integer({ min: -1, max: 31 }), fc.nat(40), (values, value, from) => {
      const low = Math.min(from, values.length);
      const find = (is: (one: number) => boolean): number => {
        const index = values.findIndex((one, i) => i >= low && is(one));
        return index < 0 ? values.length : index;
      };
      expect(firstFrom(values, value, low)).toBe(find((one) => one >= value));
      expect(nextFrom(values, value, low)).toBe(find((one) => one >= value));
      expect(firstAfter(values, value, low)).toBe(find((one) => one > value));
    }),
  );
});
