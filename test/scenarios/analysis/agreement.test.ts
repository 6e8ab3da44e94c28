/*
 * What a trace says and what the run's summary says are the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { statsOf } from '../../../scenarios/analysis/stats.ts';
import { lockstep } from '../../cli/harness.ts';
import { temporaryFolder } from '../output/temporary-folder.ts';

/**
 * Scenarios with interrupts, all kinds of locks, contention, system calls and several CPUs; some
 * with interrupts that sleep, after which preempt_count is wrong; one with a CPU without rows.
 */
const SCENARIOS = [
  'netlink-icmp',
  'char-read',
  'seq-file',
  'device-file',
  'figure-2-thread',
  'cycle3-mutex-fixed',
  'spin-vs-hardirq-fixed',
  'thundering-herd',
  'writer-starvation-fixed',
  'work-requeued-after-cancel-fixed',
  'table-1',
  'table-2-pipe',
  'kprobe',
];

function summaryOf(folder: string): Map<string, number> {
  const rows = parse<{ metric: string; object: string; value: string }>(
    readFileSync(join(folder, 'summary.csv')),
    { columns: true },
  );
  const figures = new Map(rows.map((row) => [`${row.metric}(${row.object})`, Number(row.value)]));
  for (let cpu = 0; figures.has(`cpu.user(${cpu})`); cpu++) {
    const [kernel = 0, user = 0] = ['kernel', 'user'].map((one) =>
      figures.get(`cpu.${one}(${cpu})`),
    );
    figures.set(`cpu.task(${cpu})`, kernel + user);
  }
  return figures;
}

test.each(SCENARIOS)('the figures of %s agree with its summary', async (name) => {
  const out = temporaryFolder();
  const run = await lockstep(['run', name, '--trace', 'all', '--out', out, '--json']);
  const folder = (JSON.parse(run.out) as { folder: string }).folder;
  const summary = summaryOf(folder);
  const figures = statsOf(folder).statistics.flatMap((one) => one.figures?.() ?? []);
  const both = figures
    .map(({ metric, object, value }) => [`${metric}(${object})`, value] as const)
    .filter(([key]) => summary.has(key));
  expect(both.length).toBeGreaterThan(4);
  expect(Object.fromEntries(both)).toEqual(
    Object.fromEntries(both.map(([key]) => [key, summary.get(key)])),
  );
});
