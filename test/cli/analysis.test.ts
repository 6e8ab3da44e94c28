import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { hasDatabase } from './database.ts';
import { lockstep, write } from './harness.ts';

const database = hasDatabase();

/** Runs the harness's scenario. @returns the run's folder. */
async function runOf(out: string, ...flags: string[]): Promise<string> {
  const { exit, out: text } = await lockstep(['run', write(out), '--out', out, '--json', ...flags]);
  expect(exit).toBe(0);
  return (JSON.parse(text) as { folder: string }).folder;
}

test.each(['stats', 'diff', 'query'])('the help of %s has examples', async (verb) => {
  const { exit, out } = await lockstep([verb, '--help']);
  expect(exit).toBe(0);
  expect(out).toMatch(new RegExp(`Examples:\\n {2}lockstep ${verb}\\b`));
});

test.each([
  ['stats', []],
  ['diff', ['other']],
  ['query', ['SELECT 1']],
])('%s says what is wrong with the folder', async (verb, more) => {
  const folder = temporaryFolder();
  const none = await lockstep([verb, join(folder, 'none'), ...more]);
  expect(none).toMatchObject({ exit: 2, err: `error: there is no folder ${folder}/none\n` });
  const empty = await lockstep([verb, folder, ...more]);
  expect(empty.exit).toBe(2);
  expect(empty.err).toContain(`${folder} has no trace.csv; 'lockstep run' leaves such folders`);
  const file = await lockstep([verb, write(folder), ...more]);
  expect(file.err).toContain('tiny.yaml is a file; expected the folder of a run');
});

test('stats prints tables, and writes them as CSV where it is told', async () => {
  const out = temporaryFolder();
  const run = await runOf(out);
  const csv = join(out, 'figures');
  const stats = await lockstep(['stats', run, '--csv', csv]);
  expect(stats).toMatchObject({ exit: 0, err: '' });
  for (const title of ['CPU', 'WAKE-UP LATENCY', 'HANDLER TIME', 'LOCK', 'QUEUE', 'OFF']) {
    expect(stats.out).toMatch(new RegExp(`^${title} `, 'm'));
  }
  expect(stats.out).not.toContain('LEFT OUT');
  expect(readdirSync(csv).sort()).toEqual([
    'histograms.csv',
    'queues.csv',
    'sections.csv',
    'stats.csv',
  ]);
  expect(readFileSync(join(csv, 'stats.csv'), 'utf8')).toMatch(/^lock\.acquired,lock,10,count$/m);
  const verified = await lockstep(['verify', run]);
  expect(verified.exit).toBe(0);
});

test('stats says which statistics a selection of events leaves out', async () => {
  const run = await runOf(temporaryFolder(), '--trace', 'sched_switch,sched_waking');
  const { exit, out } = await lockstep(['stats', run]);
  expect(exit).toBe(0);
  expect(out).toContain('WAKE-UP LATENCY');
  expect(out).toContain('LEFT OUT: the run was told not to record what is needed');
  expect(out).toContain('lock wait and hold times: lock_acquire, lock_contended');
  expect(out).toContain('parts of wake-up and run-queue latency: sched_wakeup_new\n');
  expect(out).toContain('parts of queue lengths: sched_wakeup, sched_wakeup_new, netlinkQueue');
  expect(out).not.toMatch(/^(LOCK|QUEUE) /m);
});

test('stats tells a damaged trace by its line', async () => {
  const folder = temporaryFolder();
  const run = await runOf(folder);
  const trace = join(run, 'trace.csv');
  writeFileSync(trace, readFileSync(trace, 'utf8').slice(0, 300));
  const { exit, err } = await lockstep(['stats', run]);
  expect(exit).toBe(2);
  expect(err).toMatch(/trace\.csv: line \d+ of the trace is cut off\n$/);
});

test.runIf(database).each([
  [
    'cut off',
    (text: string) => text.slice(0, 300),
    /trace\.csv: line \d+ of the trace is cut off\n$/,
  ],
  ['empty', () => '', /trace\.csv: line 1 of the trace is missing: the file is empty\n$/],
  [
    'something else',
    () => 'hello\n',
    /trace\.csv: line 1 .* is not the header of a trace: hello\n$/,
  ],
])('query says of a trace that is %s what is wrong with it', async (_, damage, words) => {
  const run = await runOf(temporaryFolder());
  const trace = join(run, 'trace.csv');
  writeFileSync(trace, damage(readFileSync(trace, 'utf8')));
  for (const table of ['trace', 'intervals']) {
    const { exit, err } = await lockstep(['query', run, `SELECT count(*) FROM ${table}`]);
    expect(exit).toBe(2);
    expect(err).toMatch(words);
  }
});

test.runIf(database)('query answers the same, however often it names a table', async () => {
  const run = await runOf(temporaryFolder());
  const once = 'SELECT count(*) AS n FROM intervals';
  const twice =
    'SELECT count(*) AS n FROM intervals WHERE from_ns IN (SELECT from_ns FROM intervals)';
  const [one, two] = await Promise.all([once, twice].map((sql) => lockstep(['query', run, sql])));
  expect(one!.out).toMatch(/^ +[1-9]\d*$/m);
  expect(two!.out).toBe(one!.out);
});

test('diff finds two runs of one seed the same', async () => {
  const runs = [await runOf(temporaryFolder()), await runOf(temporaryFolder())];
  const { exit, out } = await lockstep(['diff', ...runs]);
  expect(exit).toBe(0);
  expect(out).toContain('the traces are the same\n');
  expect(out).toContain('the runs are the same\n');
});

test('diff shows where two runs part and what comes of it', async () => {
  const out = temporaryFolder();
  const [first, second] = [await runOf(out), await runOf(out, '--seed', '2')];
  const { exit, out: text } = await lockstep(['diff', first, second, '--context', '1']);
  expect(exit).toBe(4);
  const [, number] = /the traces part in line (\d+) of trace\.csv/.exec(text) ?? [];
  const line = (folder: string): string =>
    readFileSync(join(folder, 'trace.csv'), 'utf8').split('\n')[Number(number) - 1] ?? '';
  expect(line(first)).not.toBe(line(second));
  expect(text).toContain(`  A  ${line(first)}\n  B  ${line(second)}\n`);
  expect(text).toMatch(/^METRIC +A +B +B - A$/m);
  expect(text).toMatch(/^ {2}irq_handler_entry +\d+ +\d+ +[+-]\d+$/m);
});

test('diff without summaries compares the traces', async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const run = await runOf(first);
  mkdirSync(join(second, 'bare'));
  writeFileSync(join(second, 'bare', 'trace.csv'), readFileSync(join(run, 'trace.csv')));
  const { exit, out } = await lockstep(['diff', run, join(second, 'bare')]);
  expect(exit).toBe(0);
  expect(out).toContain('bare has no summary.csv: figures are not compared');
});

test.runIf(database)('query answers from the trace, the summary and the findings', async () => {
  const run = await runOf(temporaryFolder());
  const ask = async (sql: string): Promise<string> => {
    const { exit, out } = await lockstep(['query', run, sql, '--csv']);
    expect(exit).toBe(0);
    return out;
  };
  const rows = readFileSync(join(run, 'trace.csv'), 'utf8').trim().split('\n').length - 1;
  expect(await ask('SELECT count(*) AS n FROM trace')).toBe(`n\n${rows}\n`);
  expect(await ask('SELECT count(*) AS n FROM findings')).toBe('n\n0\n');
  expect(await ask("SELECT value FROM summary WHERE metric = 'lock.acquired'")).toBe('value\n10\n');
  expect(await ask('SELECT NULL AS none, [1, 2] AS list')).toBe('none,list\n,"[1,2]"\n');
});

test.runIf(database)('intervals of query add up to the figures of the run', async () => {
  const run = await runOf(temporaryFolder());
  const sql = `SELECT s.metric, s.value, sum(to_ns - from_ns) AS ns
    FROM intervals i JOIN summary s ON s.metric = 'cpu.' || i.object AND s.object = i.cpu::VARCHAR
    WHERE kind = 'running' GROUP BY ALL ORDER BY 1`;
  const { out } = await lockstep(['query', run, sql, '--csv']);
  const [, ...lines] = out.trim().split('\n');
  expect(lines.map((line) => line.split(',')[0])).toEqual(['cpu.hardirq', 'cpu.idle']);
  for (const [, figure, ns] of lines.map((line) => line.split(','))) expect(ns).toBe(figure);
});

test.runIf(database)('query prints a table, and errors of SQL as such', async () => {
  const run = await runOf(temporaryFolder());
  const { out } = await lockstep(['query', run, "SELECT 'a' AS word, 12 AS figure"]);
  expect(out).toBe('word  figure\n  a       12\n');
  const wrong = await lockstep(['query', run, 'SELECT nothing FROM trace']);
  expect(wrong.exit).toBe(2);
  expect(wrong.err).toContain('error: Binder Error');
});
