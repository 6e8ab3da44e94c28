/*
 * node scripts/tally.mjs LOG: prints `N passed, N failed` as the closing lines of a vitest run give
 * it. A test file that could not even be loaded has no tests to count, and an error between tests
 * belongs to none: each counts as one failure, so that a failed run never reads as `0 failed`.
 */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const log = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'));
const tests = counts('Tests');
if (tests === undefined) {
  console.error(`no closing lines of vitest in ${process.argv[2]}`);
  process.exit(1);
}
const suites = lastNumber(/^⎯+ Failed Suites (\d+) ⎯+$/gm);
const errors = lastNumber(/^ *Errors {2}(\d+) errors?$/gm);
console.log(`${tests.passed} passed, ${tests.failed + suites + errors} failed`);

function lastNumber(pattern) {
  return Number([...log.matchAll(pattern)].at(-1)?.[1] ?? 0);
}

/** The numbers of the last line of that title: `Tests  1 failed | 41 passed | 2 skipped (44)`. */
function counts(title) {
  const line = [...log.matchAll(new RegExp(`^ *${title} {2}(.+) \\(\\d+\\)$`, 'gm'))].at(-1)?.[1];
  if (line === undefined) return undefined;
  const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count('passed'), failed: count('failed') };
}
