import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeChoices, encodeChoices } from '../../../scenarios/output/choices.ts';

test('choices come back from their text', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3)), (choices) => {
      expect(decodeChoices(encodeChoices(choices))).toEqual(choices);
    }),
  );
});

test('the same choice over and over is one word', () => {
  expect(encodeChoices([...Array<number>(412).fill(0), 1, 0, 0])).toBe('0*412 1 0*2');
});

test('a damaged text is refused', () => {
  for (const text of ['x', '1*', '1  2', '-1', '0*999999999']) {
    expect(() => decodeChoices(text), text).toThrow();
  }
});
