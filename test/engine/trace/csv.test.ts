/** The CSV: the bytes csv-stringify would write, and what a reader of CSV makes of them. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CSV_COLUMNS } from '../../../engine/trace/csv.ts';
import { anyRow, anyText, flagsText, plainRow, Recorder, referenceCsv } from './recorder.ts';

const HEADER = 'seq,time_ns,cpu,context,pid,comm,flags,event,object,value,detail\n';

test('a trace without rows is its header', () => {
  expect(new Recorder().csv()).toBe(HEADER);
});

test('flushing again adds nothing', () => {
  const recorder = new Recorder();
  recorder.record(plainRow);
  const once = recorder.csv();
  expect(recorder.csv()).toBe(once);
});

test('a plain row', () => {
  const recorder = new Recorder();
  recorder.record({ ...plainRow, flags: 1, detail: 'a=1 b=2' });
  expect(recorder.csv()).toBe(`${HEADER}1,1000,0,kernel,7,worker,f1,start,lock,5,a=1 b=2\n`);
});

test('what is missing is an empty field', () => {
  const recorder = new Recorder();
  recorder.record({ ...plainRow, cpu: -1, pid: -1, comm: '', object: '', value: NaN });
  expect(recorder.csv()).toBe(`${HEADER}1,1000,,kernel,,,,start,,,\n`);
});

test('-1 is a value like any other, and -0 is 0', () => {
  const recorder = new Recorder();
  recorder.record({ ...plainRow, value: -1 });
  recorder.record({ ...plainRow, value: -0 });
  const values = recorder
    .csv()
    .split('\n')
    .map((line) => line.split(',')[9]);
  expect(values.slice(1, 3)).toEqual(['-1', '0']);
});

describe('numbers', () => {
  test('every power of ten and its neighbours is written in full', () => {
    const recorder = new Recorder();
    const numbers = [0, Number.MAX_SAFE_INTEGER];
    for (let power = 1; power < 1e16; power *= 10) numbers.push(power - 1, power, power + 1);
    const safe = numbers.filter((n) => Number.isSafeInteger(n));
    for (const timeNs of safe) recorder.record({ ...plainRow, timeNs, value: -timeNs });
    const rows = recorder
      .csv()
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(','));
    expect(rows.map((row) => row[1])).toEqual(safe.map(String));
    expect(rows.map((row) => row[9])).toEqual(safe.map((n) => String(0 - n)));
  });

  test('the last nanosecond before each of many seconds keeps its second', () => {
    // Where n / 10^9 is nearest to the next integer without being one: the seconds from 2^23 on.
    const recorder = new Recorder();
    const times: number[] = [];
    for (let second = 8_380_000; second <= 9_007_199; second += 61) times.push(second * 1e9 - 1);
    for (const timeNs of times) recorder.record({ ...plainRow, timeNs });
    const lines = recorder.csv().split('\n').slice(1, -1);
    expect(lines.map((line) => line.split(',')[1])).toEqual(times.map(String));
  });
});

test.each(['a,b', 'a"b', 'a\nb', 'a\rb', '\r', ','])('the field %j is quoted', (field) => {
  const recorder = new Recorder();
  recorder.record({ ...plainRow, object: field, detail: field });
  const quoted = `"${field.replace('"', '""')}"`;
  expect(recorder.csv()).toBe(`${HEADER}1,1000,0,kernel,7,worker,,start,${quoted},5,${quoted}\n`);
});

test.each([' a', 'a ', ';', '\t', "'", '=1'])('the field %j is not quoted', (field) => {
  const recorder = new Recorder();
  recorder.record({ ...plainRow, object: field, detail: field });
  expect(recorder.csv()).toBe(`${HEADER}1,1000,0,kernel,7,worker,,start,${field},5,${field}\n`);
});

test('the bytes are those of csv-stringify, whatever the texts and numbers', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 30 }), (rows) => {
      const recorder = new Recorder();
      for (const row of rows) recorder.record(row);
      expect(recorder.csv()).toBe(referenceCsv(rows));
    }),
    { numRuns: 300 },
  );
});

test('half a surrogate pair becomes the replacement character', () => {
  const recorder = new Recorder();
  const row = { ...plainRow, object: 'a\ud800', detail: '\udc00,' };
  recorder.record(row);
  expect(recorder.csv()).toBe(Buffer.from(referenceCsv([row])).toString());
});

test('a CSV reader gets back what was recorded', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 30 }), (rows) => {
      const recorder = new Recorder();
      for (const row of rows) recorder.record(row);
      const read = parse(recorder.csv(), { columns: true }) as Record<string, string>[];
      expect(Object.keys(read[0] ?? {})).toEqual([...CSV_COLUMNS]);
      expect(read).toEqual(
        rows.map((row, i) => ({
          seq: String(i + 1),
          time_ns: String(row.timeNs),
          cpu: row.cpu === -1 ? '' : String(row.cpu),
          context: row.context,
          pid: row.pid === -1 ? '' : String(row.pid),
          comm: row.comm,
          flags: flagsText(row.flags),
          event: row.event,
          object: row.object,
          value: Number.isNaN(row.value) ? '' : String(row.value),
          detail: row.detail,
        })),
      );
    }),
  );
});

test('long texts and long details fit', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 200_000 }), (unit, length) => {
      const long = unit.repeat(Math.ceil(length / (unit.length + 1)));
      const rows = [
        { ...plainRow, object: long, detail: `${long}.` },
        { ...plainRow, comm: long },
      ];
      const recorder = new Recorder();
      for (const row of rows) recorder.record(row);
      expect(recorder.csv() === referenceCsv(rows)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
