import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TraceParser } from '../../../scenarios/analysis/trace-parser.ts';
import { HEADER, type TraceRow } from '../../../scenarios/analysis/trace-row.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a', '\r'), maxLength: 6 }),
);
const maybe = fc.option(fc.maxSafeInteger(), { nil: '' });
const row = fc.tuple(
  fc.maxSafeNat(),
  fc.maxSafeNat(),
  fc.option(fc.nat(64), { nil: '' }),
  text,
  fc.option(fc.nat(), { nil: '' }),
  text,
  text,
  fc.string({ minLength: 1, unit: fc.constantFrom('a', '_', 'Z', ',', '"') }),
  text,
  maybe,
  text,
);

function written(rows: readonly (readonly (string | number)[])[]): string {
  const lines = stringify(
    rows.map((one) => [...one]),
    { quote_record_delimiter: true },
  );
  return `${HEADER}\n${lines}`;
}

function parsed(bytes: Uint8Array, blockBytes: number): string[][] {
  const rows: string[][] = [];
  const parser = new TraceParser((one) => void rows.push(fieldsOf(one)));
  for (let at = 0; at < bytes.length; at += blockBytes) {
    parser.push(bytes.subarray(at, at + blockBytes));
  }
  parser.finish();
  return rows;
}

function fieldsOf(one: TraceRow): string[] {
  const { seq, timeNs, cpu, context, pid, comm, flags, event, object, value, detail } = one;
  const number = (n: number): string => (Number.isNaN(n) ? '' : String(n));
  return [
    ...[seq, timeNs].map(String),
    cpu === -1 ? '' : String(cpu),
    context,
    pid === -1 ? '' : String(pid),
    ...[comm, flags, event, object, number(value), detail],
  ];
}

test('what csv-stringify writes is read as csv-parse reads it, whatever the blocks are', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 90 }), (rows, size) => {
      const csv = written(rows);
      const expected = parse(csv, { from_line: 2, record_delimiter: '\n' });
      expect(parsed(Buffer.from(csv), size)).toEqual(expected);
    }),
  );
});

test('columns that a later version appends are passed over', () => {
  const csv = `${HEADER},more\n1,5,0,idle,0,swapper/0,.....,log,"a, b",-3,,"x,y"\n`;
  expect(parsed(Buffer.from(csv), 7)).toEqual([
    ['1', '5', '0', 'idle', '0', 'swapper/0', '.....', 'log', 'a, b', '-3', ''],
  ]);
});

test.each([
  ['an empty file', '', 'line 1 of the trace is missing: the file is empty'],
  ['another header', 'a,b\n1,2\n', 'line 1 of the trace is not the header of a trace: a,b'],
  ['a cut row', `${HEADER}\n1,5,0,idle`, 'line 2 of the trace is cut off'],
  ['a row cut in quotes', `${HEADER}\n1,5,0,idle,0,c,.,log,"a\n`, 'line 2 of the trace is cut off'],
  [
    'a word for a number',
    `${HEADER}\nx,5,0,idle,0,c,.,log,,,\n`,
    'line 2 of the trace has a field that should be an integer',
  ],
])('%s is told by its line', (_what, csv, message) => {
  expect(() => parsed(Buffer.from(csv), 1000)).toThrow(message);
});
