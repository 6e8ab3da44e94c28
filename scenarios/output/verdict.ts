/*
 * What a run comes to: its exit code, and why it is not 0.
 */
import type { RunResult } from '../run/result.ts';
import type { Settled } from './folder.ts';
import { plural } from './text.ts';

/** The exit codes of the command line. */
export const EXIT = {
  fine: 0,
  fault: 1,
  usage: 2,
  invalid: 3,
  failed: 4,
  irreproducible: 5,
  /** A limit of the scenario, or the disk. */
  limit: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From bad to good; of several scenarios the worst decides. */
const ORDER: readonly ExitCode[] = [130, 1, 2, 3, 5, 6, 4, 0];

export function worst(codes: Iterable<ExitCode>): ExitCode {
  const given = new Set(codes);
  return ORDER.find((code) => given.has(code)) ?? EXIT.fine;
}

export interface Verdict {
  readonly exit: ExitCode;
  /** In words, unless all is fine. */
  readonly why: string;
}

/** @param settled what became of its folder, if it has one */
export function judge(
  result: Pick<RunResult, 'ending' | 'limit' | 'checks'>,
  settled?: Settled,
): Verdict {
  const found: [ExitCode, string][] = [];
  if (result.ending === 'interrupted') found.push([EXIT.interrupted, 'interrupted']);
  if (settled?.kind === 'differs')
    found.push([EXIT.irreproducible, 'not the same as the first run']);
  if (result.ending === 'limit') found.push([EXIT.limit, result.limit ?? 'a limit was reached']);
  const failed = result.checks.filter(({ passed }) => !passed).length;
  if (failed > 0) found.push([EXIT.failed, `${plural(failed, 'check')} failed`]);
  return { exit: worst(found.map(([code]) => code)), why: found.map(([, why]) => why).join('; ') };
}
