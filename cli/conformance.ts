/*
 * lockstep conformance: replays what a real kernel did, in the model.
 */
import { existsSync } from 'node:fs';
import { NoCases, runConformance } from '../scenarios/conformance/run.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';

export function conformance(paths: readonly string[], io: Io): ExitCode {
  const absent = paths.find((path) => !existsSync(path));
  if (absent !== undefined) throw new UsageError(`there is no file or folder ${absent}`);
  try {
    const { failed } = runConformance(paths, (line) => io.out(`${line}\n`));
    return failed === 0 ? EXIT.fine : EXIT.failed;
  } catch (error) {
    if (error instanceof NoCases) throw new UsageError(error.message);
    throw error;
  }
}
