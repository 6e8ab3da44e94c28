/*
 * Our CSV, read as others read it.
 */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from '../../../scenarios/output/tables.ts';
import { parseCsv } from '../../../scenarios/report/csv.ts';

const cell = fc.string({
  unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'ä', '\r'),
  maxLength: 5,
});

test('any cells come out as csv-parse has them', () => {
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, (cells) => {
      const text = csv(['one', 'two'], cells);
      const read = parse(text, { columns: true, record_delimiter: '\n' });
      expect(parseCsv(text)).toEqual({ columns: ['one', 'two'], rows: read });
    }),
  );
});

test('an empty file has no rows', () => {
  expect(parseCsv('')).toEqual({ columns: [], rows: [] });
});
