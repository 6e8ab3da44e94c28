import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { BOUNDS, COUNTED, IRQ_SELF, LOST_UPDATE } from '../scenarios/explore/programs.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, write } from './harness.ts';

interface Explored {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly file: string;
  readonly folder: string;
}

async function explored(text: string, ...flags: readonly string[]): Promise<Explored> {
  const out = temporaryFolder();
  const file = write(out, text);
  const outcome = await lockstep(['explore', file, '--out', out, ...flags]);
  const folder = /^results {2}(.*)$/m.exec(outcome.out)?.[1] ?? '';
  return { ...outcome, file, folder };
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
const rows = (text: string): Record<string, string>[] => parse(text, { columns: true });

test('a bug is found, explained, and exits with 4', async () => {
  const { exit, out, err } = await explored(LOST_UPDATE);
  expect({ exit, err }).toEqual({ exit: 4, err: '' });
  expect(out).toMatch(/^FINDING {2}assertion {2}CONFIRMED {2}\(schedule \d+, \w+\)$/m);
  expect(out).toContain('  The shortest schedule has 1 switch (=>): 1 preemption, 0 arrivals\n');
  expect(out).toMatch(/^ {4}t-\d 13: \$x = n {2}BEFORE {2}t-\d 14: n = \$x \+ 1$/m);
  expect(out).toMatch(/^ {6}the other way round it passes: ls1\.\S+$/m);
  expect(out).toMatch(/^exit 4: 1 finding that nobody expects$/m);
});

test('the printed command replays the finding', async () => {
  const { out } = await explored(LOST_UPDATE);
  const command = /^ {2}replay {2}lockstep replay (\S+) '(ls1\S+)'$/m.exec(out);
  const again = await lockstep(['replay', command![1]!, command![2]!, '--out', temporaryFolder()]);
  expect(again.exit).toBe(4);
  expect(again.out).toContain('finally does not hold: n == 2');
});

test('a finding that the scenario expects exits with 0, one that stays away with 4', async () => {
  const expecting = `${LOST_UPDATE}explore: { findings: { must: [assertion] } }\n`;
  expect((await explored(expecting)).exit).toBe(0);
  const { exit, out } = await explored(
    `${COUNTED}explore: { findings: { must: [assertion] } }\n`,
    '--runs',
    '20',
  );
  expect(exit).toBe(4);
  expect(out).toMatch(/^exit 4: not found: assertion$/m);
});

test('where nothing is found it says what was covered and what was not', async () => {
  const { exit, out } = await explored(COUNTED, '--strategy', 'dfs');
  expect(exit).toBe(0);
  expect(out).toMatch(/^no bug in any schedule \(\d+ schedules\)$/m);
  expect(out).toMatch(/^ {2}schedules +\d+, of which \d+ are different$/m);
  expect(out).toMatch(/^ {2}lock +touched in kernel$/m);
  expect(out).not.toMatch(/NOT EXPLORED|interrupts of a line|timeouts/);
  const sampled = await explored(COUNTED, '--strategy', 'pos', '--runs', '10');
  expect(sampled.out).toMatch(/^NOT EXPLORED\n {2}schedules are drawn, not counted off/m);
});

test('the results are CSV and JSON without clock and path', async () => {
  const { folder } = await explored(IRQ_SELF);
  expect(readdirSync(folder).sort()).toEqual([
    'coverage.csv',
    'explore.json',
    'findings.csv',
    'scenario.yaml',
  ]);
  const findings = rows(read(folder, 'findings.csv'));
  expect(findings.map(({ kind, verdict, actors }) => [kind, verdict, actors])).toEqual([
    ['irq-safety', 'PREDICTED', 'eth0 reader'],
    ['self-deadlock', 'CONFIRMED', 'eth0 reader'],
  ]);
  expect(findings[1]).toMatchObject({ interrupts: '1', preemptions: '0', objects: 'A' });
  const coverage = rows(read(folder, 'coverage.csv'));
  expect(coverage).toContainEqual({ measure: 'touched.hardirq', object: 'A', value: '1' });
  const all = read(folder, 'explore.json');
  expect(all).not.toContain(folder);
  expect(JSON.parse(all)).toMatchObject({ stopped: 'found', bounds: BOUNDS });
});

test('each finding has its rows in the trace that its replay leaves', async () => {
  const { file, folder } = await explored(IRQ_SELF);
  for (const { schedule, rows: numbers, kind } of rows(read(folder, 'findings.csv'))) {
    const { out } = await lockstep(['replay', file, schedule!, '--out', temporaryFolder()]);
    const run = /^trace {2}(.*)\/trace\.csv/m.exec(out)![1]!;
    const again = rows(read(run, 'findings.csv')).find((found) => found['kind'] === kind);
    expect(again!['rows']).toBe(numbers);
    const last = rows(read(run, 'trace.csv')).find(({ seq }) => seq === numbers!.split(' ').at(-1));
    expect(last).toMatchObject({ event: 'finding', object: expect.stringContaining(kind!) });
  }
});

test('what is left at the end names who left it there', async () => {
  const { folder } = await explored(`name: left
about: References, counts and a message are left.
kernel: linux-6.1
machine: { cpus: 1 }
objects:
  r: { type: ref, count: 1, atEnd: 1 }
  s: { type: semaphore, count: 1, atEnd: 1 }
  q: { type: skbq, capacity: 1 }
vars: { n: 0 }
actors:
  a:
    kind: kthread
    steps:
      - get r
      - down s
      - skb_alloc
      - skb_queue_tail q $first
      - skb_alloc
      - skb_queue_tail q $second
finally: [n == 1]
`);
  const found = rows(read(folder, 'findings.csv'));
  expect(found.map(({ kind, objects, places }) => [kind, objects, places])).toEqual(
    expect.arrayContaining([
      ['refcount-leak', 'r', 'a:14'],
      ['sem-imbalance', 's', 'a:15'],
      ['overrun', 'q', 'a:19'],
      ['assertion', 'n', expect.anything()],
    ]),
  );
});

test('the same search leaves the same bytes', async () => {
  const out = temporaryFolder();
  const argv = ['explore', write(out, IRQ_SELF), '--out', out, '--keep-going', '--runs', '60'];
  await lockstep(argv);
  const { out: text } = await lockstep(argv);
  expect(text).toContain('identical to the first search (verified)\n');
});

/** Threads run what is built: `npm test` builds first. */
const BUILT = 'dist/cli/lockstep.js';

test.skipIf(!existsSync(BUILT))('any number of threads leaves the same bytes', () => {
  const out = temporaryFolder();
  const file = write(out, LOST_UPDATE.replace('count: 2', 'count: 3'));
  const leaves = ['1', '2', '3'].map((jobs) => {
    const flags = ['--keep-going', '--runs', '300', '--jobs', jobs, '--out', join(out, jobs)];
    const { status, stdout } = spawnSync(process.execPath, [BUILT, 'explore', file, ...flags], {
      encoding: 'utf8',
    });
    expect(status).toBe(4);
    expect(stdout).toContain('300 schedules run');
    const folder = /^results {2}(.*)$/m.exec(stdout)![1]!;
    const files = ['findings.csv', 'coverage.csv', 'explore.json'];
    return files.map((name) => read(folder, name));
  });
  expect(leaves[1]).toEqual(leaves[0]);
  expect(leaves[2]).toEqual(leaves[0]);
});

test('the seed decides what is drawn', async () => {
  const run = async (seed: string): Promise<string> => {
    const flags = ['--strategy', 'pos', '--keep-going', '--runs', '9', '--seed', seed];
    const { folder } = await explored(LOST_UPDATE, ...flags);
    return read(folder, 'findings.csv');
  };
  const drawn = await Promise.all(['1', '2', '3', '4'].map(run));
  expect(new Set(drawn).size).toBeGreaterThan(1);
});

test('Ctrl+C sums up what there is', async () => {
  const out = temporaryFolder();
  const { exit, out: text } = await lockstep(
    ['explore', write(out, COUNTED), '--out', out, '--strategy', 'pos', '--runs', '100000000'],
    { interrupted: true, tickMs: 20 },
  );
  expect(exit).toBe(130);
  expect(text).toMatch(/schedules? run, until it was interrupted$/m);
  expect(text).toMatch(/^exit 130: interrupted$/m);
});

test('--time ends a search, and progress is shown meanwhile', async () => {
  const out = temporaryFolder();
  const { exit, err } = await lockstep(
    ['explore', write(out, COUNTED), '--out', out, '--strategy', 'pos', '--time', '60s'],
    { tickMs: 2000 },
  );
  expect(exit).toBe(0);
  expect(err).toMatch(/^[\d,]+\/2,000 runs {2}\S+ runs\/s {2}nothing found$/m);
});

test.each([
  [['--runs', '0'], 'Expected a whole number from 1'],
  [['--time', 'soon'], 'expected a duration such as 10s'],
  [['--strategy', 'luck'], 'Allowed choices are portfolio'],
])('%j is wrong usage', async (flags, message) => {
  const { exit, err } = await explored(COUNTED, ...flags);
  expect(exit).toBe(2);
  expect(err).toContain(message);
});

test('the help shows examples', async () => {
  const { exit, out } = await lockstep(['explore', '--help']);
  expect(exit).toBe(0);
  expect(out).toContain('  lockstep explore driver.yaml --strategy dfs --preemptions 2');
});
