/** Texts as numbers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextTable } from '../../../engine/trace/text-table.ts';
import { anyText } from './recorder.ts';

test('the empty text is 0, and new texts count up from 1', () => {
  const table = new TextTable();
  expect(table.intern('')).toBe(0);
  expect([table.intern('a'), table.intern('b'), table.intern('a')]).toEqual([1, 2, 1]);
  expect(table.size).toBe(3);
});

test('a text and its id stand for each other', () => {
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      const table = new TextTable();
      const ids = texts.map((text) => table.intern(text));
      expect(ids.map((id) => table.text(id))).toEqual(texts);
      expect(new Set(ids).size).toBe(new Set(texts).size);
      expect(table.size).toBe(new Set(['', ...texts]).size);
    }),
  );
});

test('names that every object has are texts like any other', () => {
  const table = new TextTable();
  expect(table.text(table.intern('__proto__'))).toBe('__proto__');
  expect(table.intern('constructor')).toBe(2);
});

test.each([1, -1, 0.5, NaN])('no text has the id %d', (id) => {
  expect(() => new TextTable().text(id)).toThrow(`no text has the id ${id}`);
});

test('a table that goes on from another keeps its ids, and changes nothing there', () => {
  const first = new TextTable();
  first.intern('a');
  const [known, later] = [first.known(), first.intern('later')];
  const [second, third] = [new TextTable(known), new TextTable(known)];
  expect([second.intern('a'), second.intern('b'), second.text(1)]).toEqual([1, 2, 'a']);
  expect([third.intern('c'), third.size, later, first.size]).toEqual([2, 3, 2, 3]);
  expect(new TextTable(second.known()).intern('b')).toBe(2);
});
