/*
 * Programs that tests use and that not everybody has; those who check commits have them.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether it is on PATH. @throws Error where commits are checked and it is missing */
export function outside(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  if (folders.some((folder) => isProgram(join(folder, program)))) return true;
  if (process.env['CI']) throw new Error(`${program} is missing: what needs it is not tested`);
  process.stderr.write(`SKIPPED: ${program} is missing, so what needs it is not tested\n`);
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
