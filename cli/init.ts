/*
 * lockstep init: writes a scenario to begin with.
 */
import { writeNew } from '../scenarios/output/errors.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { TEMPLATE } from './template.ts';

export function init(file: string, force: boolean, io: Io): ExitCode {
  if (!writeNew(file, TEMPLATE, force)) {
    throw new UsageError(`${file} exists (--force replaces it)`);
  }
  io.out(`wrote ${file}; try: lockstep run ${file}\n`);
  return EXIT.fine;
}
