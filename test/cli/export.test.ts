import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatNames } from '../../scenarios/export/format-names.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, write } from './harness.ts';

const FILES = {
  perfetto: 'trace.pftrace',
  'trace-dat': 'trace.dat',
  ftrace: 'trace.txt',
  vcd: 'trace.vcd',
};

/** Runs the harness's scenario. @returns the run's folder. */
async function runOf(out: string): Promise<string> {
  const { out: text } = await lockstep(['run', write(out), '--out', out, '--json']);
  return (JSON.parse(text) as { folder: string }).folder;
}

test('the help of export has examples and every format', async () => {
  const { exit, out } = await lockstep(['export', '--help']);
  expect(exit).toBe(0);
  expect(out).toContain('\n  lockstep export output/netlink-icmp/1-7eba26dd --to perfetto\n');
  for (const name of formatNames) expect(out).toMatch(new RegExp(`^ {2}${name} +trace\\.`, 'm'));
});

test.each(formatNames)(
  '%s has the same bytes each time, in the folder of the run',
  async (name) => {
    const folder = await runOf(temporaryFolder());
    const file = join(folder, FILES[name]);
    const { exit, out, err } = await lockstep(['export', folder, '--to', name]);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const first = readFileSync(file);
    const rows = readFileSync(join(folder, 'trace.csv'), 'utf8').trim().split('\n').length - 1;
    const bytes = first.length.toLocaleString('en');
    expect(out).toBe(`${name}  ${file}  ${rows.toLocaleString('en')} events, ${bytes} bytes\n`);
    const again = join(temporaryFolder(), 'again');
    await lockstep(['export', await runOf(temporaryFolder()), '--to', name, '--out', again]);
    expect(readFileSync(again).equals(first)).toBe(true);
    writeFileSync(file, 'something else');
    await lockstep(['export', folder, '--to', name]);
    expect(readFileSync(file).equals(first)).toBe(true);
  },
);

test('an export leaves the run as it was, and nothing beside the file', async () => {
  const folder = await runOf(temporaryFolder());
  const before = readdirSync(folder);
  for (const name of formatNames) await lockstep(['export', folder, '--to', name]);
  expect(readdirSync(folder).toSorted()).toEqual([...before, ...Object.values(FILES)].toSorted());
  const { exit } = await lockstep(['verify', folder]);
  expect(exit).toBe(0);
});

test('an unknown format is answered with the nearest', async () => {
  const { exit, err } = await lockstep(['export', 'x', '--to', 'perfeto']);
  expect(exit).toBe(2);
  expect(err).toContain('Expected perfetto, trace-dat, ftrace, vcd.');
  expect(err).toContain("Did you mean 'perfetto'?");
  const without = await lockstep(['export', 'x']);
  expect(without.exit).toBe(2);
  expect(without.err).toContain("required option '--to <format>' not specified");
});

test('export says what is wrong with the folder', async () => {
  const folder = temporaryFolder();
  const to = ['--to', 'vcd'];
  const none = await lockstep(['export', join(folder, 'none'), ...to]);
  expect(none).toMatchObject({ exit: 2, err: `error: there is no folder ${folder}/none\n` });
  const empty = await lockstep(['export', folder, ...to]);
  expect(empty.err).toContain(`${folder} has no trace.csv; 'lockstep run' leaves such folders`);
  const file = await lockstep(['export', write(folder), ...to]);
  expect(file.err).toContain('tiny.yaml is a file; expected the folder of a run');
  writeFileSync(join(folder, 'trace.csv'), '');
  const nothing = await lockstep(['export', folder, ...to]);
  expect(nothing.err).toContain('trace.csv: line 1 of the trace is missing: the file is empty');
  expect(nothing.exit).toBe(2);
});

test('a damaged trace leaves no half export', async () => {
  const folder = await runOf(temporaryFolder());
  const trace = join(folder, 'trace.csv');
  writeFileSync(trace, readFileSync(trace).subarray(0, 300));
  const before = readdirSync(folder);
  const { exit, err } = await lockstep(['export', folder, '--to', 'trace-dat']);
  expect(exit).toBe(2);
  expect(err).toMatch(/trace\.csv: line \d+ of the trace is cut off\n$/);
  expect(readdirSync(folder)).toEqual(before);
});

test('a trace without rows is exported as one', async () => {
  const folder = await runOf(temporaryFolder());
  const trace = join(folder, 'trace.csv');
  writeFileSync(trace, readFileSync(trace, 'utf8').split('\n', 1)[0] + '\n');
  for (const name of formatNames) {
    const { exit, out } = await lockstep(['export', folder, '--to', name]);
    expect(exit).toBe(0);
    expect(out).toContain('  0 events, ');
  }
});

test('where it cannot write it says so', async () => {
  const out = temporaryFolder();
  const folder = await runOf(out);
  const taken = join(out, 'taken');
  mkdirSync(taken);
  const there = await lockstep(['export', folder, '--to', 'vcd', '--out', taken]);
  expect(there.exit).toBe(6);
  expect(there.err).toContain(`cannot write ${taken}: it is a folder`);
  const nowhere = join(out, 'nowhere', 'x.vcd');
  const missing = await lockstep(['export', folder, '--to', 'vcd', '--out', nowhere]);
  expect(missing.exit).toBe(6);
  expect(missing.err).toContain(`cannot write ${nowhere}: no such folder`);
});

test.runIf(existsSync('/dev/fd/1') && existsSync('dist'))(
  'a pipe gets the export and nothing else',
  async () => {
    const folder = await runOf(temporaryFolder());
    for (const name of formatNames) {
      await lockstep(['export', folder, '--to', name]);
      const line = `dist/cli/lockstep.js export ${folder} --to ${name} --out /dev/stdout | cat`;
      const child = spawnSync('sh', ['-c', `${process.execPath} ${line}`]);
      expect(child.stdout.equals(readFileSync(join(folder, FILES[name])))).toBe(true);
    }
    const line = `dist/cli/lockstep.js export ${folder} --to ftrace --out /dev/stdout`;
    const script = `${process.execPath} ${line} | head -1; echo $PIPESTATUS`;
    const some = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(some).toMatchObject({ stdout: '# tracer: nop\n0\n', stderr: '' });
  },
);
