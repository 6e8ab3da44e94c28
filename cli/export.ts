/*
 * lockstep export: a recorded run's trace in a format of other tools.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { formatNames, type FormatName } from '../scenarios/export/format-names.ts';
import { nearest } from '../scenarios/load/nearest.ts';
import { formatNumber, plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import type { Io } from './io.ts';

interface ExportFlags {
  readonly to: FormatName;
  readonly out?: string;
}

const EXPORT_HELP = `
Formats:
  perfetto   trace.pftrace: ui.perfetto.dev and trace_processor
  trace-dat  trace.dat: trace-cmd and KernelShark
  ftrace     trace.txt: the text of /sys/kernel/tracing/trace
  vcd        trace.vcd: GTKWave and other viewers of waves
Examples:
  lockstep export output/netlink-icmp/1-7eba26dd --to perfetto
  lockstep export output/netlink-icmp/1-7eba26dd --to trace-dat --out icmp.dat
  lockstep export output/netlink-icmp/1-7eba26dd --to ftrace --out /dev/stdout | grep imp2_u
`;

export function addExport(program: Command, io: Io, done: (exit: ExitCode) => void): void {
  program
    .command('export <folder>')
    .description("write a recorded run's trace for other tools")
    .addOption(
      new Option('--to <format>', formatNames.join(', ')).argParser(format).makeOptionMandatory(),
    )
    .option('--out <file>', "where to (a file in the run's folder)")
    .addHelpText('after', EXPORT_HELP)
    .action(async (folder: string, { to, out }: ExportFlags) => {
      const { exportRun } = await import('../scenarios/export/export.ts');
      const { path, rows, bytes, stream } = exportRun(folder, to, out);
      const size = `${plural(rows, 'event')}, ${formatNumber(bytes)} bytes`;
      if (!stream) io.out(`${to}  ${path}  ${size}\n`);
      done(EXIT.fine);
    });
}

function format(text: string): FormatName {
  const found = formatNames.find((name) => name === text);
  if (found !== undefined) return found;
  const near = nearest(text, formatNames);
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
  throw new InvalidArgumentError(`Expected ${formatNames.join(', ')}.${hint}`);
}
