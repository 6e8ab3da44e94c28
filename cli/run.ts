/*
 * lockstep run: runs scenarios, writes their folders, prints what came of it.
 */
import { randomInt } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { parseDuration, type LoadedScenario } from '../scenarios/load/index.ts';
import { inputReader } from '../scenarios/output/inputs.ts';
import { diagnosticsJson, runJson } from '../scenarios/output/json.ts';
import { record } from '../scenarios/output/record.ts';
import { formatProcfs } from '../scenarios/output/procfs-text.ts';
import { formatSummary, traceLines } from '../scenarios/output/summary.ts';
import { EXIT, judge, worst, type ExitCode } from '../scenarios/output/verdict.ts';
import type { ProcLook } from '../scenarios/run/proc-looks.ts';
import { explain, UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { progressOn } from './progress.ts';
import { formatDiagnostics, headOf, identityOf, load, starter } from './scenario.ts';
import { findScenario } from './shipped.ts';
import { styleOf } from './style.ts';

export interface RunFlags {
  readonly seed?: string;
  readonly set: readonly string[];
  readonly out: string;
  readonly trace?: string;
  readonly until?: string;
  readonly json?: true;
  readonly printConfig?: true;
  readonly procfsAt: readonly string[];
  readonly quiet?: true;
  readonly color: boolean;
}

/** Runs one scenario after the other, even if one fails. The exit code is that of the worst. */
export async function run(
  names: readonly string[],
  flags: RunFlags,
  io: Io,
  argv: readonly string[],
): Promise<ExitCode> {
  const files = names.map(findScenario);
  checkFolder(flags.out);
  const overrides = overridesOf(flags, io);
  const exits: ExitCode[] = [];
  for (const file of files) {
    if (exits.length > 0 && !flags.json && !flags.quiet) io.out('\n');
    exits.push(await runFile(file, overrides, flags, io, argv));
    if (exits.includes(EXIT.interrupted)) break;
  }
  return worst(exits);
}

async function runFile(
  file: string,
  overrides: readonly string[],
  flags: RunFlags,
  io: Io,
  argv: readonly string[],
): Promise<ExitCode> {
  const result = load(file, overrides);
  if (!result.ok) {
    io.err(formatDiagnostics(result.diagnostics));
    if (flags.json) io.out(`${diagnosticsJson(file, result.diagnostics)}\n`);
    return EXIT.invalid;
  }
  const { loaded } = result;
  if (flags.printConfig) {
    io.out(loaded.effective);
    return EXIT.fine;
  }
  try {
    return await perform(file, loaded, overrides, flags, io);
  } catch (error) {
    const { exit, text } = explain(error, { argv, file, seed: loaded.scenario.seed });
    io.err(text);
    return exit;
  }
}

async function perform(
  file: string,
  loaded: LoadedScenario,
  overrides: readonly string[],
  flags: RunFlags,
  io: Io,
): Promise<ExitCode> {
  const identity = identityOf(loaded, overrides);
  const observer = progressOn(io);
  const procLooks = flags.procfsAt.map((at) => procLook(at, loaded.scenario.machine.hz));
  const start = starter(loaded, { procLooks });
  const recorded = await record(identity, flags.out, start, inputReader(file), observer);
  const verdict = judge(recorded.result, recorded.settled);
  const head = headOf(loaded);
  const style = styleOf(io, flags.color);
  if (flags.json) io.out(`${runJson(head, recorded, verdict)}\n`);
  else if (flags.quiet) io.out(`${traceLines(recorded, verdict, style).join('\n')}\n`);
  else io.out(formatSummary(head, recorded, verdict, style));
  if (!flags.json) io.out(formatProcfs(recorded.result.procfs ?? []));
  return verdict.exit;
}

/** `T` or `T=PATH`. */
function procLook(at: string, hz: number): ProcLook {
  const [time = '', path] = at.split(/=(.*)/s);
  const timeNs = parseDuration(time, hz);
  if (timeNs !== undefined) return path === undefined ? { timeNs } : { timeNs, path };
  throw new UsageError(`--procfs-at ${at}: expected a time such as 5s, or 5s=/proc/loadavg`);
}

/** All flags that change the scenario, as overrides of it; the later one holds. */
function overridesOf({ set, seed, trace, until }: RunFlags, io: Io): string[] {
  const overrides = [...set];
  if (until !== undefined) overrides.push(`until=${until}`);
  if (trace !== undefined) overrides.push(`trace.events=${eventList(trace)}`);
  if (seed === 'random') {
    const drawn = randomInt(2 ** 32);
    io.err(`seed ${drawn}\n`);
    overrides.push(`seed=${drawn}`);
  } else if (seed !== undefined) {
    overrides.push(`seed=${/^-?\d{1,15}$/.test(seed) ? Number(seed) : JSON.stringify(seed)}`);
  }
  return overrides;
}

function eventList(trace: string): string {
  if (trace === 'all' || trace === 'none') return trace;
  return JSON.stringify(trace.split(',').map((name) => name.trim()));
}

function checkFolder(out: string): void {
  if (existsSync(out) && !statSync(out).isDirectory()) {
    throw new UsageError(`--out ${out} is a file, not a folder`);
  }
}
