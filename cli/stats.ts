/*
 * lockstep stats: what a recorded run's trace says about time.
 */
import { formatStats } from '../scenarios/analysis/stats-text.ts';
import { statsFiles, writeStats } from '../scenarios/analysis/stats-csv.ts';
import { statsOf } from '../scenarios/analysis/stats.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';
import { styleOf } from './style.ts';

export interface StatsFlags {
  readonly csv?: string;
  readonly color: boolean;
}

export function stats(folder: string, { csv, color }: StatsFlags, io: Io): ExitCode {
  const found = statsOf(folder);
  io.out(formatStats(folder, found, styleOf(io, color)));
  if (csv === undefined) return EXIT.fine;
  const files = statsFiles(found);
  writeStats(csv, files);
  io.out(`\ncsv  ${[...files.keys()].join(', ')} in ${csv}\n`);
  return EXIT.fine;
}
