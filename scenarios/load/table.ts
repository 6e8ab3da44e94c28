/**
 * `table`: a table that a run prints and writes as table.csv. What its cells say is read off the
 * figures and findings of that very run.
 */
import { z } from 'zod';
import { TextError } from './diagnostics.ts';
import type { Path, Position } from './diagnostics.ts';
import { METRIC, parseExpectation } from './expectations.ts';
import type { Expectation } from './expectations.ts';

/** A parameter may stand for a number. */
const text = z
  .union([z.string(), z.int()])
  .describe('Text; `{metric}` in it is the value of a figure.');

const oneCase = z.strictObject({
  if: z.string().describe('A threshold on a figure, such as `latency.max < 100us`.'),
  then: text,
});

const cell = z
  .union([
    text,
    z.strictObject({
      findings: z.string().describe('The kinds of findings that this actor is reported for.'),
    }),
    z.array(z.union([oneCase, text])).min(1),
  ])
  .describe('Text, the findings of an actor, or the first of a list whose threshold holds.');

export const tableSchema = z
  .strictObject({
    title: z.string().describe('What the table shows.'),
    columns: z.array(z.string()).min(1).describe('The titles of its columns.'),
    rows: z.array(z.array(cell)).min(1).describe('Its rows, cell by cell.'),
  })
  .check(({ value, issues }) => {
    for (const [i, row] of value.rows.entries()) {
      if (row.length === value.columns.length) continue;
      const message = `expected ${value.columns.length} cells, one for each column`;
      issues.push({ code: 'custom', message, path: ['rows', i], input: row });
    }
  });

export type TableSource = z.output<typeof tableSchema>;
type CellSource = TableSource['rows'][number][number];

/** A figure whose value stands in a text. */
export interface Figure {
  readonly metric: string;
  readonly at: Position;
}

export type TableText = readonly (string | Figure)[];

/** The first whose condition holds; null always holds. */
export interface Case {
  readonly when: Expectation | null;
  readonly then: TableText;
}

export type TableCell =
  | { readonly kind: 'findings'; readonly actor: string }
  | { readonly kind: 'cases'; readonly cases: readonly Case[] };

export interface LoadedTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** Runs `parse` for the text at `path`; reports what is wrong there and gives undefined. */
export type AtPath = <T>(path: Path, parse: (at: Position) => T) => T | undefined;

/** Compiles a table; cells that are wrong are reported and left out. */
export function loadTable(table: TableSource, hz: number, atPath: AtPath): LoadedTable {
  const rows = table.rows.map((row, i) =>
    row.flatMap((source, j) => loadCell(source, ['table', 'rows', i, j], hz, atPath) ?? []),
  );
  return { title: table.title, columns: table.columns, rows };
}

function loadCell(
  source: CellSource,
  path: Path,
  hz: number,
  atPath: AtPath,
): TableCell | undefined {
  if (typeof source === 'string' || typeof source === 'number') {
    const then = atPath(path, (at) => parseTemplate(source, at));
    return then && { kind: 'cases', cases: [{ when: null, then }] };
  }
  if (!Array.isArray(source)) return { kind: 'findings', actor: source.findings };
  const cases = source.flatMap((one, i): Case[] => {
    const own = [...path, i];
    if (typeof one === 'string' || typeof one === 'number') {
      const then = atPath(own, (at) => parseTemplate(one, at));
      return then === undefined ? [] : [{ when: null, then }];
    }
    const when = atPath([...own, 'if'], (at) => parseExpectation(one.if, hz, at));
    const then = atPath([...own, 'then'], (at) => parseTemplate(one.then, at));
    return when === undefined || then === undefined ? [] : [{ when, then }];
  });
  return { kind: 'cases', cases };
}

/** Texts and the figures between them. */
function parseTemplate(text: string | number, at: Position): TableText {
  const source = String(text);
  return source.split(/(\{[^{}]*\})/).map((part, i) => {
    if (i % 2 === 0) return part;
    const metric = part.slice(1, -1);
    if (METRIC.test(metric)) return { metric, at };
    throw new TextError(source.indexOf(part), `expected the name of a metric, got '${metric}'`);
  });
}
