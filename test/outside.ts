/*
 * Programs that tests use as a second opinion. At a desk a test without its program is skipped, and
 * says so; where CI is set it fails.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export function outside(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => isProgram(join(folder, program)))) return true;
  if (process.env['CI']) throw new Error(`${program} is not installed, and this is CI`);
  console.error(`SKIPPED: ${program} is not installed, so nothing is compared with it`);
  return false;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
