/*
 * Reads the CSV files of a folder: RFC 4180 with `\n`, a header always. Small ones: a trace has a
 * reader of its own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row by the names of the columns. */
export type CsvRow = Readonly<Record<string, string>>;

/** A field with what ends it: quoted, in which quotes stand twice, or plain. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/y;

/** The rows of a text. What is behind the last newline counts too. */
export function parseCsv(text: string): { columns: string[]; rows: CsvRow[] } {
  const records: string[][] = [[]];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const found = FIELD.exec(text);
    if (found === null) throw new Error('a quote in the middle of a field');
    const [, quoted, plain = '', end] = found;
    records[records.length - 1]!.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\n') records.push([]);
  }
  if (records[records.length - 1]!.length === 0) records.pop();
  const [columns = [], ...rest] = records;
  const rows = rest.map((cells) =>
    Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])),
  );
  return { columns, rows };
}

/** The rows of a file of a folder; none if there is no such file. */
export function readCsv(folder: string, name: string): ReturnType<typeof parseCsv> {
  const path = join(folder, name);
  if (!existsSync(path)) return { columns: [], rows: [] };
  return parseCsv(readFileSync(path, 'utf8'));
}
