import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elementsOf, wordsIn } from '../scenarios/charts/well-formed.ts';
import { temporaryFolder } from '../scenarios/output/temporary-folder.ts';
import { lockstep, write } from './harness.ts';
import { resultsOf, writeSwept } from './sweeps.ts';

async function swept(out: string, ...flags: string[]): Promise<string> {
  const { out: told } = await lockstep(['sweep', writeSwept(out), '--out', out, ...flags]);
  return resultsOf(told);
}

async function plotted(folder: string, out: string, ...flags: string[]): Promise<string> {
  const file = join(out, 'plot.svg');
  const { exit, err } = await lockstep(['plot', folder, '--out', file, ...flags]);
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  return readFileSync(file, 'utf8');
}

test('a sweep is drawn with the means and intervals of summary.csv', async () => {
  const out = temporaryFolder();
  const folder = await swept(out);
  const metric = ['--metric', 'cpu.hardirq(0)'];
  const axes = ['--x', 'params.gap', '--by', 'machine.hz'];
  const svg = await plotted(folder, out, ...axes, ...metric);
  const told = elementsOf(svg).find(({ text }) => text.startsWith('100us, 1000: '))!.text;
  const [, mean, low, high] = /: ([\d.]+) us, 95 % ([\d.]+) us to ([\d.]+) us, n 4/.exec(told)!;
  const rows = readFileSync(join(folder, 'summary.csv'), 'utf8').split('\n');
  const row = rows.find((one) => one.startsWith('1000,100us,cpu.hardirq,0,'))!.split(',');
  const shown = row.slice(6, 9).map((ns) => Number((Number(ns) / 1000).toPrecision(4)));
  expect([mean, low, high].map(Number)).toEqual(shown);
});

test('the same sweep and flags give the same bytes', async () => {
  const out = temporaryFolder();
  const folder = await swept(out);
  expect(await plotted(folder, out)).toBe(await plotted(folder, out));
});

test('axes that are neither are panels, and --only chooses of their values', async () => {
  const out = temporaryFolder();
  const folder = await swept(out, '--sweep', 'machine.cpus=1,2');
  const flags = ['--metric', 'cpu.hardirq(0)', '--x', 'params.gap', '--by', 'machine.hz'];
  const titles = wordsIn(await plotted(folder, out, ...flags)).join('\n');
  expect(titles).toContain('cpu.hardirq(0), machine.cpus 1');
  expect(titles).toContain('cpu.hardirq(0), machine.cpus 2');
  const one = await plotted(folder, out, ...flags, '--only', 'machine.cpus=2');
  expect(wordsIn(one).join('\n')).toMatch(/Only machine\.cpus 2\./);
  const [some, all] = [one, await plotted(folder, out, ...flags)];
  expect(elementsOf(some).length).toBeLessThan(elementsOf(all).length);
});

test('without --metric it shows what differs between the points', async () => {
  const out = temporaryFolder();
  const folder = await swept(out);
  const { out: told } = await lockstep(['plot', folder, '--out', join(out, 'plot.svg')]);
  expect(told).toMatch(/plot\.svg {2}\d+ panels by params\.gap, a line for each machine\.hz\n$/);
});

test('a run is drawn as the distributions that stats measures', async () => {
  const out = temporaryFolder();
  const { out: told } = await lockstep(['run', write(out), '--quiet', '--out', out]);
  const folder = /^trace {2}(.*)\/trace\.csv/.exec(told)![1]!;
  const words = wordsIn(await plotted(folder, out, '--metric', 'handler_time')).join('\n');
  expect(words).toContain('handler_time(irq_handler device)');
  expect(words).toMatch(/n \d+ {3}p50 \S+ us {3}p90/);
  const one = ['--metric', 'handler_time(irq_handler device)'];
  expect(wordsIn(await plotted(folder, out, ...one)).join('\n')).not.toContain('local_timer');
});

test.each([
  [['--metric', 'cpu.hardirk(0)'], "no metric 'cpu.hardirk(0)' (did you mean 'cpu.hardirq(0)'?)"],
  [['--x', 'machine.hertz'], "there is no axis 'machine.hertz'"],
  [['--x', 'param.gap'], "(did you mean 'params.gap'?); there are machine.hz, params.gap"],
  [['--by', 'params.gap', '--x', 'params.gap'], '--x and --by are both params.gap'],
  [['--only', 'machine.hz=99'], "there is no value of machine.hz '99'"],
  [['--only', 'machine.hz'], 'expected axis=value'],
  [['--y-scale', 'lin'], 'Allowed choices are zero, fit, log'],
])('%j is refused', async (flags, message) => {
  const out = temporaryFolder();
  const folder = await swept(out);
  const { exit, err } = await lockstep(['plot', folder, '--out', join(out, 'a.svg'), ...flags]);
  expect(exit).toBe(2);
  expect(err).toContain(message);
});

test('what is no folder of a run or a sweep is refused', async () => {
  const out = temporaryFolder();
  const refused = async (folder: string, ...flags: string[]): Promise<string> => {
    const { exit, err } = await lockstep(['plot', folder, '--out', join(out, 'a.svg'), ...flags]);
    expect(exit).toBe(2);
    return err;
  };
  expect(await refused(join(out, 'none'))).toContain('there is no folder');
  expect(await refused(out)).toContain('has no trace.csv');
  expect(await refused(await swept(out, '--shard', '1/2'))).toContain("'lockstep merge' joins");
  const explored = join(out, 'explored');
  mkdirSync(explored);
  writeFileSync(join(explored, 'explore.json'), '{}');
  expect(await refused(explored)).toContain('is that of an exploration');
  const { out: told } = await lockstep(['run', write(out), '--quiet', '--out', out]);
  const run = /^trace {2}(.*)\/trace\.csv/.exec(told)![1]!;
  expect(await refused(run, '--x', 'machine.hz')).toContain('--x is for the folder of a sweep');
  expect(await refused(run, '--metric', 'handler')).toContain("did you mean 'handler_time'?");
});

test('more lines or panels than one can follow are refused', async () => {
  const out = temporaryFolder();
  const folder = await swept(out, '--sweep', 'machine.hz=100..900:100', '--seeds', '1');
  const flags = ['--out', join(out, 'a.svg'), '--metric', 'choices'];
  const { exit, err } = await lockstep(['plot', folder, ...flags, '--by', 'machine.hz']);
  expect(exit).toBe(2);
  expect(err).toContain('--by machine.hz: it has 9 values');
  const metrics = ['failed', 'findings', 'time.until'].flatMap((name) => ['--metric', name]);
  const panels = ['plot', folder, ...flags, ...metrics, '--x', 'params.gap', '--by', 'params.gap'];
  expect((await lockstep(panels)).exit).toBe(2);
});
