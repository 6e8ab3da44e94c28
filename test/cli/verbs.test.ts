import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioFiles } from '../../cli/shipped.ts';
import { IRQ_SELF } from '../scenarios/explore/programs.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, scenario, write } from './harness.ts';

const VERBS = ['run', 'check', 'list', 'verify', 'schema', 'init', 'conformance'];

test('--help and --version are no errors', async () => {
  const help = await lockstep(['--help']);
  expect(help).toMatchObject({ exit: 0, err: '' });
  for (const verb of VERBS) expect(help.out).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'));
  const { exit, out } = await lockstep(['--version']);
  expect(exit).toBe(0);
  expect(out).toBe(`${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
});

test.each(VERBS)('the help of %s has an example', async (verb) => {
  const { exit, out } = await lockstep([verb, '--help']);
  expect(exit).toBe(0);
  expect(out).toMatch(new RegExp(`Example:\\n {2}lockstep ${verb}\\b`));
});

test.each([
  [['rum'], 'Did you mean run?'],
  [[], 'Usage: lockstep'],
  [['run'], 'missing required argument'],
  [['run', 'a', '--sed', '1'], "unknown option '--sed'"],
  [['run', 'a', '--json', '--quiet'], 'cannot be used with'],
  [['run', 'no/such.yaml'], "there is no scenario 'no/such.yaml'"],
  [['check', 'netlink-icpm'], "did you mean 'netlink-icmp'?"],
  [['run', 'test'], 'test is a folder'],
  [['list', 'no/such'], 'there is no folder no/such'],
  [['verify', 'no/such'], 'is not the record of a run'],
])('%j is wrong usage', async (argv, message) => {
  const { exit, out, err } = await lockstep(argv);
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toMatch(new RegExp(message.replaceAll('?', '\\?')));
});

test('check tells all errors of all files and runs nothing', async () => {
  const folder = temporaryFolder();
  const good = write(folder);
  const bad = write(folder, scenario('seeds: 1\nuntill: 2s'), 'bad.yaml');
  const worse = write(folder, '{', 'worse.yaml');
  const { exit, out, err } = await lockstep(['check', bad, good, worse]);
  expect(exit).toBe(3);
  expect(out).toBe(`${good}: valid\n`);
  expect(err).toMatch(/bad\.yaml:16:1: .*'seed'.*\n.*bad\.yaml:17:1: .*'until'.*\n.*worse\.yaml:/);
  expect((await lockstep(['check', good])).exit).toBe(0);
});

test('list groups scenarios by folder and says what each is about', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'locks'));
  write(root);
  write(join(root, 'locks'), scenario().replace('about: I', 'about: >\n  I'), 'deep.yml');
  write(join(root, 'locks'), 'x', 'broken.yaml');
  const { exit, out } = await lockstep(['list', root]);
  expect(exit).toBe(0);
  expect(out).toBe(
    '.\n  tiny  Interrupts and a thread under a spinlock.\n\n' +
      "locks\n  broken  (invalid: see 'lockstep check')\n" +
      '  deep    Interrupts and a thread under a spinlock.\n',
  );
});

test('list shows every shipped scenario, and each can be named', async () => {
  const shipped = scenarioFiles();
  expect(shipped.map(({ name }) => name)).toContain('netlink-icmp');
  const { out } = await lockstep(['list']);
  for (const { name } of shipped) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(new Set(shipped.map(({ name }) => name)).size).toBe(shipped.length);
});

test('schema prints the JSON Schema of scenarios', async () => {
  const { exit, out } = await lockstep(['schema']);
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ type: 'object', properties: { machine: {} } });
});

test('init writes a scenario that is valid, runs as expected and is not overwritten', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'mine.yaml');
  expect(await lockstep(['init', file])).toMatchObject({ exit: 0 });
  const run = await lockstep(['run', file, '--out', folder]);
  expect(run, run.err + run.out).toMatchObject({ exit: 0, err: '' });
  writeFileSync(file, 'mine');
  const again = await lockstep(['init', file]);
  expect(again.exit).toBe(2);
  expect(again.err).toContain('exists');
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await lockstep(['init', file, '--force']);
  expect(readFileSync(file, 'utf8')).toMatch(/^#/);
  expect((await lockstep(['init', join(folder, 'no', 'such.yaml')])).exit).toBe(6);
});

async function recorded(flags: readonly string[] = []): Promise<string> {
  const out = temporaryFolder();
  await lockstep(['run', write(out), '--out', out, ...flags]);
  return join(out, 'tiny', readdirSync(join(out, 'tiny'))[0] ?? '');
}

test('verify makes a run again from its folder alone', async () => {
  const folder = await recorded(['--seed', '5', '--set', 'machine.hz=250', '--until', '5ms']);
  const { exit, out } = await lockstep(['verify', folder]);
  expect({ exit, out }).toEqual({
    exit: 0,
    out: expect.stringMatching(/ is reproducible: trace\.csv has \d+ rows, sha256 /),
  });
  expect(readdirSync(join(folder, '..'))).toHaveLength(1);
});

test('verify makes a run with findings again, whose lines are those of the user', async () => {
  const out = temporaryFolder();
  const file = write(out, `# One line more.\n\n${IRQ_SELF}`);
  const results = [await lockstep(['run', file, '--out', out])];
  const { out: found } = await lockstep(['explore', file, '--out', out]);
  const schedule = [...found.matchAll(/'(ls1\S+)'/g)].at(-1)![1]!;
  results.push(await lockstep(['replay', file, schedule, '--out', out]));
  for (const { out: text } of results) {
    const folder = /^trace {2}(.*)\/trace\.csv/m.exec(text)![1]!;
    expect(readFileSync(join(folder, 'findings.csv'), 'utf8')).toContain('line 13');
    expect((await lockstep(['verify', folder])).exit).toBe(0);
  }
});

test('comments above the steps make another run of it only if findings name lines', async () => {
  const folders = async (text: string): Promise<number> => {
    const out = temporaryFolder();
    await lockstep(['run', write(out, text), '--out', out]);
    const { out: second } = await lockstep(['run', write(out, `# More.\n${text}`), '--out', out]);
    expect(second).not.toContain('exit 5');
    return readdirSync(join(out, 'tiny')).length;
  };
  expect(await folders(scenario())).toBe(1);
  expect(await folders(IRQ_SELF.replace(/^name: .*$/m, 'name: tiny'))).toBe(2);
});

test('verify shows the first row that differs with three rows around it', async () => {
  const folder = await recorded();
  const path = join(folder, 'trace.csv');
  const rows = readFileSync(path, 'utf8').split('\n');
  const changed = rows.with(10, `${rows[10]}x`);
  writeFileSync(path, changed.join('\n'));
  const { exit, out } = await lockstep(['verify', folder]);
  expect(exit).toBe(5);
  const shown = out.split('\n').slice(out.split('\n').indexOf(`  ${rows[7]}`));
  expect(shown.slice(0, 11)).toEqual([
    ...rows.slice(7, 10).map((row) => `  ${row}`),
    ...changed.slice(10, 14).map((row) => `- ${row}`),
    ...rows.slice(10, 14).map((row) => `+ ${row}`),
  ]);
  expect(out).toMatch(
    /recorded +sha256 .*\n +on disk +sha256 .* \(changed since\)\n +now +sha256 /,
  );
});

test('verify notices a file that is missing and choices that were changed', async () => {
  const folder = await recorded();
  const manifest = readFileSync(join(folder, 'run.json'), 'utf8');
  writeFileSync(
    join(folder, 'run.json'),
    manifest.replace(/"choices": "[^"]*"/, '"choices": "9*9"'),
  );
  expect((await lockstep(['verify', folder])).exit).toBe(5);
  writeFileSync(join(folder, 'run.json'), manifest);
  expect((await lockstep(['verify', folder])).exit).toBe(0);
});

test('conformance replays recordings and counts those that come out otherwise', async () => {
  const folder = temporaryFolder();
  const text = readFileSync('test/conformance/netlink/cases/h-autobind.json', 'utf8');
  writeFileSync(join(folder, 'good.json'), text);
  const good = await lockstep(['conformance', folder]);
  expect(good).toMatchObject({ exit: 0, out: '1 passed, 0 failed\n' });
  writeFileSync(join(folder, 'other.json'), text.replace('"r": ["N1", 0]', '"r": ["N1", 1]'));
  const mixed = await lockstep(['conformance', folder]);
  expect(mixed.exit).toBe(4);
  expect(mixed.out).toMatch(/^1 passed, 1 failed\n/);
  writeFileSync(join(folder, 'none.json'), '{}');
  expect((await lockstep(['conformance', join(folder, 'none.json')])).exit).toBe(2);
  expect((await lockstep(['conformance', join(folder, 'absent')])).exit).toBe(2);
});
