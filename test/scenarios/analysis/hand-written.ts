/*
 * A trace written by hand: the rows of a trace.csv without their numbers.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statsFiles } from '../../../scenarios/analysis/stats-csv.ts';
import { statsOf } from '../../../scenarios/analysis/stats.ts';
import { HEADER } from '../../../scenarios/analysis/trace-row.ts';
import { temporaryFolder } from '../output/temporary-folder.ts';

/** Writes the trace into a folder of its own. @returns the folder. */
export function handWritten(text: string): string {
  const folder = join(temporaryFolder(), 'run');
  const rows = text
    .trim()
    .split('\n')
    .map((line, i) => `${i + 1},${line.trim()}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'trace.csv'), `${[HEADER, ...rows].join('\n')}\n`);
  return folder;
}

/** The lines of stats.csv whose metric begins so, without the unit. */
export function figures(text: string, metric: string): string[] {
  return fileOf(text, 'stats.csv')
    .filter((line) => line.startsWith(metric))
    .map((line) => line.replace(/,\w+$/, ''));
}

/** The lines of a file that `stats --csv` writes, without its header. */
export function fileOf(text: string, name: string): string[] {
  const [, ...lines] = (statsFiles(statsOf(handWritten(text))).get(name) ?? '').trim().split('\n');
  return lines;
}
