/*
 * lockstep merge: joins the shards of a sweep.
 */
import type { ExitCode } from '../scenarios/output/verdict.ts';
import { merge as join } from '../scenarios/sweep/merge.ts';
import type { Io } from './io.ts';
import { styleOf } from './style.ts';
import { sweepHeadText, tellSweep } from './sweep-text.ts';

export interface MergeFlags {
  readonly out: string;
  readonly quiet?: true;
  readonly color: boolean;
}

export function merge(folders: readonly string[], flags: MergeFlags, io: Io): ExitCode {
  const { head, written } = join(folders, flags.out);
  const style = styleOf(io, flags.color);
  if (!flags.quiet) io.out(sweepHeadText(head, style));
  return tellSweep(head.scenario, head, written, style, io);
}
