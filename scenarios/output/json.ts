/*
 * A run as one JSON object on one line, for programs.
 */
import { join } from 'node:path';
import type { Diagnostic } from '../load/index.ts';
import type { Recorded } from './record.ts';
import type { RunHead } from './summary.ts';
import { EXIT, type Verdict } from './verdict.ts';

/** Everything that the summary shows, unabridged, but for the choices, which run.json has. */
export function runJson(head: RunHead, recorded: Recorded, verdict: Verdict): string {
  const { settled, digests } = recorded;
  const { choices, ...result } = recorded.result;
  const { scenario, seed, ...machine } = head;
  return JSON.stringify({
    scenario,
    seed,
    machine,
    exit: verdict.exit,
    why: verdict.why,
    folder: settled.path,
    outcome: settled.kind,
    ...(settled.kind === 'differs'
      ? { firstFolder: settled.first, differences: settled.differences }
      : {}),
    trace: { path: join(settled.path, 'trace.csv'), ...digests.files['trace.csv'] },
    choices: choices.length,
    ...result,
  });
}

/** What stands in place of a run that an invalid scenario does not have. */
export function diagnosticsJson(file: string, diagnostics: readonly Diagnostic[]): string {
  return JSON.stringify({ file, exit: EXIT.invalid, why: 'invalid scenario', diagnostics });
}
