/*
 * The verbs that read the folders of recorded runs, and their flags.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import type { DiffFlags } from './diff.ts';
import type { Io } from './io.ts';
import type { QueryFlags } from './query.ts';
import type { StatsFlags } from './stats.ts';

const STATS_EXAMPLES = `
Examples:
  lockstep stats output/netlink-icmp/1-7eba26dd
  lockstep stats output/netlink-icmp/1-7eba26dd --csv figures
`;

const DIFF_EXAMPLES = `
Examples:
  lockstep diff output/netlink-icmp/1-7eba26dd output/netlink-icmp/2-7eba26dd
  lockstep diff A B --context 10
Exit 4: the runs differ in their traces or in their figures.
`;

const QUERY_EXAMPLES = `
Tables:
  trace, summary, findings   the CSV files of the folder
  intervals                  kind, actor, pid, cpu, object, from_ns, to_ns
                             kind: running, runnable, sleeping, holding, waiting
Examples:
  lockstep query FOLDER "SELECT event, count(*) FROM trace GROUP BY ALL ORDER BY 2 DESC"
  lockstep query FOLDER "SELECT object, max(to_ns - from_ns) FROM intervals
    WHERE kind = 'holding' GROUP BY ALL" --csv
It needs DuckDB, which comes apart: npm install @duckdb/node-api
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
  program
    .command('diff <first> <second>')
    .description('compare two recorded runs: where they part, and what comes of it')
    .option('--context <rows>', 'rows shown before and after the first that differs', rows, 3)
    .option('--no-color', 'no colours (as with NO_COLOR)')
    .addHelpText('after', DIFF_EXAMPLES)
    .action(async (first: string, second: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<DiffFlags>();
      done((await import('./diff.ts')).diff([first, second], flags, io));
    });
  program
    .command('query <folder> <sql>')
    .description("ask SQL questions of a recorded run's folder (needs DuckDB)")
    .addOption(new Option('--csv', 'print the answer as CSV').default(false))
    .addHelpText('after', QUERY_EXAMPLES)
    .action(async (folder: string, sql: string, flags: QueryFlags) =>
      done(await (await import('./query.ts')).query(folder, sql, flags, io)),
    );
}

function rows(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 0 to 9999.');
}
