/*
 * Writing that failed, in words: which file, why, and what of it is still there.
 */
import { writeFileSync } from 'node:fs';

/** The disk or the folder does not let us write. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** What of the run is still there. */
  kept: { readonly path: string; readonly rows: number } | undefined;

  constructor(path: string, cause: unknown) {
    super(`cannot write ${path}: ${reason(cause)}`, { cause });
  }
}

/** Does `action`, which writes to `path`. @throws OutputError where the system refuses. */
export function writing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OutputError || !isSystemError(error)) throw error;
    throw new OutputError(path, error);
  }
}

/**
 * Writes a file that is the user's from then on; one that is there stays, unless `force`.
 * @returns false if it is there. @throws OutputError where the system refuses.
 */
export function writeNew(path: string, text: string, force: boolean): boolean {
  try {
    writing(path, () => writeFileSync(path, text, { flag: force ? 'w' : 'wx' }));
    return true;
  } catch (error) {
    const { cause } = error as Error;
    if (!isSystemError(cause) || cause.code !== 'EEXIST') throw error;
    return false;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is a file',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

function reason(cause: unknown): string {
  if (!isSystemError(cause)) return String(cause);
  return `${REASONS[cause.code] ?? cause.message} (${cause.code})`;
}

/** An error of the operating system, with its errno's name. */
export function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
