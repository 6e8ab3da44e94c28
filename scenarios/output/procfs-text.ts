/*
 * Files of /proc for people, as `head` shows several files.
 */
import { formatDuration } from '../load/index.ts';
import type { ProcSight } from '../run/proc-looks.ts';

export function formatProcfs(sights: readonly ProcSight[]): string {
  return sights
    .map(({ path, timeNs, text }) => `\n==> ${path} at ${formatDuration(timeNs)} <==\n${text}`)
    .join('');
}
