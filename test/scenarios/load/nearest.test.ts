/**
 * The nearest valid name.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../../scenarios/load/index.ts';
import { editDistance } from '../../../scenarios/load/nearest.ts';

const OPS = [
  'spin_lock',
  'spin_unlock',
  'spin_lock_irqsave',
  'mutex_lock',
  'down',
  'up',
  'wake_up',
];

test.each([
  ['spin_lok', 'spin_lock'],
  ['spin_lock_irqsvae', 'spin_lock_irqsave'],
  ['donw', 'down'],
  ['MUTEX_LOCK', 'mutex_lock'],
  ['spin_lock_ir', 'spin_lock'],
  ['wake', 'wake_up'],
  ['u', undefined],
  ['printk', undefined],
  ['', undefined],
  ['x'.repeat(1000), undefined],
])('the nearest name to %s is %s', (got, expected) => {
  expect(nearest(got, OPS)).toBe(expected);
});

test('a name that is there is its own nearest, and the first of equals is taken', () => {
  expect(nearest('down', ['dawn', 'down'])).toBe('down');
  expect(nearest('dxwn', ['dawn', 'down'])).toBe('dawn');
});

/** The distance by its recursive definition. */
function reference(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [i, j] = [a.length - 1, b.length - 1];
  const swap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
  return Math.min(
    reference(a.slice(0, i), b) + 1,
    reference(a, b.slice(0, j)) + 1,
    reference(a.slice(0, i), b.slice(0, j)) + (a[i] === b[j] ? 0 : 1),
    swap ? reference(a.slice(0, i - 1), b.slice(0, j - 1)) + 1 : Infinity,
  );
}

test('the distance is the one of its definition', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(reference(a, b));
    }),
  );
});
