import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEMPLATE } from '../cli/template.ts';
import { lockstep } from './cli/harness.ts';

const readme = readFileSync('README.md', 'utf8');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstep-readme-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The block of the README that `opening` begins, whole. */
function blockAfter(opening: string): string {
  const start = readme.indexOf(opening);
  if (start < 0) throw new Error(`the README has no ${opening}`);
  return readme.slice(start + opening.length, readme.indexOf('```', start + opening.length));
}

/** What the README shows as the output of a command. */
function shown(command: string): string {
  return blockAfter(`<!-- output of: ${command} -->\n\`\`\`text\n`);
}

async function output(scenario: string, verb = 'run'): Promise<string> {
  const { out } = await lockstep([verb, scenario, '--out', path.join(folder, 'output')]);
  return out.replace(`${folder}${path.sep}`, '').replaceAll('\\', '/');
}

test('the first screen shows what npm start prints', async () => {
  expect(shown('run netlink-icmp')).toBe(await output('netlink-icmp'));
});

test('the template of init is the one shown, and so is its output', async () => {
  expect(blockAfter('gives this:\n\n```yaml\n')).toBe(TEMPLATE);
  const first = path.join(folder, 'first.yaml');
  writeFileSync(first, TEMPLATE);
  expect(shown('run first.yaml')).toBe(await output(first));
});

test('the rows of the first packet are rows of the trace', async () => {
  await output('netlink-icmp');
  const block = readme.slice(readme.indexOf('seq,time_ns,cpu'));
  const rows = block.slice(0, block.indexOf('```')).trimEnd().split('\n');
  const { out } = await lockstep([
    'run',
    'netlink-icmp',
    '--quiet',
    '--out',
    path.join(folder, 'output'),
  ]);
  const trace = readFileSync(/(\S+trace\.csv)/.exec(out)![1]!, 'utf8').split('\n');
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) expect(trace).toContain(row);
});

test('the bug is found as shown', async () => {
  const bug = 'sleep-on-lost-wakeup';
  expect(shown(`explore ${bug}`)).toBe(await output(bug, 'explore'));
});
