/*
 * The flags of the verb import.
 */
import { Option, type Command } from 'commander';
import type { ExitCode } from '../scenarios/output/verdict.ts';
import { collect, count } from './flags.ts';
import type { ImportFlags } from './import.ts';
import type { Io } from './io.ts';

const EXAMPLES = `
A workload of rt-app (JSON) becomes a scenario. Of a recording (trace.dat, ftrace text, pcap,
pcapng, CSV with a column time_ns) the events are shown; those selected become a table.

Examples:
  lockstep import workload.json --out workload.yaml
  lockstep import trace.dat
  lockstep import trace.dat --event irq_handler_entry --where name=eth0 --out arrivals.csv
A scenario can also name the recording itself: arrivals: { recorded: { file: trace.dat, ... } }
`;

export function addImport(program: Command, io: Io, done: (exit: ExitCode) => void): void {
  program
    .command('import <file>')
    .description("make a scenario of rt-app's workload, or arrivals of a recorded trace")
    .option('--out <file>', 'where it goes (the terminal)')
    .option('--force', 'replace the file if it exists', false)
    .option('--event <name>', 'of a recording: the event that arrives')
    .option('--where <field=value>', 'only with this value in a field (repeatable)', collect, [])
    .option('--cpu <n>', 'only on this CPU of the recording', count(0))
    .addOption(
      new Option('--origin <what>', 'what is 0: the first arrival, or the first event of all')
        .choices(['first', 'recording'])
        .default('first'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: ImportFlags) =>
      done((await import('./import.ts')).importFile(file, flags, io)),
    );
}
