import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consoleText, findingsCsv, summaryCsv } from '../../../scenarios/output/tables.ts';
import type { Metric } from '../../../scenarios/run/result.ts';

test('a CSV reader gets back every metric, whatever its names are', () => {
  const metric = fc.record({
    metric: fc.string(),
    object: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\ufeff', '')),
    value: fc.integer(),
    unit: fc.constantFrom<Metric['unit']>('count', 'ns', ''),
  });
  fc.assert(
    fc.property(fc.array(metric), (metrics) => {
      const rows: string[][] = parse(summaryCsv(metrics), { record_delimiter: '\n' });
      const expected = metrics.map(({ metric, object, value, unit }) => [
        metric,
        object,
        String(value),
        unit,
      ]);
      expect(rows).toEqual([['metric', 'object', 'value', 'unit'], ...expected]);
    }),
  );
});

test('a lone carriage return is quoted', () => {
  const value = { metric: 'a\rb', object: '', value: 1, unit: 'count' } as const;
  expect(summaryCsv([value])).toBe('metric,object,value,unit\n"a\rb",,1,count\n');
});

test('without findings there is the header of findings.csv', () => {
  expect(findingsCsv([])).toBe(
    'kind,text,time_ns,cpu,actor,object,count,verdict,actors,objects,places,rows,lines\n',
  );
});

test('the console is as the kernel log prints it, a line for a line', () => {
  const lines = [
    { timeNs: 3_214_987, from: 'kernel', text: 'eth0: link up' },
    { timeNs: 12_000_000_000, from: 'reader', text: 'got\n1' },
  ];
  expect(consoleText(lines)).toBe(
    '[    0.003214] eth0: link up\n[   12.000000] reader: got\\u000a1\n',
  );
});
