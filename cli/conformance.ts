/*
 * lockstep conformance: replays what a real kernel did, in the model.
 */
import { runConformance } from '../scenarios/conformance/run.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';

export async function conformance(paths: readonly string[], io: Io): Promise<ExitCode> {
  const { passed, failed } = await runConformance(paths, (line) => io.out(`${line}\n`));
  io.out(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? EXIT.fine : EXIT.failed;
}
