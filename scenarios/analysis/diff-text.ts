/*
 * How two runs differ, for the terminal.
 */
import type { Style } from '../output/summary.ts';
import { formatDuration, formatNumber, printable, table, type Column } from '../output/text.ts';
import { areEqual, type NumberPair, type RunDiff } from './diff.ts';

const ROWS_MAX = 30;

/** @param columns no line of the traces is longer, unless that is very few */
export function formatDiff(
  first: string,
  second: string,
  diff: RunDiff,
  style: Style,
  columns: number,
): string {
  const blocks = [
    [`A  ${first}`, `B  ${second}`].map((line, i) => `${line}  ${diff.made[i]}`.trimEnd()),
    divergenceLines(diff, style, columns),
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

/** Rows as they stand in the files, those of A and B below each other where they differ. */
function divergenceLines({ divergence }: RunDiff, style: Style, columns: number): string[] {
  if (divergence === undefined) return ['the traces are the same'];
  const { line, common, first, second } = divergence;
  const rows = (mark: string, row: string): string[] => wrapped(mark, printable(row), columns);
  const pairs = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => {
    const [a = END, b = END] = [first[i], second[i]];
    return a === b ? rows(' ', a) : [...rows('A', a), ...rows('B', b)];
  });
  return [
    style.bold(`the traces part in line ${formatNumber(line)} of trace.csv`),
    ...common.flatMap((row) => rows(' ', row)),
    ...pairs.flat(),
  ];
}

const COLUMNS_MIN = 40;

/** A row behind its mark, in as many lines as it takes, broken between fields or words. */
function wrapped(mark: string, row: string, columns: number): string[] {
  const room = Math.max(columns, COLUMNS_MIN) - '  A  '.length;
  const lines: string[] = [];
  let rest = row;
  while (rest.length > room) {
    const at = Math.max(rest.lastIndexOf(',', room - 1), rest.lastIndexOf(' ', room - 1)) + 1;
    const end = at > 2 ? at : room;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `  ${rest.slice(end)}`;
  }
  return [...lines, rest].map((line, i) => `  ${i === 0 ? mark : ' '}  ${line}`);
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
