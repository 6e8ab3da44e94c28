import { expect, test } from 'vitest';
import { LINES_MAX, lookOf } from '../../../scenarios/charts/looks.ts';
import {
  smallMultiples,
  type Mean,
  type SmallMultiples,
} from '../../../scenarios/charts/small-multiples.ts';
import { elementsOf, wordsIn } from './well-formed.ts';

function mean(middle: number, half?: number): Mean {
  const interval =
    half === undefined
      ? { low: undefined, high: undefined }
      : { low: middle - half, high: middle + half };
  return { n: half === undefined ? 1 : 5, mean: middle, ...interval };
}

function chart(changes: Partial<SmallMultiples> = {}): SmallMultiples {
  return {
    title: 'the rate by HZ',
    x: { name: 'machine.hz', values: ['100', '250', '1000'] },
    by: 'kernel',
    panels: [
      {
        title: 'pool.rate',
        unit: '1/s',
        scale: 'pool.rate',
        lines: [
          { name: 'old', means: [mean(200, 1), mean(209, 2), mean(200, 1)] },
          { name: 'new', means: [mean(166, 1), undefined, mean(196, 1)] },
        ],
      },
    ],
    notes: ['Mean of 5 seeds.'],
    ...changes,
  };
}

const words = { x: { name: 'kernel', values: ['old', 'new', 'newest'] } };

test('the picture is well-formed and says in words what it shows', () => {
  const found = elementsOf(smallMultiples(chart()));
  expect(found[0]).toMatchObject({ name: 'svg', attributes: { role: 'img' } });
  expect(found.find(({ name }) => name === 'title')!.text).toBe('the rate by HZ');
  const about = found.find(({ name }) => name === 'desc')!.text;
  expect(about).toContain('old: 100: 200/s, 250: 209/s, 1000: 200/s');
  expect(about).toContain('new: 100: 166/s, 250: none, 1000: 196/s');
});

test('each line has a colour, a dash and a mark of its own', () => {
  const looks = Array.from({ length: LINES_MAX }, (_, i) => lookOf(i));
  for (const key of ['colour', 'dash', 'mark'] as const) {
    expect(new Set(looks.map((look) => look[key])).size).toBe(LINES_MAX);
  }
});

test('a legend names the lines, if there is more than one', () => {
  expect(wordsIn(smallMultiples(chart()))).toEqual(
    expect.arrayContaining(['kernel', 'old', 'new']),
  );
  const [panel] = chart().panels;
  const alone = [{ ...panel!, lines: [{ ...panel!.lines[0]!, name: '' }] }];
  const single = wordsIn(smallMultiples(chart({ by: undefined, panels: alone })));
  expect(single).not.toContain('kernel');
});

test('a mean has its interval as a band, and a mark that tells its figures', () => {
  const found = elementsOf(smallMultiples(chart()));
  const bands = found.filter(({ attributes }) => attributes['fill-opacity'] === '0.2');
  expect(bands).toHaveLength(2);
  const told = found.filter(({ name }) => name === 'title').map(({ text }) => text);
  expect(told).toContain('250, old: 209/s, 95 % 207/s to 211/s, n 5');
  expect(told).toHaveLength(1 + 5);
});

test('a single run has no band', () => {
  const [panel] = chart().panels;
  const lines = [{ name: 'old', means: [mean(1), mean(2), mean(3)] }];
  const found = elementsOf(smallMultiples(chart({ panels: [{ ...panel!, lines }] })));
  expect(found.some(({ attributes }) => attributes['fill-opacity'] === '0.2')).toBe(false);
});

test('words stand side by side: bars from zero on, or marks if the axis begins elsewhere', () => {
  const [panel] = chart().panels;
  const bars = (middles: readonly number[]): number => {
    const lines = [{ name: '', means: middles.map((middle) => mean(middle, 1)) }];
    const panels = [{ ...panel!, lines }];
    const found = elementsOf(smallMultiples(chart({ ...words, by: undefined, panels })));
    return found.filter(({ attributes }) => attributes['fill-opacity'] === '0.35').length;
  };
  expect(bars([10, 20, 40])).toBe(3);
  expect(bars([200, 201, 202])).toBe(0);
});

test('panels of one scale have the same axis, which says if it does not begin at 0', () => {
  const [panel] = chart().panels;
  const other = { ...panel!, title: 'other', lines: [{ name: 'old', means: [mean(300, 1)] }] };
  const texts = wordsIn(smallMultiples(chart({ panels: [panel!, other] })));
  expect(texts.filter((text) => text === '300')).toHaveLength(2);
  expect(texts.some((text) => text.includes('do not begin at 0'))).toBe(true);
  expect(wordsIn(smallMultiples(chart(), { y: 'zero' })).join()).not.toContain('do not begin');
});

test('the interval of a figure that is never below 0 does not drag its axis there', () => {
  const [panel] = chart().panels;
  const lines = [{ name: '', means: [mean(1, 40), mean(2, 1), mean(90, 1)] }];
  for (const y of ['zero', 'log'] as const) {
    const svg = smallMultiples(chart({ panels: [{ ...panel!, lines }] }), { y });
    expect(svg).not.toContain('NaN');
    expect(wordsIn(svg).some((text) => text.startsWith('-'))).toBe(false);
  }
});

test('long words below are slanted where they have no room', () => {
  const values = Array.from({ length: 12 }, (_, i) => `a-kernel-of-version-${i}`);
  const lines = [{ name: '', means: values.map((_, i) => mean(i)) }];
  const panels = [{ ...chart().panels[0]!, lines }];
  const svg = smallMultiples(chart({ x: { name: 'kernel', values }, by: undefined, panels }));
  expect(wordsIn(svg)).toEqual(expect.arrayContaining(values));
  expect(svg).toContain('rotate(-30');
});

test('what the user has named cannot break the picture', () => {
  const title = 'a <b> & "c"\u202e';
  const svg = smallMultiples(chart({ title, x: { name: title, values: ['<', '&', '"'] } }));
  expect(wordsIn(svg)).toContain('a &lt;b&gt; &amp; &quot;c&quot;\\u202e');
});

test('alone it has light and dark grounds, in a page it takes the colours of the page', () => {
  expect(smallMultiples(chart())).toContain('prefers-color-scheme:dark');
  expect(smallMultiples(chart(), { ground: 'page' })).not.toContain('style');
});

test('numbers have at most two decimals, so that a host leaves no mark', () => {
  for (const [number] of smallMultiples(chart()).matchAll(/\d+\.\d+/g)) {
    expect(number.split('.')[1]!.length).toBeLessThanOrEqual(2);
  }
});
