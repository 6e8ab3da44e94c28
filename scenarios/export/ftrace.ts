/*
 * The text of /sys/kernel/tracing/trace: kernel/trace/trace.c (print_event_info,
 * print_func_help_header_irq) and trace_output.c (trace_print_context) of 6.1. The kernel prints
 * microseconds, so the nanoseconds are gone.
 */
import type { TraceRow } from '../analysis/trace-row.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ExportFormat, Exporter, Target } from './exporter.ts';
import { tracepoints } from './own-tracepoints.ts';
import { cpuOf, type Survey } from './survey.ts';
import type { Tracepoint } from './tracepoint.ts';

const HELP = `\
#
#                                _-----=> irqs-off/BH-disabled
#                               / _----=> need-resched
#                              | / _---=> hardirq/softirq
#                              || / _--=> preempt-depth
#                              ||| / _-=> migrate-disable
#                              |||| /     delay
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
`;

class Ftrace implements Exporter {
  private readonly sink: ByteSink;
  private readonly tracepoints: ReadonlyMap<string, Tracepoint>;

  constructor({ sink }: Target, survey: Survey) {
    this.sink = sink;
    this.tracepoints = tracepoints(survey);
    const entries = survey.rows.reduce((sum, rows) => sum + rows, 0);
    sink.text('# tracer: nop\n#\n');
    sink.text(`# entries-in-buffer/entries-written: ${entries}/${entries}   #P:${survey.cpus}\n`);
    sink.text(HELP);
  }

  see(row: TraceRow): void {
    const { event, timeNs } = row;
    const tracepoint = this.tracepoints.get(event)!;
    const task = `${row.pid > 0 ? row.comm : '<idle>'}`.padStart(16);
    const pid = String(Math.max(row.pid, 0)).padEnd(7);
    const cpu = String(cpuOf(row)).padStart(3, '0');
    const args = tracepoint.format(tracepoint.values(row));
    this.sink.text(
      `${task}-${pid} [${cpu}] ${flagsOf(row)} ${seconds(timeNs)}: ${event}: ${args}\n`,
    );
  }

  end(): void {}
}

/** Of a row outside of all CPUs, none; ftrace has one digit for the depth. */
function flagsOf({ flags }: TraceRow): string {
  if (flags === '') return '.....';
  return flags.length === 5 ? flags : `${flags.slice(0, 3)}f.`;
}

/** Rounded as ns2usecs() does. */
function seconds(timeNs: number): string {
  const us = Math.floor((timeNs + 500) / 1000);
  const rest = String(us % 1_000_000).padStart(6, '0');
  return `${String(Math.floor(us / 1_000_000)).padStart(5)}.${rest}`;
}

export const ftrace: ExportFormat = {
  file: 'trace.txt',
  open: (target, survey) => new Ftrace(target, survey),
};
