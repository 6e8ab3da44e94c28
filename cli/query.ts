/*
 * lockstep query: SQL on a recorded run.
 */
import { query as ask } from '../scenarios/analysis/database.ts';
import { csv } from '../scenarios/output/tables.ts';
import { printable, table } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';

export interface QueryFlags {
  readonly csv: boolean;
}

export async function query(
  folder: string,
  sql: string,
  flags: QueryFlags,
  io: Io,
): Promise<ExitCode> {
  const { columns, rows } = await ask(folder, sql);
  const texts = rows.map((row) => row.map(textOf));
  if (flags.csv) {
    io.out(csv(columns, texts));
    return EXIT.fine;
  }
  const right = columns.map((_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i])));
  const lines = table(
    columns.map((title, i) => ({ title: printable(title), right: right[i] === true })),
    texts.map((row) => row.map(printable)),
  );
  io.out(`${lines.join('\n')}\n`);
  return EXIT.fine;
}

function isNumber(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint';
}

/** Missing values are empty, as in all our CSV. */
function textOf(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'object') {
    return JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'bigint' ? String(part) : part,
    );
  }
  return String(value);
}
