import { expect, test } from 'vitest';
import { formatDiff } from '../../../scenarios/analysis/diff-text.ts';
import type { RunDiff } from '../../../scenarios/analysis/diff.ts';
import type { Style } from '../../../scenarios/output/summary.ts';

const same = (text: string): string => text;
const style: Style = { bold: same, red: same, green: same, yellow: same, unicode: false };

const ROW = '7,100,0,kernel,2,a,.....,sched_switch,b,3,prev_prio=120 prev_state=S next_prio=120';
const OTHER = '7,250,0,kernel,2,a,.....,sched_switch,b,3,prev_prio=120 prev_state=D next_prio=120';
const TEXT = '8,250,0,kernel,2,a,.....,output,' + 'x'.repeat(90) + ',,';

const diff: RunDiff = {
  made: ['seed 1', ''],
  divergence: { line: 8, common: [ROW], first: [ROW, TEXT], second: [OTHER] },
  events: [],
  metrics: [],
  withoutSummary: [],
};

function linesOf(columns: number): string[] {
  const text = formatDiff('one', 'two', diff, style, columns);
  const [, rows = ''] = text.split('of trace.csv\n');
  return rows.trimEnd().split('\n');
}

test('the heads say what the runs were made from, where that differs', () => {
  const [a, b] = formatDiff('one', 'two', diff, style, 100).split('\n');
  expect([a, b]).toEqual(['A  one  seed 1', 'B  two']);
});

test('rows that differ stand below each other', () => {
  expect(linesOf(200)).toEqual([
    `     ${ROW}`,
    `  A  ${ROW}`,
    `  B  ${OTHER}`,
    `  A  ${TEXT}`,
    '  B  (the end)',
  ]);
});

test.each([40, 57, 80, 100])('rows of %i columns lose nothing', (columns) => {
  const lines = linesOf(columns);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  const whole = lines.join('\n').replaceAll(/\n {5}(?: {2}(?=\S))/g, '');
  for (const row of [ROW, OTHER, TEXT]) {
    expect(whole.replaceAll(' ', '')).toContain(row.replaceAll(' ', ''));
  }
});
