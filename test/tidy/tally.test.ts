import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from './project.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function tally(log: string): { status: number | null; stdout: string } {
  const file = path.join(folder, 'log');
  writeFileSync(file, log);
  const script = path.join(ROOT, 'scripts', 'tally.mjs');
  return spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
}

describe('the tally of a vitest run', () => {
  it.each([
    [' Test Files  2 passed (2)\n      Tests  5 passed (5)\n', '5 passed, 0 failed\n'],
    [
      ' Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 41 passed | 2 skipped (44)\n',
      '41 passed, 1 failed\n',
    ],
    [
      '⎯⎯⎯ Failed Suites 1 ⎯⎯⎯\n Test Files  1 failed (1)\n      Tests  3 passed (3)\n',
      '3 passed, 1 failed\n',
    ],
    ['      Tests  3 passed (3)\n     Errors  2 errors\n', '3 passed, 2 failed\n'],
    ['\u001B[2m      Tests \u001B[22m \u001B[32m7 passed\u001B[39m (7)\n', '7 passed, 0 failed\n'],
    ['      Tests  9 passed (9)\n      Tests  4 passed (4)\n', '4 passed, 0 failed\n'],
  ])('of %j', (log, line) => {
    expect(tally(log)).toMatchObject({ status: 0, stdout: line });
  });

  it('is refused where there are no closing lines', () => {
    expect(tally('npm error\n')).toMatchObject({ status: 1, stdout: '' });
  });
});
