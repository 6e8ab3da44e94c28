/*
 * lockstep init: writes a scenario to begin with.
 */
import { writeFileSync } from 'node:fs';
import { isSystemError, writing } from '../scenarios/output/errors.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { TEMPLATE } from './template.ts';

export function init(file: string, force: boolean, io: Io): ExitCode {
  try {
    writing(file, () => writeFileSync(file, TEMPLATE, { flag: force ? 'w' : 'wx' }));
  } catch (error) {
    const { cause } = error as Error;
    if (!isSystemError(cause) || cause.code !== 'EEXIST') throw error;
    throw new UsageError(`${file} exists (--force replaces it)`);
  }
  io.out(`wrote ${file}; try: lockstep run ${file}\n`);
  return EXIT.fine;
}
