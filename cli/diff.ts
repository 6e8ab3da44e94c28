/*
 * lockstep diff: two recorded runs side by side.
 */
import { formatDiff } from '../scenarios/analysis/diff-text.ts';
import { areEqual, diffRuns } from '../scenarios/analysis/diff.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';
import { styleOf } from './style.ts';

export interface DiffFlags {
  readonly context: number;
  readonly color: boolean;
}

/** Where there is no terminal. */
const COLUMNS = 100;

export function diff(
  [first, second]: readonly [string, string],
  { context, color }: DiffFlags,
  io: Io,
): ExitCode {
  const found = diffRuns(first, second, context);
  io.out(formatDiff(first, second, found, styleOf(io, color), io.outColumns ?? COLUMNS));
  return areEqual(found) ? EXIT.fine : EXIT.failed;
}
