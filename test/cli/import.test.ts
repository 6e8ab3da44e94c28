/* lockstep import, and what docs/import.md shows of it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importWorkload } from '../../scenarios/import/rt-app/import.ts';
import { loadFile, type LoadResult } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { loadYaml } from '../scenarios/run/perform.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep } from './harness.ts';

const page = readFileSync('docs/import.md', 'utf8');
const SHOWN = /<!-- output of: (\w+) -->\n```sh\nlockstep ([^`]*)\n```\n\n```text\n([^`]*)```/g;
const shown = [...page.matchAll(SHOWN)].map(([, what = '', line = '', text = '']) => ({
  what,
  line,
  text,
}));
const recording = 'test/fixtures/recordings/version-7.dat';
const workload = 'docs/examples/rt-app/audio.json';

/** The files that the page writes, and one that it reads. */
function pageFolder(): string {
  const folder = temporaryFolder();
  const json = `{ "tasks": {
    "video": { "policy": "SCHED_DEADLINE", "dl-runtime": 5000, "run": 4000 } } }`;
  writeFileSync(join(folder, 'deadline.json'), json);
  return folder;
}

async function outputOf(line: string, folder: string): Promise<string> {
  const words = line
    .split(' ')
    .map((word) => (/^\w+\.(yaml|csv|json)$/.test(word) ? join(folder, word) : word));
  const { out, err } = await lockstep(words);
  return (err + out).replaceAll(join(folder, '/'), '');
}

test('the page shows each kind of import', () => {
  expect(shown.map(({ what }) => what)).toEqual([
    'workload',
    'refused',
    'overview',
    'table',
    'nothing',
  ]);
});

test.each(shown)('what the page shows of $what is its output', async ({ line, text }) => {
  expect(await outputOf(line, pageFolder())).toBe(text);
});

test('the parts of files that the page shows are parts of them', async () => {
  const folder = pageFolder();
  for (const { line } of shown) await outputOf(line, folder);
  const parts = [...page.matchAll(/<!-- part of (\S+) -->\n```\w+\n([^`]*)```/g)];
  expect(parts.map(([, name]) => name)).toEqual(['audio.yaml', 'eth0.csv']);
  for (const [, name = '', text = ''] of parts) {
    expect(readFileSync(join(folder, name), 'utf8')).toContain(text);
  }
});

test('the shipped scenario does what its workload says', () => {
  const { scenario } = importWorkload(workload, readFileSync(workload, 'utf8'));
  const shipped: LoadResult = loadFile('scenarios/imported/rt-app-audio.yaml', registry);
  if (!shipped.ok) throw new Error('it is not valid');
  const imported = loadYaml(scenario!);
  for (const part of ['actors', 'objects', 'vars', 'machine', 'until'] as const) {
    expect(shipped.loaded.scenario[part]).toEqual(imported.scenario[part]);
  }
});

test('without --out the scenario or the table goes to standard output alone', async () => {
  const scenario = await lockstep(['import', workload]);
  expect(scenario.exit).toBe(0);
  expect(scenario.err).toMatch(/^warning: .*audio\.json:53:2: global: /);
  loadYaml(scenario.out);
  const table = await lockstep(['import', recording, '--event', 'irq_handler_entry']);
  expect(table).toMatchObject({ exit: 0, err: '' });
  expect(table.out).toMatch(/^time_ns,cpu\n0,0\n(\d+,0\n){29}$/);
});

test('the origin of a table may be the recording', async () => {
  const flags = ['--event', 'irq_handler_entry', '--where', 'irq=0xb', '--origin', 'recording'];
  const { out } = await lockstep(['import', recording, ...flags]);
  expect(out).toMatch(/^time_ns,cpu\n25768352,0\n/);
});

test('a file that is there is replaced only if asked', async () => {
  const out = join(temporaryFolder(), 'a.yaml');
  expect((await lockstep(['import', workload, '--out', out])).exit).toBe(0);
  const again = await lockstep(['import', workload, '--out', out]);
  expect(again.exit).toBe(2);
  expect(again.err).toContain(`${out} exists (--force replaces it)`);
  expect((await lockstep(['import', workload, '--out', out, '--force'])).exit).toBe(0);
});

/** Files that are no good, by their names. */
const BAD: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  other: '\u007fELF',
  'cut.dat': readFileSync(recording).subarray(0, 20_000),
  'cut.json': '{ "tasks": {',
};

test.each([
  [['none'], 2, 'there is no file none'],
  [['.'], 2, '. is a folder; expected a file'],
  [['BAD/empty'], 3, 'empty: it is empty'],
  [['BAD/other'], 3, 'other: expected a trace.dat, the text of ftrace, a pcap'],
  [['BAD/cut.dat'], 3, '(the file is cut short)'],
  [['BAD/cut.json'], 3, 'cut.json:1:13: expected a key in quotes, or }'],
  [[workload, '--event', 'x'], 2, '--event is for recordings, not JSON'],
  [[workload, '--where', 'a=b'], 2, '--where is for recordings, not JSON'],
  [[recording, '--out', 'x'], 2, '--out: say which --event is meant'],
  [[recording, '--event', 'a', '--where', 'b'], 2, '--where b: expected FIELD=VALUE'],
  [[recording, '--event', 'irq_handler'], 3, "did you mean 'irq_handler_entry'?"],
  [[recording, '--origin', 'x'], 2, "argument 'x' is invalid"],
])('%j is refused', async (words, exit, message) => {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(BAD)) writeFileSync(join(folder, name), content);
  const argv = words.map((word) => word.replace(/^BAD/, folder));
  const outcome = await lockstep(['import', ...argv]);
  expect(outcome).toMatchObject({ exit, out: '' });
  expect(outcome.err).toContain(message);
  expect(outcome.err).not.toContain('internal fault');
});

test('the help has examples', async () => {
  const { exit, out } = await lockstep(['import', '--help']);
  expect(exit).toBe(0);
  expect(out).toMatch(/Examples:\n {2}lockstep import workload\.json/);
});

test('a run keeps its recording, and is verified with it', async () => {
  const out = temporaryFolder();
  const run = await lockstep(['run', 'recorded-network', '--out', out, '--json']);
  expect(run.exit).toBe(0);
  const { folder: kept } = JSON.parse(run.out) as { folder: string };
  expect(existsSync(join(kept, 'recorded-network.dat'))).toBe(true);
  expect(readFileSync(join(kept, 'run.json'), 'utf8')).toContain('recorded-network.dat');
  expect((await lockstep(['verify', kept])).exit).toBe(0);
  writeFileSync(join(kept, 'recorded-network.dat'), 'x');
  expect((await lockstep(['verify', kept])).exit).not.toBe(0);
});
