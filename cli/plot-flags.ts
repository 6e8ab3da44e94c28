/*
 * The flags of the verb plot.
 */
import { Option, type Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import { collect } from './flags.ts';
import type { Io } from './io.ts';
import type { PlotFlags } from './plot.ts';

const PLOT_EXAMPLES = `
Of a sweep: means with their 95 % interval; of a run: distributions of the durations that
'lockstep stats' shows. Metrics are named as in runs.csv and in stats: NAME or 'NAME(OBJECT)'.

Examples:
  lockstep plot output/netlink-pool-10/sweep-4f57333c
  lockstep plot SWEEP --x machine.hz --by kernel --metric pool.rate --out rate.svg
  lockstep plot SWEEP --metric latency.p50 --metric latency.p99 --only machine.cpus=2
  lockstep plot output/netlink-icmp/1-7eba26dd --metric irq_to_user
`;

export function addPlot(program: Command, io: Io, done: (exit: ExitCode) => void): void {
  program
    .command('plot <folder>')
    .description("draw a sweep's figures, or a run's durations, as SVG")
    .option('--x <axis>', 'the axis from left to right (the one with most values)')
    .option('--by <axis>', 'the axis of which each value is a line (the first other one)')
    .option('--metric <name>', 'a panel for it (repeatable; what the scenario names)', collect, [])
    .option('--only <axis=values>', 'only these values of an axis (repeatable)', collect, [])
    .option('--title <text>', 'what stands above')
    .addOption(
      new Option('--x-scale <kind>', 'how values are placed').choices(['linear', 'log', 'even']),
    )
    .addOption(
      new Option('--y-scale <kind>', 'how figures are placed').choices(['zero', 'fit', 'log']),
    )
    .option('--out <file>', 'where the picture goes', 'plot.svg')
    .addHelpText('after', PLOT_EXAMPLES)
    .action(async (folder: string, flags: PlotFlags) =>
      done((await import('./plot.ts')).plot(folder, flags, io)),
    );
}
