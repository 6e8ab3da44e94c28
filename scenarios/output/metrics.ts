/*
 * Metrics as tables: one table for each first part of a name (`netlink.sent` is of NETLINK), with a
 * line for each object, or for each metric where there are no objects. Where nothing happened, all
 * being 0, there is no table.
 */
import type { Metric } from '../run/result.ts';
import { formatDuration, formatNumber, printable, table, type Column } from './text.ts';

/** These have tables of their own, or a place in the head. */
const ELSEWHERE = new Set(['cpu', 'lock', 'tasks', 'time', 'findings', 'choices']);
const OBJECTS_MAX = 8;
const COLUMNS_MAX = 7;
/** In a table of more metrics than this, those that are 0 throughout are left out. */
const METRICS_MAX = 8;

export function metricTables(metrics: readonly Metric[]): string[][] {
  const groups = groupBy(metrics, ({ metric }) => metric.split('.', 1)[0] ?? '');
  return [...groups]
    .filter(([group]) => !ELSEWHERE.has(group))
    .filter(([, members]) => members.some(({ value }) => value !== 0))
    .flatMap(([group, members]) => {
      const whole = members.filter(({ object }) => object === '');
      const parts = members.filter(({ object }) => object !== '');
      return [...list(group, whole), ...pivots(group, parts)];
    });
}

/** Members by key, in the order of the first of each; Map.groupBy is not in every Node yet. */
function groupBy<T>(members: readonly T[], keyOf: (member: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [member]);
    else group.push(member);
  }
  return groups;
}

function heading(group: string): string {
  return printable(group).toUpperCase();
}

function list(group: string, members: readonly Metric[]): string[][] {
  if (members.length === 0) return [];
  const shown = worthShowing(members, members.length);
  const rows = shown.map((member) => [nameIn(group, member.metric), formatMetric(member)]);
  const lines = table([{ title: heading(group) }, { title: '', right: true }], rows);
  const hidden = members.length - shown.length;
  return [hidden === 0 ? lines : [...lines, `  and ${hidden} that are 0`]];
}

function pivots(group: string, members: readonly Metric[]): string[][] {
  const objects = groupBy(members, ({ object }) => object);
  const names = new Set(members.map(({ metric }) => metric));
  const columns = [...new Set(worthShowing(members, names.size).map(({ metric }) => metric))];
  const tables: string[][] = [];
  for (let at = 0; at < columns.length; at += COLUMNS_MAX) {
    tables.push(pivot(group, columns.slice(at, at + COLUMNS_MAX), objects));
  }
  return tables;
}

function pivot(
  group: string,
  metrics: readonly string[],
  objects: ReadonlyMap<string, readonly Metric[]>,
): string[] {
  const right = metrics.map((title): Column => ({ title: nameIn(group, title), right: true }));
  const rows = [...objects].slice(0, OBJECTS_MAX).map(([object, members]) => [
    printable(object),
    ...metrics.map((metric) => {
      const member = members.find((candidate) => candidate.metric === metric);
      return member === undefined ? '' : formatMetric(member);
    }),
  ]);
  const lines = table([{ title: heading(group) }, ...right], rows);
  const more = objects.size - rows.length;
  return more === 0 ? lines : [...lines, `  and ${formatNumber(more)} more in summary.csv`];
}

function worthShowing(members: readonly Metric[], metrics: number): readonly Metric[] {
  return metrics <= METRICS_MAX ? members : members.filter(({ value }) => value !== 0);
}

function nameIn(group: string, metric: string): string {
  return printable(metric === group ? metric : metric.slice(group.length + 1));
}

/** A figure with its unit. */
export function formatMetric({ value, unit }: Metric): string {
  if (unit === 'ns') return formatDuration(value);
  if (unit === 'count' || unit === '') return formatNumber(value);
  return `${formatNumber(value)} ${unit}`;
}
