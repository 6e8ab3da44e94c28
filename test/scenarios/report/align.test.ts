/*
 * Two lists side by side.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../../scenarios/report/align.ts';

const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });

function common(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [, ...restA] = a;
  const [, ...restB] = b;
  if (a[0] === b[0]) return 1 + common(restA, restB);
  return Math.max(common(restA, b), common(a, restB));
}

describe('aligned lists', () => {
  it('have all of both in order, and only what is the same in one row', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const pairs = align(a, b);
        expect(pairs.filter(([i]) => i >= 0).map(([i]) => a[i])).toEqual(a);
        expect(pairs.filter(([, j]) => j >= 0).map(([, j]) => b[j])).toEqual(b);
        for (const [i, j] of pairs) if (i >= 0 && j >= 0) expect(a[i]).toBe(b[j]);
      }),
    );
  });

  it('have as much in common rows as there is', () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const rows = align(a, b).filter(([i, j]) => i >= 0 && j >= 0).length;
        expect(rows).toBe(common(a, b));
      }),
      { numRuns: 50 },
    );
  });
});
