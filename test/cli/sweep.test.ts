import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findScenario } from '../../cli/shipped.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, scenario, write } from './harness.ts';
import { contents, resultsOf, SWEPT, writeSwept } from './sweeps.ts';

const BUILT = 'dist/cli/lockstep.js';
const rows = (text: string): Record<string, string>[] => parse(text, { columns: true });

test('there is a row for each point and seed, and each is the run of lockstep run', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const { exit, err, out: told } = await lockstep(['sweep', file, '--out', out]);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(told).toContain('tiny  6 points, 4 seeds\n');
  expect(told).toContain('24 runs, all as expected\n');
  const runs = rows(contents(resultsOf(told))['runs.csv']!);
  expect(runs.map(({ run }) => Number(run))).toEqual(Array.from({ length: 24 }, (_, i) => i));
  const [last] = runs.slice(-1) as [Record<string, string>];
  expect(last).toMatchObject({ 'machine.hz': '1000', 'params.gap': '150us', seed: '4', exit: '0' });
  const set = ['--set', 'machine.hz=1000', '--set', 'params.gap=150us', '--seed', '4'];
  const alone = await lockstep(['run', file, ...set, '--json', '--out', out]);
  const { trace, metrics } = JSON.parse(alone.out) as {
    trace: { sha256: string };
    metrics: { metric: string; object: string; value: number }[];
  };
  expect(last['digest']).toBe(trace.sha256);
  for (const { metric, object, value } of metrics) {
    expect(last[object === '' ? metric : `${metric}(${object})`]).toBe(String(value));
  }
});

test('the guide shows what its sweep prints and leaves', async () => {
  const guide = readFileSync('docs/sweeps.md', 'utf8');
  const shown = (mark: string): string =>
    new RegExp(`<!-- ${mark} -->\n\`\`\`text\n(.*?)\`\`\``, 's').exec(guide)![1]!;
  const out = temporaryFolder();
  const axes = ['--sweep', 'machine.hz=100,250,1000', '--seeds', '1..3'];
  const set = ['--set', 'until=5s', '--set', 'expect.that=[pool.reports >= 1]'];
  for (const word of [...axes, ...set]) expect(guide).toContain(word);
  const told = await lockstep(['sweep', 'netlink-pool-10', ...axes, ...set, '--out', out]);
  const results = resultsOf(told.out);
  expect(told.out.replace(dirname(dirname(results)), 'output')).toBe(shown('output of the sweep'));
  const summary = contents(results)['summary.csv']!.split('\n');
  for (const row of shown('rows of summary.csv').trim().split('\n')) expect(summary).toContain(row);
}, 60_000);

test.each([
  ['Slurm', 'SLURM_ARRAY_TASK_ID', 1],
  ['Kubernetes', 'JOB_COMPLETION_INDEX', 0],
  ['nothing but a shell', '', 0],
])('the lines of the guide for %s make shards that are merged', async (title, name, first) => {
  const guide = readFileSync('docs/sweeps.md', 'utf8');
  const line = new RegExp(`^# ${title}.*\\n(.*)$`, 'm').exec(guide)![1]!;
  const merge = /^npx lockstep merge (.*)$/m.exec(guide)![0];
  const out = temporaryFolder();
  const file = write(out, scenario().replace('name: tiny', 'name: my'), 'my.yaml');
  const npx = `#!/bin/sh\nshift\nexec '${process.execPath}' '${resolve(BUILT)}' "$@"\n`;
  writeFileSync(join(out, 'npx'), npx, { mode: 0o755 });
  const PATH = `${out}:${process.env['PATH']}`;
  const shell = (command: string, index: number): string => {
    const env = { ...process.env, PATH, SLURM_ARRAY_TASK_COUNT: '2', [name]: String(index) };
    return execFileSync('sh', ['-c', command], { cwd: out, env, encoding: 'utf8' });
  };
  const small = line.replace('1..1000', '1..4').replace('/8', '/2').replace('seq 8', 'seq 2');
  for (let i = 0; i < (name === '' ? 1 : 2); i++) shell(small, first + i);
  const merged = contents(join(out, resultsOf(shell(merge, 0))));
  const here = await lockstep(['sweep', file, '--seeds', '1..4', '--out', join(out, 'here')]);
  expect(merged).toEqual(contents(resultsOf(here.out)));
});

test('the summary has the statistics of each figure at each point', async () => {
  const out = temporaryFolder();
  const told = (await lockstep(['sweep', writeSwept(out), '--out', out])).out;
  const files = contents(resultsOf(told));
  const runs = rows(files['runs.csv']!);
  const summary = rows(files['summary.csv']!);
  const at = (row: Record<string, string>): boolean =>
    row['machine.hz'] === '100' && row['params.gap'] === '100us';
  const figures = runs.filter(at).map((row) => Number(row['cpu.hardirq(0)']));
  const told100 = summary.filter(at).find((row) => row['metric'] === 'cpu.hardirq')!;
  expect(figures).toHaveLength(4);
  expect(Number(told100['mean'])).toBeCloseTo(figures.reduce((a, b) => a + b) / 4, 6);
  expect(Number(told100['min'])).toBe(Math.min(...figures));
  expect(Number(told100['max'])).toBe(Math.max(...figures));
  expect(Number(told100['ci95_low'])).toBeLessThan(Number(told100['mean']));
  expect(summary.filter(({ metric }) => metric === 'failed')).toHaveLength(6);
});

test('runs that are not as expected are counted, the first is named, the exit is 4', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const axis = ['--sweep', 'params.gap=100us,1ms'];
  const { exit, out: told } = await lockstep(['sweep', file, ...axis, '--out', out]);
  expect(exit).toBe(4);
  expect(told).toContain('16 runs, 8 failed\n');
  expect(told).toMatch(/^exit 4: 8 of 16 runs failed$/m);
  const command = /^first {4}lockstep (.*)$/m.exec(told)![1]!.split(' ');
  expect((await lockstep([...command, '--out', out])).exit).toBe(4);
  const summary = rows(contents(resultsOf(told))['summary.csv']!);
  const failed = summary.filter(({ metric }) => metric === 'failed').map(({ mean }) => mean);
  expect(failed).toEqual(['0', '1', '0', '1']);
});

test('a point that is no valid scenario is a failed run, and the others are made', async () => {
  const out = temporaryFolder();
  const axes = ['kernel=linux-2.4.27,linux-6.1', 'machine.preemption=none,full'];
  const flags = axes.flatMap((axis) => ['--sweep', axis]);
  const { exit, out: told } = await lockstep(['sweep', write(out), ...flags, '--out', out]);
  expect(exit).toBe(3);
  expect(told).toContain("linux-2.4.27 has none, not 'full'");
  const runs = rows(contents(resultsOf(told))['runs.csv']!);
  expect(runs.map((row) => row['exit'])).toEqual(['0', '3', '0', '0']);
});

test('the bytes are the same with any number of jobs and from merged shards', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const swept = (to: string, ...flags: string[]): string => {
    const command = [BUILT, 'sweep', file, '--out', join(out, to), ...flags];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return resultsOf(stdout);
  };
  const one = contents(swept('1', '--shard', '1/1'));
  expect(Object.keys(one)).toEqual([
    'runs.csv',
    'runs.jsonl',
    'scenario.yaml',
    'summary.csv',
    'sweep.json',
  ]);
  for (const jobs of ['2', '4']) expect(contents(swept(jobs, '--jobs', jobs))).toEqual(one);
  const shards = ['3/3', '1/3', '2/3'].map((shard) => swept('shards', '--shard', shard));
  const merged = await lockstep(['merge', ...shards, '--out', join(out, 'merged')]);
  expect(merged.exit).toBe(0);
  expect(contents(resultsOf(merged.out))).toEqual(one);
});

test('merge refuses what does not fit together', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const swept = async (...flags: string[]): Promise<string> => {
    const told = await lockstep(['sweep', file, '--out', out, ...flags]);
    return resultsOf(told.out);
  };
  const first = await swept('--shard', '1/2');
  const second = await swept('--shard', '2/2');
  const third = await swept('--shard', '3/3');
  const other = await swept('--shard', '2/2', '--set', 'machine.cpus=2');
  const merged = async (...folders: string[]): Promise<string> => {
    const { exit, err } = await lockstep(['merge', ...folders, '--out', join(out, 'merged')]);
    expect(exit).toBe(2);
    return err;
  };
  expect(await merged(first)).toBe('error: shard 2/2 is missing\n');
  expect(await merged(first, second, second)).toContain('are both shard 2/2');
  expect(await merged(first, third)).toContain('one sweep was divided in two ways');
  expect(await merged(first, other)).toContain('these are of two sweeps');
  expect(await merged(first, out)).toContain('is not the folder of a whole sweep or shard');
  const records = join(second, 'runs.jsonl');
  writeFileSync(records, readFileSync(records, 'utf8').replace('"exit":0', '"exit":4'));
  expect(await merged(first, second)).toContain('is not as the sweep has left it');
  expect(existsSync(join(out, 'merged'))).toBe(false);
});

test('a second sweep finds the first and is compared with it', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const first = await lockstep(['sweep', file, '--out', out, '--quiet']);
  const again = await lockstep(['sweep', file, '--out', out, '--quiet']);
  expect(again).toMatchObject({
    exit: 0,
    out: `${first.out}identical to the first sweep (verified)\n`,
  });
  const resumed = await lockstep(['sweep', file, '--out', out, '--quiet', '--resume']);
  expect(resumed).toMatchObject({ exit: 0, out: `${first.out}all runs were there already\n` });
  const table = join(resultsOf(first.out), 'runs.csv');
  writeFileSync(table, `${readFileSync(table, 'utf8')}\n`);
  const changed = await lockstep(['sweep', file, '--out', out, '--quiet']);
  expect(changed.exit).toBe(5);
  expect(resultsOf(changed.out)).toBe(`${resultsOf(first.out)}-differs`);
});

test('a sweep whose journal was cut at any byte goes on and loses no whole run', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const whole = resultsOf((await lockstep(['sweep', file, '--out', out])).out);
  const expected = contents(whole);
  const {
    lockstep: version,
    hash,
    shard,
  } = JSON.parse(expected['sweep.json']!) as {
    lockstep: string;
    hash: string;
    shard: unknown;
  };
  const head = `${JSON.stringify({ lockstep: version, hash, shard })}\n`;
  // Runs end in any order, and those that were made have a mark that a new run would not have.
  const lines = expected['runs.jsonl']!.trimEnd().split('\n').reverse();
  const marked = lines.map((line) => line.replace(/"why":""/, '"why":"kept"'));
  const journal = Buffer.from(head + marked.map((line) => `${line}\n`).join(''));
  const cuts = fc.oneof(
    fc.nat(journal.length),
    fc.constantFrom(0, head.length - 1, head.length, journal.length - 1, journal.length),
  );
  await fc.assert(
    fc.asyncProperty(cuts, async (bytes) => {
      const to = join(out, `cut-${bytes}`);
      const unfinished = join(to, 'tiny', `${whole.slice(dirname(whole).length + 1)}-unfinished`);
      mkdirSync(unfinished, { recursive: true });
      writeFileSync(join(unfinished, 'journal.jsonl'), journal.subarray(0, bytes));
      const told = await lockstep(['sweep', file, '--out', to, '--resume']);
      expect(told).toMatchObject({ exit: 0, err: '' });
      const { 'runs.csv': runs, 'runs.jsonl': records } = contents(resultsOf(told.out));
      expect(runs).toBe(expected['runs.csv']);
      const kept = journal.subarray(head.length, Math.max(bytes, head.length)).toString();
      expect(records!.split('"why":"kept"').length).toBe(kept.split('\n').length);
      expect(existsSync(unfinished)).toBe(false);
    }),
    { numRuns: 25 },
  );
}, 60_000);

test('a sweep that is killed in the middle is resumed, with the same bytes', async () => {
  const out = temporaryFolder();
  const file = write(out, SWEPT.replace('seeds: 1..4', 'seeds: 1..100'), 'swept.yaml');
  const expected = contents(resultsOf((await lockstep(['sweep', file, '--out', out])).out));
  const flags = ['sweep', file, '--out', join(out, 'killed'), '--jobs', '2'];
  const child = spawn(process.execPath, [BUILT, ...flags], { stdio: 'ignore' });
  const { hash } = JSON.parse(expected['sweep.json']!) as { hash: string };
  const begun = join(out, 'killed', 'tiny', `sweep-${hash.slice(0, 8)}-unfinished`);
  const journal = join(begun, 'journal.jsonl');
  const made = (): number =>
    existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0;
  while (made() < 20) await pause(2);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const before = made();
  expect(before).toBeLessThan(600);
  const refused = await lockstep(flags);
  expect(refused.exit).toBe(2);
  expect(refused.err).toContain('--resume goes on with that sweep');
  const resume = [BUILT, ...flags, '--resume'];
  const { status, stdout } = spawnSync(process.execPath, resume, { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(contents(resultsOf(stdout))).toEqual(expected);
}, 60_000);

test('a sweep whose input file has changed is another sweep', async () => {
  const out = temporaryFolder();
  const folder = dirname(findScenario('netlink-icmp'));
  const capture = readFileSync(join(folder, 'icmp-echo.pcap'));
  const file = write(out, readFileSync(join(folder, 'netlink-icmp.yaml'), 'utf8'));
  const swept = async (bytes: Buffer): Promise<string> => {
    writeFileSync(join(out, 'icmp-echo.pcap'), bytes);
    const axis = ['--sweep', 'machine.hz=100,250', '--set', 'expect.that=[]', '--out', out];
    const told = await lockstep(['sweep', file, ...axis, '--resume']);
    expect(told).toMatchObject({ exit: 0, err: '' });
    return told.out;
  };
  const first = await swept(capture);
  expect(await swept(capture)).toContain('all runs were there already');
  // Without the last packet: its header of 16 bytes says how long each is.
  let at = 24;
  let last = at;
  for (; at < capture.length; at += 16 + capture.readUInt32LE(at + 8)) last = at;
  const second = await swept(capture.subarray(0, last));
  expect(second).not.toContain('all runs were there already');
  expect(resultsOf(second)).not.toBe(resultsOf(first));
  const digest = (told: string): string =>
    rows(contents(resultsOf(told))['runs.csv']!)[0]!['digest']!;
  expect(digest(second)).not.toBe(digest(first));
  const { inputs } = JSON.parse(contents(resultsOf(second))['sweep.json']!) as { inputs: unknown };
  const sha256 = createHash('sha256').update(capture.subarray(0, last)).digest('hex');
  expect(inputs).toEqual({ 'icmp-echo.pcap': { sha256, bytes: last } });
});

test('Ctrl+C keeps what was made and says how to go on', async () => {
  const out = temporaryFolder();
  const file = writeSwept(out);
  const { exit, out: told } = await lockstep(['sweep', file, '--out', out], { interrupted: true });
  expect(exit).toBe(130);
  expect(told).toMatch(/^\d+ of 24 runs are kept in .*-unfinished; --resume goes on$/m);
  const resumed = await lockstep(['sweep', file, '--out', out, '--resume']);
  expect(resumed.exit).toBe(0);
});

test('the progress says how many runs were made, the rate and the time that is left', async () => {
  const out = temporaryFolder();
  const terminal = { tty: true, tickMs: 500 };
  const { err } = await lockstep(['sweep', writeSwept(out), '--out', out], terminal);
  expect(err).toMatch(/\d+\/24 runs {2}0 failed {2}\d+ runs\/s {2}\d+ s left/);
});

test.each([
  [['--sweep', 'machine.hzz=100'], 3, "no 'machine.hzz' (did you mean 'machine.hz'?)"],
  [['--sweep', 'machine.hz=0,100'], 3, '--sweep machine.hz=0: machine.hz: a machine needs ticks'],
  [['--sweep', 'machine.hz'], 2, 'expected path=values'],
  [['--sweep', 'machine.hz=9..1'], 2, 'expected a range that goes up, got 9..1'],
  [['--sweep', 'seed=1..3'], 2, 'use --seeds 1..100'],
  [['--sweep', 'name=a,b'], 2, 'name cannot be swept'],
  [['--sweep', 'until=1ms', '--sweep', 'until=2ms'], 2, 'until has been given already'],
  [['--seeds', '1..10000000'], 2, 'at most 100000 values'],
  [['--shard', '4/3'], 2, 'Expected i/n with i from 1 to n'],
])('%j is refused', async (flags, exit, message) => {
  const out = temporaryFolder();
  const refused = await lockstep(['sweep', write(out), ...flags, '--out', out]);
  expect(refused.exit).toBe(exit);
  expect(refused.err).toContain(message);
});

test('an axis of the scenario itself is judged as the rest of it', async () => {
  const out = temporaryFolder();
  const wrong = write(out, scenario('sweep: { axes: { until: 2ms..1ms } }\n'), 'wrong.yaml');
  const refused = await lockstep(['sweep', wrong, '--out', out]);
  expect(refused.exit).toBe(3);
  expect(refused.err).toMatch(
    /wrong\.yaml:\d+:\d+: sweep\.axes\.until: expected a range that goes up/,
  );
  const unknown = write(out, scenario('sweep: { axes: { untill: [1ms, 2ms] } }\n'), 'wrong.yaml');
  const { err } = await lockstep(['sweep', unknown, '--out', out]);
  expect(err).toBe(
    `${unknown}: sweep.axes.untill: the scenario has no 'untill' (did you mean 'until'?)\n`,
  );
});
