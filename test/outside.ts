/*
 * Whether a program that is not ours is installed. Not everybody has it; those who check commits
 * have.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @throws Error where commits are checked and it is missing. */
export function outside(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, program)))) return true;
  const missing = `${program} is not installed: what needs it is not tested`;
  if (process.env['CI']) throw new Error(missing);
  process.stderr.write(`SKIPPED: ${missing}\n`);
  return false;
}
