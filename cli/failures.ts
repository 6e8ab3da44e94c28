/*
 * What stopped a command, told to whom it concerns: wrong usage and invalid scenarios to the user,
 * a fault of ours with what we need to find it.
 */
import { ReplayDiverged } from '../engine/index.ts';
import { NoDatabase, QueryError } from '../scenarios/analysis/database.ts';
import { NoTraceFolder } from '../scenarios/analysis/run-folder.ts';
import { ChartError } from '../scenarios/charts/error.ts';
import { formatDiagnostic } from '../scenarios/load/index.ts';
import { OutputError } from '../scenarios/output/errors.ts';
import { InputError } from '../scenarios/output/inputs.ts';
import { NoRunFolder } from '../scenarios/output/repeat.ts';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { QueueError } from '../scenarios/queue/error.ts';
import { ReportError } from '../scenarios/report/error.ts';
import { ScenarioError } from '../scenarios/run/error.ts';
import { SweepError } from '../scenarios/sweep/error.ts';
import { version } from './package.ts';

/** The command line asks for something that there is not. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the user has named is not what a verb can use. */
const NOT_USABLE = [
  ...[UsageError, NoRunFolder, SweepError, NoTraceFolder, NoDatabase, QueryError],
  ...[ChartError, QueueError, ReportError],
];

export interface Failure {
  readonly exit: ExitCode;
  /** Whole lines, for stderr. */
  readonly text: string;
}

/** The scenario that was being run, as far as known. */
export interface Circumstances {
  readonly argv: readonly string[];
  readonly file?: string;
  readonly seed?: number | string;
}

export function explain(error: unknown, circumstances: Circumstances): Failure {
  const { file = '' } = circumstances;
  if (NOT_USABLE.some((kind) => error instanceof kind)) {
    const { message } = error as Error;
    return { exit: EXIT.usage, text: `error: ${message}\n` };
  }
  if (error instanceof ScenarioError || error instanceof InputError) {
    const { line, column } = ('at' in error ? error.at : null) ?? { line: 0, column: 0 };
    const { message } = error;
    const text = `${formatDiagnostic({ file, line, column, path: '', message })}\n`;
    return { exit: EXIT.invalid, text };
  }
  if (error instanceof ReplayDiverged) {
    const text = `${file}: the run takes other decisions than it did: ${error.message}\n`;
    return { exit: EXIT.irreproducible, text };
  }
  if (error instanceof OutputError) return { exit: EXIT.limit, text: outputFailure(error) };
  return { exit: EXIT.fault, text: fault(error, circumstances) };
}

function outputFailure({ message, kept }: OutputError): string {
  const rest =
    kept === undefined
      ? 'nothing of it was kept'
      : `the first ${plural(kept.rows, 'row')} of the trace are in ${kept.path}`;
  return `error: ${message}\n${rest}\n`;
}

function fault(error: unknown, { argv, seed }: Circumstances): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    'internal fault: this is an error in lockstep, not in the scenario.',
    'Please report it with the scenario and these lines:',
    `  version  ${version} on Node ${process.version}`,
    `  command  lockstep ${argv.join(' ')}`,
    ...(seed === undefined ? [] : [`  seed     ${seed}`]),
    stack.replace(/^/gm, '  '),
    '',
  ].join('\n');
}
