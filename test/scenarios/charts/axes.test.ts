import fc from 'fast-check';
import { expect, test } from 'vitest';
import { across, kindOf } from '../../../scenarios/charts/across.ts';
import { ratioTicks, upwards, upwardsKind } from '../../../scenarios/charts/upwards.ts';
import { figureText, tickText } from '../../../scenarios/charts/units.ts';

test.each([
  [['100', '250', '1000'], 'log'],
  [['64', '128', '256', '512'], 'log'],
  [['10', '20', '30', '40'], 'linear'],
  [['1ms', '2ms', '3ms'], 'linear'],
  [['500us', '5ms', '50ms'], 'log'],
  [['1jiffies', '2jiffies', '3jiffies'], 'linear'],
  [['0ns', '1us', '10us', '100us', '1ms'], 'even'],
  [['0', '10', '20', '30'], 'linear'],
  [['linux-2.6.32', 'linux-6.1'], 'even'],
  [['3', '1', '2'], 'even'],
])('the values %j are placed on a scale that is %s', (values, kind) => {
  expect(kindOf(values)).toBe(kind);
});

test('values stand in their order and in the box, whatever the scale', () => {
  const values = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.constantFrom('linear', 'log', 'even'), (numbers, kind) => {
      const texts = numbers.sort((a, b) => a - b).map(String);
      const axis = across(texts, kind as 'linear', 50, 250);
      const places = texts.map((_, i) => axis.at(i));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      for (const place of places) {
        expect(place).toBeGreaterThanOrEqual(50);
        expect(place).toBeLessThanOrEqual(250);
      }
      expect(axis.written.at(-1)).toBe(texts.length - 1);
    }),
  );
});

test('on a scale of ratios equal factors are equally far apart', () => {
  const axis = across(['1', '10', '100'], 'log', 0, 200);
  expect(axis.at(1) - axis.at(0)).toBeCloseTo(axis.at(2) - axis.at(1), 9);
});

test('values that would run into each other are not all written', () => {
  const many = Array.from({ length: 60 }, (_, i) => String(1000 + i));
  expect(across(many, 'linear', 0, 200).written.length).toBeLessThan(8);
});

test.each([
  [[0, 3, 10], 'zero'],
  [[4, 10], 'zero'],
  [[199, 209], 'fit'],
  [[-5, 10], 'fit'],
  [[1, 100], 'log'],
  [[7, 7], 'fit'],
] as const)('the figures %j have an axis that is %s', (figures, kind) => {
  expect(upwardsKind(figures)).toBe(kind);
});

test('figures have ticks in one unit, and all figures are within the ends', () => {
  const axis = upwards([400_000, 2_500_000], 'zero', 'ns', 200, 0);
  expect(axis.unit).toBe('ms');
  expect(axis.ticks.map(({ text }) => text)).toEqual(['0', '0.5', '1', '1.5', '2', '2.5']);
  expect(axis.at(0)).toBe(200);
  expect(axis.at(2_500_000)).toBe(0);
  const decades = upwards([900, 40_000_000], 'log', 'ns', 200, 0);
  expect(decades.ticks.map(({ text }) => text)).toEqual([
    '1 us',
    '10 us',
    '100 us',
    '1 ms',
    '10 ms',
  ]);
});

test('figures that are all the same, and all 0, have an axis too', () => {
  for (const figures of [
    [0, 0],
    [5, 5],
    [-5, -5],
  ]) {
    const axis = upwards(figures, upwardsKind(figures), 'count', 200, 0);
    expect(axis.at(figures[0]!)).toBeGreaterThanOrEqual(0);
    expect(axis.ticks.length).toBeGreaterThan(0);
  }
});

test('counts have no ticks between whole numbers', () => {
  const { ticks } = upwards([0, 2], 'zero', 'count', 200, 0);
  expect(ticks.map(({ text }) => text)).toEqual(['0', '1', '2']);
});

test('an axis of ratios has powers of ten, and more when they are few', () => {
  expect(ratioTicks([1, 100_000])).toEqual([1, 10, 100, 1000, 10_000, 100_000]);
  expect(ratioTicks([30, 800])).toEqual([50, 100, 200, 500]);
  expect(ratioTicks([0.02, 0.3])).toEqual([0.02, 0.05, 0.1, 0.2]);
});

test.each([
  [tickText(0.25), '0.25'],
  [tickText(1200), '1,200'],
  [tickText(40_000), '40k'],
  [tickText(2_500_000), '2.5M'],
  [figureText(2640, 'ns'), '2.64 us'],
  [figureText(209.1493, '1/s'), '209.1/s'],
  [figureText(12_345, 'bytes'), '12,350 bytes'],
  [figureText(7, 'count'), '7'],
])('%s is %s', (text, expected) => {
  expect(text).toBe(expected);
});
