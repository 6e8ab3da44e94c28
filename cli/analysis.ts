/*
 * The verbs that read the folders of recorded runs, and their flags.
 */
import type { Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';
import type { StatsFlags } from './stats.ts';

const STATS_EXAMPLES = `
Examples:
  lockstep stats output/netlink-icmp/1-7eba26dd
  lockstep stats output/netlink-icmp/1-7eba26dd --csv figures
`;

export function addAnalysis(program: Command, io: Io, done: (exit: ExitCode) => void): void {
  program
    .command('stats <folder>')
    .description('show latencies, lock and CPU times of a recorded run')
    .option(
      '--csv <folder>',
      'also write stats.csv, histograms.csv, queues.csv, sections.csv there',
    )
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', STATS_EXAMPLES)
    .action(async (folder: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<StatsFlags>();
      done((await import('./stats.ts')).stats(folder, flags, io));
    });
}
