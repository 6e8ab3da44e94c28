/*
 * What docs/export.md shows as output of a command is its output.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEMPLATE } from '../../cli/template.ts';
import { formatNames } from '../../scenarios/export/format-names.ts';
import { hasTraceCmd } from '../scenarios/export/trace-cmd.ts';
import { hasTraceProcessor } from '../scenarios/export/trace-processor.ts';
import { lockstep } from './harness.ts';

const page = readFileSync('docs/export.md', 'utf8');
const SHOWN = /<!-- output of: (\S+) -->\n```sh\n([^`]*)\n```\n\n```text\n([^`]*)```/g;
const shown = [...page.matchAll(SHOWN)].map(([, tool = '', line = '', text = '']) => ({
  tool,
  line,
  text,
}));
const missing = new Set([
  ...(hasTraceCmd ? [] : ['trace-cmd']),
  ...(hasTraceProcessor ? [] : ['trace-processor']),
]);
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-docs-'));
  const file = join(folder, 'first.yaml');
  writeFileSync(file, TEMPLATE);
  await lockstep(['run', file, '--out', join(folder, 'output')]);
  const run = join(folder, 'output', 'first-steps', '1-d42cc4cf');
  for (const name of formatNames) await lockstep(['export', run, '--to', name]);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('the page shows every format and its reader', () => {
  const tools = new Set(shown.map(({ tool }) => tool));
  expect([...tools]).toEqual(['export', 'trace-processor', 'trace-cmd', 'ftrace', 'vcd']);
});

test.each(shown.filter(({ tool }) => !missing.has(tool)))(
  'what the page shows of $tool is its output',
  ({ line, text }) => {
    const clone = process.cwd();
    const command = line
      .replace(/^lockstep/, `"${process.execPath}" "${clone}/dist/cli/lockstep.js"`)
      .replace(/^node scripts/, `"${process.execPath}" "${clone}/scripts`)
      .replace(/\.mjs /, '.mjs" ');
    const { stdout } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe(text);
  },
);
