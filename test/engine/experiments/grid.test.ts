import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Grid, isOf, share } from '../../../engine/experiments/grid.ts';

test('the last axis changes fastest, and the seed within a point', () => {
  const axes = [
    { path: 'a', values: ['1', '2'] },
    { path: 'b', values: ['x', 'y', 'z'] },
  ];
  const grid = new Grid(axes, ['7', '8']);
  expect([grid.points, grid.runs]).toEqual([6, 12]);
  const runs = Array.from({ length: grid.runs }, (_, run) =>
    [...grid.valuesAt(grid.pointOf(run)), grid.seedOf(run)].join(''),
  );
  expect(runs.join(' ')).toBe('1x7 1x8 1y7 1y8 1z7 1z8 2x7 2x8 2y7 2y8 2z7 2z8');
});

test('without an axis there is one point', () => {
  const grid = new Grid([], ['1', '2', '3']);
  expect([grid.points, grid.runs, grid.valuesAt(0)]).toEqual([1, 3, []]);
});

test('every run belongs to exactly one of the shards, and shares differ by one at most', () => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 20 }), (runs, of) => {
      const counts = Array.from({ length: of }, (_, i) => {
        const shard = { index: i + 1, of };
        const own = Array.from({ length: runs }, (_, run) => run).filter((run) => isOf(shard, run));
        expect(share(shard, runs)).toBe(own.length);
        return own.length;
      });
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(runs);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
