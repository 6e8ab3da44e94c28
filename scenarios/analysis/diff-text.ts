/*
 * How two runs differ, for the terminal.
 */
import type { Style } from '../output/summary.ts';
import { formatDuration, formatNumber, printable, table, type Column } from '../output/text.ts';
import { areEqual, type NumberPair, type RunDiff } from './diff.ts';

const ROWS_MAX = 30;

export function formatDiff(first: string, second: string, diff: RunDiff, style: Style): string {
  const blocks = [
    [`A  ${first}`, `B  ${second}`],
    divergenceLines(diff, style),
    pairLines('EVENT', diff.events, style),
    pairLines('METRIC', diff.metrics, style),
    diff.withoutSummary.map((folder) => `${folder} has no summary.csv: figures are not compared`),
    areEqual(diff) ? ['the runs are the same'] : [],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** Fields that number and place a row; from the first that differs on, all is told. */
function divergenceLines({ divergence }: RunDiff, style: Style): string[] {
  if (divergence === undefined) return ['the traces are the same'];
  const { line, common, first, second } = divergence;
  const length = Math.max(first.length, second.length);
  const rows = [
    ...common.map((row) => [' ', row, row]),
    ...Array.from({ length }, (_, i) => {
      const [a, b] = [first[i], second[i]];
      return [a === b ? ' ' : '!', a ?? END, b ?? END];
    }),
  ].map(([mark = '', a = '', b = '']) => [mark, printable(a), printable(b)]);
  const [, ...lines] = table([{ title: '' }, { title: 'A' }, { title: 'B' }], rows);
  return [style.bold(`the traces part in line ${formatNumber(line)} of trace.csv`), ...lines];
}

const END = '(the end)';

function pairLines(title: string, pairs: readonly NumberPair[], style: Style): string[] {
  if (pairs.length === 0) return [];
  const right = ['A', 'B', 'B - A'].map((name): Column => ({ title: name, right: true }));
  const lines = table(
    [{ title }, ...right],
    pairs
      .slice(0, ROWS_MAX)
      .map(({ name, unit, first, second }) => [
        printable(name),
        figure(first, unit),
        figure(second, unit),
        change(first, second, unit),
      ]),
  );
  const more = pairs.length - ROWS_MAX;
  const [heading = '', ...rest] = lines;
  const all = [style.bold(heading), ...rest];
  return more <= 0 ? all : [...all, `  and ${formatNumber(more)} more`];
}

function figure(value: number | undefined, unit: string): string {
  if (value === undefined) return '-';
  if (unit === 'ns' && value >= 0) return formatDuration(value);
  return formatNumber(value);
}

function change(first: number | undefined, second: number | undefined, unit: string): string {
  if (first === undefined || second === undefined) return '';
  const by = Math.round((second - first) * 1000) / 1000;
  return `${by < 0 ? '-' : '+'}${figure(Math.abs(by), unit)}`;
}
