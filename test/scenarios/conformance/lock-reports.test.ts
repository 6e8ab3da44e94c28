/* The kernel's own lock self-test, and its reports of wrong uses: the model says what it said. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runConformance } from '../../../scenarios/conformance/run.ts';
import { lockSelftestFormat } from '../../../scenarios/conformance/lock-selftest.ts';
import { splatsFormat } from '../../../scenarios/conformance/splats.ts';

const selftest = 'test/conformance/kernel/locking-selftest.json';
const splats = 'test/conformance/kernel/splats.json';

const read = (file: string): Record<string, object[]> =>
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, object[]>;

it.each([
  [selftest, 201],
  [splats, 88],
])('%s is reproduced', (file, cases) => {
  const lines: string[] = [];
  expect(runConformance([file], (line) => lines.push(line))).toEqual({ passed: cases, failed: 0 });
  expect(lines).toEqual([`${cases} passed, 0 failed`]);
});

it('another verdict than the recorded one is a difference', () => {
  const [test] = read(selftest)['tests']!;
  const silent = { ...test, observed: 'ok' };
  const [outcome] = lockSelftestFormat.run({ legend: {}, tests: [silent] });
  expect(outcome!.difference).toContain('actual:   WARNING: possible recursive locking detected');
});

it('another report or another event than the recorded one is a difference', () => {
  const [one] = read(splats)['cases']!;
  const other = { ...one, splat_first_line: 'BUG: scheduling while atomic: main/PID/ADDR' };
  const late = { ...one, events: [] };
  const outcomes = splatsFormat.run({ cases: [other, late] });
  expect(outcomes.map(({ difference }) => difference === null)).toEqual([false, false]);
});
