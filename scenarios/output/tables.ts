/*
 * The smaller files of a run: metrics and findings as CSV (RFC 4180, `\n`, header always), and the
 * console as text.
 */
import { stringify } from 'csv-stringify/sync';
import type { ConsoleLine } from '../../models/machine.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { Metric, ResultTable } from '../run/result.ts';
import { printable } from './text.ts';

/**
 * The delimiter of records is left at its default, which is `\n`: naming it would take a lone CR
 * out of the characters that are quoted.
 */
export function csvRows(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { quote_record_delimiter: true },
  );
}

/** The rows under a header. */
export function csv(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return csvRows([columns, ...rows]);
}

export function summaryCsv(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ metric, object, value, unit }) => [metric, object, value, unit]);
  return csv(['metric', 'object', 'value', 'unit'], rows);
}

/** Figures as numbers without units. */
export function tableCsv({ columns, rows }: ResultTable): string {
  const texts = rows.map((row) =>
    row.map((cell) => cell.map((part) => (typeof part === 'string' ? part : part.value)).join('')),
  );
  return csv(columns, texts);
}

export function findingsCsv(findings: readonly Finding[]): string {
  return csv(
    [
      'kind',
      'text',
      'time_ns',
      'cpu',
      'actor',
      'object',
      'count',
      'verdict',
      'actors',
      'objects',
      'places',
      'rows',
      'lines',
    ],
    findings.map((found) => [
      found.kind,
      found.text,
      found.timeNs,
      found.cpu,
      found.actor,
      found.object,
      found.count,
      found.verdict,
      found.actors.join(' '),
      found.objects.join(' '),
      found.places.map(({ actor, line }) => `${actor}:${line}`).join(' '),
      found.rows.join(' '),
      found.lines.join('\n'),
    ]),
  );
}

const SECOND = 1_000_000_000;

/** `[    0.003214] text`, as the kernel log prints it; a program's lines carry its name. */
export function consoleLine({ timeNs, from, text }: ConsoleLine): string {
  const seconds = String(Math.floor(timeNs / SECOND)).padStart(5);
  const micros = String(Math.floor((timeNs % SECOND) / 1000)).padStart(6, '0');
  const source = from === 'kernel' ? '' : `${from}: `;
  return `[${seconds}.${micros}] ${printable(source + text)}`;
}

export function consoleText(lines: readonly ConsoleLine[]): string {
  return lines.map((line) => `${consoleLine(line)}\n`).join('');
}
