import { expect, test } from 'vitest';
import { Distribution } from '../../../scenarios/analysis/distribution.ts';

function of(...values: number[]): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

test('a percentile is the least value that so many of a hundred do not exceed', () => {
  const ten = of(100, 20, 30, 40, 50, 60, 70, 80, 90, 10);
  expect([0, 1, 10, 11, 50, 51, 90, 99, 100].map((part) => ten.percentile(part))).toEqual([
    10, 10, 10, 20, 50, 60, 90, 100, 100,
  ]);
});

test('of one value everything is that value, of none it is 0', () => {
  const one = of(7);
  expect([one.min, one.mean, one.percentile(50), one.max]).toEqual([7, 7, 7, 7]);
  const none = of();
  expect([none.min, none.mean, none.percentile(50), none.max]).toEqual([0, 0, 0, 0]);
});

test('values that come after a look are counted in their place', () => {
  const some = of(5, 1);
  expect(some.min).toBe(1);
  for (const value of [9, 3]) some.add(value);
  expect([some.min, some.percentile(50), some.max, some.total]).toEqual([1, 3, 9, 18]);
});

test('a histogram has a bar for each power of two between the least value and the greatest', () => {
  expect(of(0, 5, 4, 7, 16).histogram()).toEqual([
    { from: 0, to: 1, count: 1 },
    { from: 1, to: 2, count: 0 },
    { from: 2, to: 4, count: 0 },
    { from: 4, to: 8, count: 3 },
    { from: 8, to: 16, count: 0 },
    { from: 16, to: 32, count: 1 },
  ]);
  expect(of(6).histogram()).toEqual([{ from: 4, to: 8, count: 1 }]);
  expect(of().histogram()).toEqual([]);
});
