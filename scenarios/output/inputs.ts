/*
 * The files that a scenario reads, such as a capture of packets. They lie in the scenario's folder
 * or below: a scenario cannot look elsewhere, and a run's folder can hold a copy of each.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { isSystemError } from './errors.ts';

/** The scenario names a file that it cannot have. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Reads files relative to the folder of the file `scenario`. @throws InputError */
export function inputReader(scenario: string): (path: string) => Uint8Array {
  return (path) => {
    const folder = dirname(scenario);
    if (!isInside(path)) {
      throw new InputError(`the file '${path}' is outside of the scenario's folder`);
    }
    try {
      const real = realpathSync(join(folder, path));
      if (!isInside(relative(realpathSync(folder), real))) {
        throw new InputError(`the file '${path}' leads out of the scenario's folder`);
      }
      return readFileSync(real);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new InputError(`the file '${path}' cannot be read (${error.code})`);
    }
  };
}

function isInside(path: string): boolean {
  return (
    path !== '' && !isAbsolute(path) && !path.split(/[/\\]/).includes('..') && !path.startsWith(sep)
  );
}
