/*
 * lockstep report: what it says, and what it refuses.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockstep } from './harness.ts';

const page = readFileSync('docs/report.md', 'utf8');
let out = '';

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
});
afterAll(() => rmSync(out, { recursive: true }));

/** A folder with these files. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(out, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

test('what docs/report.md shows is its output', async () => {
  const [, line = '', text = ''] =
    /<!-- output of: report -->\n```sh\nlockstep (.*)\n```\n\n```text\n([^`]*)```/.exec(page) ?? [];
  const words = line
    .split(' ')
    .map((word) => (/^(output|report)/.test(word) ? join(out, word) : word));
  await lockstep(['run', 'netlink-icmp', '--quiet', '--out', join(out, 'output')]);
  const told = await lockstep(['report', ...words.slice(1)]);
  expect(told).toEqual({ exit: 0, err: '', out: `${out}/${text}` });
});

test('a report is one file that may ask for nothing, with scripts that are ours only', async () => {
  const folder = folderOf('hostile', {
    'trace.csv':
      'seq,time_ns,cpu,context,pid,comm,flags,event,object,value,detail\n' +
      '1,5,0,kernel,2,</script><b>,.....,lock_acquire,<img src=x>,0,\n',
    'findings.csv': 'kind,text,time_ns\nhang,<script>alert(1)</script>,5\n',
  });
  const file = join(out, 'hostile.html');
  expect(await lockstep(['report', folder, '--out', file])).toMatchObject({ exit: 0, err: '' });
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('default-src &#39;none&#39;');
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).not.toMatch(/<img|<b>|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  expect(text.match(/<script/g)).toHaveLength(2);
});

test.each([
  ['none', {}, /has none of sweep\.json, explore\.json, trace\.csv/],
  ['empty', { 'trace.csv': '' }, /trace\.csv: line 1 of the trace is missing/],
  ['other', { 'trace.csv': 'a,b\n1,2\n' }, /is not the header of a trace/],
  ['search', { 'explore.json': '{"a":' }, /explore\.json is not the record of an exploration/],
  ['sweep', { 'sweep.json': '{}' }, /sweep\.json is not the record of a sweep/],
  ['going-on', { 'journal.jsonl': '' }, /'lockstep sweep --resume' goes on with it/],
  ['damaged', { 'trace.csv': '', 'run.json': '{' }, /run\.json is not the record of a run/],
])('of a folder with %s it says what is wrong', async (name, files, says) => {
  const told = await lockstep(['report', folderOf(name, files), '--out', join(out, 'no.html')]);
  expect(told.exit).toBe(2);
  expect(told.err).toMatch(says);
});

test('there must be a folder', async () => {
  const missing = await lockstep(['report', join(out, 'nowhere')]);
  expect(missing).toMatchObject({ exit: 2, err: `error: there is no folder ${out}/nowhere\n` });
  const file = join(out, 'file');
  writeFileSync(file, '');
  expect((await lockstep(['report', file])).err).toMatch(/is a file; expected the folder of/);
});
