/*
 * lockstep import: makes scenarios, and tables of arrivals, from what other tools have written.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { arrivalsCsv } from '../scenarios/import/arrivals-csv.ts';
import { openRecording } from '../scenarios/import/open.ts';
import { overview } from '../scenarios/import/overview.ts';
import { RecordingError } from '../scenarios/import/recording.ts';
import { importWorkload } from '../scenarios/import/rt-app/import.ts';
import { select, type Selection } from '../scenarios/import/selection.ts';
import { loadText } from '../scenarios/load/index.ts';
import { isSystemError, writeNew } from '../scenarios/output/errors.ts';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { registry } from '../scenarios/registry.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { formatDiagnostics } from './scenario.ts';

export interface ImportFlags {
  readonly out?: string;
  readonly force: boolean;
  readonly event?: string;
  readonly cpu?: number;
  readonly where: readonly string[];
  readonly origin: 'first' | 'recording';
}

/** What it is shows in the file: a workload is JSON, a recording anything else. */
export function importFile(file: string, flags: ImportFlags, io: Io): ExitCode {
  const bytes = read(file);
  if (isJson(bytes)) {
    for (const name of ['event', 'cpu'] as const) {
      if (flags[name] !== undefined) throw new UsageError(`--${name} is for recordings, not JSON`);
    }
    if (flags.where.length > 0) throw new UsageError('--where is for recordings, not JSON');
    return importRtApp(file, bytes.toString('utf8'), flags, io);
  }
  try {
    return importRecording(file, bytes, flags, io);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    io.err(`${file}: ${error.message}\n`);
    return EXIT.invalid;
  }
}

function read(file: string): Buffer {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  if (statSync(file).isDirectory()) throw new UsageError(`${file} is a folder; expected a file`);
  try {
    return readFileSync(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(`${file} cannot be read (${error.code})`);
  }
}

/** Of a text so much tells; comments may come first. */
function isJson(bytes: Buffer): boolean {
  return /^\ufeff?(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*\{/.test(bytes.toString('utf8', 0, 65_536));
}

function importRtApp(file: string, text: string, flags: ImportFlags, io: Io): ExitCode {
  const { scenario, errors, warnings } = importWorkload(file, text);
  for (const error of errors) io.err(`${error}\n`);
  if (scenario === undefined) return EXIT.invalid;
  const loaded = loadText(file, scenario, registry);
  if (!loaded.ok) {
    throw new Error(`the scenario is not valid:\n${formatDiagnostics(loaded.diagnostics)}`);
  }
  for (const warning of warnings) io.err(`warning: ${warning}\n`);
  write(scenario, flags, io, (out) => `wrote ${out}; try: lockstep run ${out}\n`);
  return EXIT.fine;
}

function importRecording(file: string, bytes: Buffer, flags: ImportFlags, io: Io): ExitCode {
  const recording = openRecording(bytes);
  const selection = selectionOf(flags);
  if (selection === undefined) {
    if (flags.out !== undefined) throw new UsageError('--out: say which --event is meant');
    io.out(overview(recording, file));
    return EXIT.fine;
  }
  const selected = select(recording, selection);
  for (const note of recording.notes) io.err(`warning: ${file}: ${note}\n`);
  const count = plural(selected.events.length, 'arrival');
  write(arrivalsCsv(selected, flags.origin), flags, io, (out) => {
    const use = `arrivals: { recorded: { file: ${basename(out)} } }`;
    return `wrote ${count} to ${out}; in a scenario beside it: ${use}\n`;
  });
  return EXIT.fine;
}

/** Undefined if nothing is selected: then everything is shown. */
function selectionOf({ event, cpu, where }: ImportFlags): Selection | undefined {
  if (event === undefined && cpu === undefined && where.length === 0) return undefined;
  const fields = where.map((text): [string, string] => {
    const [field = '', value] = text.split(/=(.*)/s);
    if (value !== undefined && field !== '') return [field, value];
    throw new UsageError(`--where ${text}: expected FIELD=VALUE, such as name=eth0`);
  });
  return { event, cpu, where: Object.fromEntries(fields) };
}

/** To the file that `--out` names, or for others to read. */
function write(
  text: string,
  { out, force }: ImportFlags,
  io: Io,
  done: (out: string) => string,
): void {
  if (out === undefined) {
    io.out(text);
    return;
  }
  if (!writeNew(out, text, force)) throw new UsageError(`${out} exists (--force replaces it)`);
  io.out(done(out));
}
