/**
 * Durations: exact, and the same after they have been written out.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration } from '../../../scenarios/load/index.ts';
import { parseDuration } from '../../../scenarios/load/duration.ts';

test.each([
  ['0ns', 0],
  ['10us', 10_000],
  ['1.5ms', 1_500_000],
  ['60s', 60_000_000_000],
  ['2min', 120_000_000_000],
  ['1h', 3_600_000_000_000],
  ['3jiffies', 12_000_000],
  ['0.000000001s', 1],
  ['0.1us', 100],
  ['1.005ms', 1_005_000],
  ['9007199254740991ns', 2 ** 53 - 1],
  ['5', undefined],
  ['5 ms', undefined],
  ['-5ms', undefined],
  ['5msec', undefined],
])('%s is %s nanoseconds', (text, ns) => {
  expect(parseDuration(text, 250)).toBe(ns);
});

test.each([
  ['1.5ns', '1.5ns is not a whole number of nanoseconds'],
  ['1.5jiffies', 'jiffies are whole'],
  ['9007199254740992ns', '9007199254740992ns is too long'],
  ['3000000h', '3000000h is too long'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseDuration(text, 250)).toThrow(message);
});

test('a duration that is written out is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ns) => {
      expect(parseDuration(formatDuration(ns), 1000)).toBe(ns);
    }),
  );
});
