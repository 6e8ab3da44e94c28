/*
 * A run's folder as a database in memory: tables `trace`, `summary`, `findings` and `intervals` in
 * DuckDB, which users install beside Lockstep if they want it.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { csv } from '../output/tables.ts';
import { INTERVAL_COLUMNS, Intervals, type Interval } from './intervals.ts';
import { endOf, readTrace, traceOf } from './run-folder.ts';

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
  traceOf(folder);
  const { DuckDBInstance } = await database();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await load(connection, folder, sql);
    return await ask(connection, sql);
  } finally {
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
  try {
    const reader = await connection.runAndReadAll(sql);
    return { columns: reader.columnNames(), rows: reader.getRowsJS() };
  } catch (error) {
    throw new QueryError((error as Error).message);
  }
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

async function load(connection: DuckDBConnection, folder: string, sql: string): Promise<void> {
  for (const name of ['trace', 'summary', 'findings'] as const) {
    const path = join(folder, `${name}.csv`);
    if (existsSync(path)) await loadTable(connection, name, path);
  }
  // They are made from the trace, which a question that does not name them need not wait for.
  if (/intervals/i.test(sql)) await loadIntervals(connection, folder);
}

async function loadIntervals(connection: DuckDBConnection, folder: string): Promise<void> {
  const draft = mkdtempSync(join(tmpdir(), 'lockstep-'));
  try {
    const path = join(draft, 'intervals.csv');
    writeIntervals(folder, path);
    await loadTable(connection, 'intervals', path);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function loadTable(
  connection: DuckDBConnection,
  name: keyof typeof TYPES,
  path: string,
): Promise<void> {
  const types = TYPES[name];
  const list = Object.entries(types ?? {}).map(([column, type]) => `'${column}': '${type}'`);
  const told = types === null ? '' : `, types = {${list.join(', ')}}`;
  const file = `'${path.replaceAll("'", "''")}'`;
  const from = `read_csv(${file}, header = true, delim = ',', quote = '"', escape = '"'${told})`;
  await connection.run(`CREATE TABLE ${name} AS SELECT * FROM ${from}`);
}

const BATCH = 4096;
const HEADER = `${INTERVAL_COLUMNS.join(',')}\n`;

function writeIntervals(folder: string, path: string): void {
  writeFileSync(path, HEADER);
  let batch: (string | number)[][] = [];
  const flush = (): void => {
    const text = csv(INTERVAL_COLUMNS, batch);
    appendFileSync(path, text.slice(HEADER.length));
    batch = [];
  };
  const found = ({ kind, actor, pid, cpu, object, fromNs, toNs }: Interval): void => {
    batch.push([kind, actor, pid, cpu < 0 ? '' : cpu, object, fromNs, toNs]);
    if (batch.length >= BATCH) flush();
  };
  const intervals = new Intervals(found);
  let lastNs = 0;
  readTrace(folder, (row) => {
    lastNs = row.timeNs;
    intervals.see(row);
  });
  intervals.end(Math.max(lastNs, endOf(folder)));
  flush();
}
