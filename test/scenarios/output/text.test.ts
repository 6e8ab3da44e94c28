import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDuration,
  formatNumber,
  formatPercent,
  formatProgress,
  formatShort,
  plural,
  printable,
  table,
} from '../../../scenarios/output/text.ts';

test('numbers have a comma between thousands and none in their fraction', () => {
  expect([0, 999, 1000, 1234567, -1234, 1234.5678].map(formatNumber)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '-1,234',
    '1,234.5678',
  ]);
});

test('a number without its commas is the number', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      expect(Number(formatNumber(n).replaceAll(',', ''))).toBe(n);
    }),
  );
});

test('durations are in the largest unit of which there is at least one', () => {
  const given = [0, 999, 1000, 412_600, 3_214_000, 60_000_000_000, 12_345_678_000_000];
  expect(given.map(formatDuration)).toEqual([
    '0 ns',
    '999 ns',
    '1 us',
    '412.6 us',
    '3.214 ms',
    '60 s',
    '12,346 s',
  ]);
});

test('progress is in the unit of the whole', () => {
  expect(formatProgress(3_200_000_000, 10_000_000_000)).toBe('3.2/10 s');
  expect(formatProgress(50, 900)).toBe('50/900 ns');
});

test('rates, shares and counts are short', () => {
  expect([950, 41_234, 410_321, 999_499, 1_300_000].map(formatShort)).toEqual([
    '950',
    '41.2k',
    '410k',
    '999k',
    '1.3M',
  ]);
  expect([formatPercent(1, 8), formatPercent(0, 0)]).toEqual(['12.50%', '0.00%']);
  expect([plural(1, 'row'), plural(0, 'row'), plural(9431, 'row')]).toEqual([
    '1 row',
    '0 rows',
    '9,431 rows',
  ]);
});

test('nothing that a terminal obeys is printed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }),
  );
  expect(printable('a\u001b[2Jb\n')).toBe('a\\u001b[2Jb\\u000a');
});

test('numbers stand to the right of their column and words to the left', () => {
  const columns = [{ title: 'LOCK' }, { title: 'type' }, { title: 'acquired', right: true }];
  expect(
    table(columns, [
      ['a', 'mutex', '1,200'],
      ['längere', 'rwlock', '3'],
    ]),
  ).toEqual([
    'LOCK       type    acquired',
    '  a        mutex      1,200',
    '  längere  rwlock         3',
  ]);
});
