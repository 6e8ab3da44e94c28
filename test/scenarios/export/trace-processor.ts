/*
 * Perfetto's trace processor, asked about a file. Whoever checks commits has it:
 * scripts/trace-processor.mjs fetches it.
 */
import { spawnSync } from 'node:child_process';
import { expect } from 'vitest';

const SCRIPT = 'scripts/trace-processor.mjs';

/** @throws Error where commits are checked and it is missing. */
function isThere(): boolean {
  if (spawnSync(process.execPath, [SCRIPT, '--check']).status === 0) return true;
  const missing = `Perfetto's trace processor is not here: 'node ${SCRIPT}' fetches it`;
  if (process.env['CI']) throw new Error(missing);
  process.stderr.write(`SKIPPED: ${missing}\n`);
  return false;
}

export const hasTraceProcessor = isThere();

export type Answer = readonly Readonly<Record<string, string | number | null>>[];

const ERRORS = `select name, value from stats
  where severity in ('error', 'data_loss') and value > 0`;

/** The answers to queries of a file that it imports without a complaint. */
export function ask(file: string, ...queries: string[]): Answer[] {
  const { stdout, stderr } = spawnSync(process.execPath, [SCRIPT, file, ERRORS, ...queries], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const lines = stdout.trim().split('\n');
  if (lines.length !== queries.length + 1) throw new Error(stderr);
  const [errors, ...answers] = lines.map((line) => JSON.parse(line) as Answer);
  expect(errors).toEqual([]);
  return answers;
}
