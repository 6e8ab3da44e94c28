/*
 * The statistics of a run for the terminal.
 */
import type { Style } from '../output/summary.ts';
import {
  formatDuration,
  formatNumber,
  plural,
  printable,
  table,
  type Column,
} from '../output/text.ts';
import type { Distribution } from './distribution.ts';
import type { Latency } from './statistic.ts';
import type { Stats } from './stats.ts';

const OBJECTS_MAX = 8;
const BAR_WIDTH = 32;
/** Eighths of a block, from nothing to seven. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** A histogram of fewer values is no picture. */
const HISTOGRAM_MIN = 10;

export function formatStats(folder: string, stats: Stats, style: Style): string {
  const { rows, timeNs, statistics, leftOut } = stats;
  const blocks = [[`${style.bold(folder)}  ${plural(rows, 'row')}, ${formatDuration(timeNs)}`]];
  for (const statistic of statistics) {
    for (const latency of statistic.latencies ?? []) blocks.push(latencyLines(latency, style));
    for (const lines of statistic.tables?.() ?? []) blocks.push(titled(lines, style));
  }
  if (leftOut.length > 0) blocks.push(leftOutLines(stats, style));
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function titled([title, ...rest]: readonly string[], style: Style): string[] {
  return title === undefined ? [] : [style.bold(title), ...rest];
}

function leftOutLines({ leftOut }: Stats, style: Style): string[] {
  return [
    style.yellow('LEFT OUT: the run was told not to record what is needed'),
    ...leftOut.map(({ name, missing }) => `  ${name}: ${missing.join(', ')}`),
  ];
}

/** A line for each object, and the histogram of the one with most values. */
function latencyLines({ title, about, byObject }: Latency, style: Style): string[] {
  if (byObject.size === 0) return [];
  const all = [...byObject].sort(([, a], [, b]) => b.count - a.count);
  const right = ['count', 'min', 'mean', 'p50', 'p90', 'p99', 'p99.9', 'max'];
  const columns: Column[] = [{ title }, ...right.map((name) => ({ title: name, right: true }))];
  const lines = table(
    columns,
    all
      .slice(0, OBJECTS_MAX)
      .map(([object, distribution]) => [printable(object), ...figuresOf(distribution)]),
  );
  const more = all.length - OBJECTS_MAX;
  const [first] = all;
  return [
    ...titled(lines, style),
    ...(more <= 0 ? [] : [`  and ${formatNumber(more)} more`]),
    ...(first === undefined ? [] : histogramLines(first, about, style)),
  ];
}

function figuresOf(distribution: Distribution): string[] {
  const { count, min, mean, max } = distribution;
  const percentiles = [50, 90, 99, 99.9].map((part) => distribution.percentile(part));
  return [
    formatNumber(count),
    ...[min, Math.round(mean), ...percentiles, max].map((ns) => formatDuration(ns)),
  ];
}

function histogramLines(
  [object, distribution]: readonly [string, Distribution],
  about: string,
  style: Style,
): string[] {
  const bars = distribution.histogram();
  if (distribution.count < HISTOGRAM_MIN || bars.length < 2) return [];
  const most = Math.max(...bars.map(({ count }) => count));
  const rows = bars.map(({ to, count }) => [
    `< ${formatDuration(to)}`,
    formatNumber(count),
    bar(count / most, style.unicode),
  ]);
  const [, ...lines] = table([{ title: '' }, { title: '', right: true }, { title: '' }], rows);
  return [`  ${printable(object)}, ${about}:`, ...lines.map((line) => `  ${line}`)];
}

function bar(share: number, unicode: boolean): string {
  if (!unicode) return '#'.repeat(Math.ceil(share * BAR_WIDTH));
  const eighths = Math.ceil(share * BAR_WIDTH * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
