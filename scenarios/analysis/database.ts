/*
 * A run's folder as a database in memory: tables `trace`, `summary`, `findings` and `intervals` in
 * DuckDB, which users install beside Lockstep if they want it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { writeIntervals } from './interval-file.ts';
import { endsWithRow, readTrace, traceOf } from './run-folder.ts';

const PACKAGE = '@duckdb/node-api';

/** The database is not installed. */
export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';

  constructor() {
    super(`this needs DuckDB, which comes apart from lockstep: npm install ${PACKAGE}`);
  }
}

/** The question is not SQL, or asks for what there is not. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** An answer: all rows, each with a value for each column. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** @throws NoTraceFolder, NoDatabase, QueryError */
export async function query(folder: string, sql: string): Promise<Answer> {
  // A row that is cut off may be whole for the columns that are asked for.
  if (!endsWithRow(traceOf(folder))) readTrace(folder, () => {});
  const { DuckDBInstance } = await database();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const draft = mkdtempSync(join(tmpdir(), 'lockstep-'));
  try {
    await load(connection, folder, sql, draft);
    return await ask(connection, sql);
  } catch (error) {
    throw explained(folder, error);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    connection.closeSync();
    instance.closeSync();
  }
}

async function database(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw new NoDatabase();
    throw error;
  }
}

async function ask(connection: DuckDBConnection, sql: string): Promise<Answer> {
  const reader = await connection.runAndReadAll(sql);
  return { columns: reader.columnNames(), rows: reader.getRowsJS() };
}

/** What the database says of a damaged file is long and no help: the trace's own reader tells. */
function explained(folder: string, error: unknown): unknown {
  // Of the database's errors there is one kind; all others are ours.
  if (!(error instanceof Error) || error.constructor !== Error) return error;
  const { message } = error;
  if (!/\bcsv\b|sniffing/i.test(message)) return new QueryError(message);
  try {
    readTrace(folder, () => {});
  } catch (damage) {
    return damage;
  }
  return new QueryError(message.trim().split('\n', 1)[0]!);
}

/** The types of the columns are told: what a column happens to hold must not decide. */
const TYPES = {
  trace: {
    seq: 'BIGINT',
    time_ns: 'BIGINT',
    cpu: 'INTEGER',
    context: 'VARCHAR',
    pid: 'INTEGER',
    comm: 'VARCHAR',
    flags: 'VARCHAR',
    event: 'VARCHAR',
    object: 'VARCHAR',
    value: 'BIGINT',
    detail: 'VARCHAR',
  },
  summary: { metric: 'VARCHAR', object: 'VARCHAR', value: 'DOUBLE', unit: 'VARCHAR' },
  findings: null,
  intervals: {
    kind: 'VARCHAR',
    actor: 'VARCHAR',
    pid: 'INTEGER',
    cpu: 'INTEGER',
    object: 'VARCHAR',
    from_ns: 'BIGINT',
    to_ns: 'BIGINT',
  },
} as const;

/** @param draft a folder for what is made of the trace, which has to last as long as the answer. */
async function load(
  connection: DuckDBConnection,
  folder: string,
  sql: string,
  draft: string,
): Promise<void> {
  const files = async (): Promise<void> => {
    for (const name of ['trace', 'summary', 'findings'] as const) {
      const path = join(folder, `${name}.csv`);
      if (existsSync(path)) await define(connection, name, path, sql);
    }
  };
  // They are made from the trace, which a question that does not name them need not wait for.
  if (!/intervals/i.test(sql)) return files();
  const path = join(draft, 'intervals.csv');
  const intervals = async (): Promise<void> => {
    writeIntervals(folder, path);
    await define(connection, 'intervals', path, sql);
  };
  // The database reads in threads of its own while this one makes the intervals.
  await Promise.all([files(), intervals()]);
}

/** What is asked for once is read off its file; else reading it once into a table is faster. */
async function define(
  connection: DuckDBConnection,
  name: keyof typeof TYPES,
  path: string,
  sql: string,
): Promise<void> {
  const types = TYPES[name];
  const list = Object.entries(types ?? {}).map(([column, type]) => `'${column}': '${type}'`);
  const told = types === null ? '' : `, types = {${list.join(', ')}}`;
  const file = `'${path.replaceAll("'", "''")}'`;
  const from = `read_csv(${file}, header = true, delim = ',', quote = '"', escape = '"'${told})`;
  const kind = readsOnce(sql, name) ? 'VIEW' : 'TABLE';
  await connection.run(`CREATE ${kind} ${name} AS SELECT * FROM ${from}`);
}

/** A recursion may come back to what is named once, and a name may stand for all of it. */
function readsOnce(sql: string, name: string): boolean {
  const times = sql.match(new RegExp(name, 'gi'))?.length ?? 0;
  return times <= 1 && !/recursive/i.test(sql);
}
