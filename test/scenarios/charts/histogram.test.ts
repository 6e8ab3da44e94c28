import { expect, test } from 'vitest';
import { Distribution } from '../../../scenarios/analysis/distribution.ts';
import { histograms, type Spread } from '../../../scenarios/charts/histogram.ts';
import { elementsOf, wordsIn } from './well-formed.ts';

function spread(values: readonly number[]): Spread {
  const all = new Distribution();
  for (const value of values) all.add(value);
  const marks = [50, 99].map((part) => ({ name: `p${part}`, value: all.percentile(part) }));
  return { title: 'latency(a > b)', bars: all.histogram(), count: all.count, marks };
}

function drawn(...spreads: Spread[]): string {
  return histograms({ title: 'latencies', spreads, notes: [] });
}

test('there is a bar for each power of two that has values', () => {
  const found = elementsOf(drawn(spread([600, 700, 900, 5000, 70_000])));
  const bars = found.filter(({ name, attributes }) => name === 'rect' && attributes['stroke']);
  expect(bars).toHaveLength(3);
  const told = found.filter(({ name }) => name === 'title').map(({ text }) => text);
  expect(told.slice(1)).toEqual([
    '512 ns to 1.024 us: 3',
    '4.096 us to 8.192 us: 1',
    '65.54 us to 131.1 us: 1',
  ]);
});

test('percentiles have a line and a name, and those that are close share their words', () => {
  const texts = wordsIn(drawn(spread([600, 700, 900, 5000, 70_000])));
  expect(texts).toContain('n 5   p50 900 ns   p99 70 us');
  expect(texts).toEqual(expect.arrayContaining(['p50', 'p99', '10 us']));
  expect(wordsIn(drawn(spread([600, 601])))).toContain('p50 p99');
});

test('values of 0 and a single value are no trouble', () => {
  for (const values of [[0], [0, 0, 1000], [7]]) {
    const svg = drawn(spread(values));
    expect(svg).not.toMatch(/NaN|Infinity/);
    elementsOf(svg);
  }
  expect(wordsIn(drawn(spread([0])))).toContain('0 ns');
});

test('words at the right stay in the picture', () => {
  const svg = drawn(spread([1, 1, 1, 1000, 1023]), spread([1023]));
  for (const { name, attributes, text } of elementsOf(svg)) {
    if (name === 'text' && attributes['text-anchor'] === undefined) {
      expect(Number(attributes['x']) + text.length * 7.2).toBeLessThan(850);
    }
  }
});
