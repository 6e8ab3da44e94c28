/*
 * What docs/analysis.md shows as output of a command is its output.
 */
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEMPLATE } from '../../cli/template.ts';
import { hasDatabase } from './database.ts';
import { lockstep } from './harness.ts';

const page = readFileSync('docs/analysis.md', 'utf8');
const SHOWN = /<!-- output of: (\w+) -->\n```sh\nlockstep ([^`]*)\n```\n\n```text\n([^`]*)```/g;
const shown = [...page.matchAll(SHOWN)].map(([, verb = '', line = '', text = '']) => ({
  verb,
  line,
  text,
}));
const database = hasDatabase();
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-docs-'));
  const file = join(folder, 'first.yaml');
  writeFileSync(file, TEMPLATE);
  for (const more of [[], ['--seed', '2']]) {
    await lockstep(['run', file, '--out', join(folder, 'output'), ...more]);
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** The words of a command line. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

test('the page shows each of the verbs', () => {
  expect(shown.map(({ verb }) => verb)).toEqual(['stats', 'diff', 'query']);
});

test.each(shown.filter(({ verb }) => verb !== 'query' || database))(
  'what the page shows of $verb is its output',
  async ({ line, text }) => {
    const words = wordsOf(line).map((word) => word.replace(/^output\//, `${folder}/output/`));
    const { out } = await lockstep(words);
    expect(out.replaceAll(`${folder}/`, '')).toBe(text);
  },
);
