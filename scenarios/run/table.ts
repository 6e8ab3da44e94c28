/*
 * The scenario's table, filled from the figures and findings of its run.
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { LoadedTable, TableCell, TableText } from '../load/index.ts';
import { holds } from './expect.ts';
import type { MetricSet } from './metrics.ts';
import type { ResultCell, ResultTable } from './result.ts';

/** Throws ScenarioError if a cell names a figure that the run does not have. */
export function fillTable(
  { title, columns, rows }: LoadedTable,
  metrics: MetricSet,
  findings: readonly Finding[],
): ResultTable {
  const fill = (cell: TableCell): ResultCell =>
    cell.kind === 'findings' ? [kindsOf(cell.actor, findings)] : chosen(cell.cases, metrics);
  return { title, columns, rows: rows.map((row) => row.map(fill)) };
}

/** What an actor is reported for, each kind once, in the order of the reports. */
function kindsOf(actor: string, findings: readonly Finding[]): string {
  const own = findings.filter((found) => found.actor === actor || found.actors.includes(actor));
  return own.length === 0 ? 'none' : [...new Set(own.map(({ kind }) => kind))].join(', ');
}

function chosen(
  cases: Extract<TableCell, { kind: 'cases' }>['cases'],
  metrics: MetricSet,
): ResultCell {
  const first = cases.find(
    ({ when }) => when === null || holds(when, metrics.figure(when.metric, when.at).value),
  );
  return first === undefined ? [] : filled(first.then, metrics);
}

function filled(template: TableText, metrics: MetricSet): ResultCell {
  return template.map((part) =>
    typeof part === 'string' ? part : metrics.figure(part.metric, part.at),
  );
}
