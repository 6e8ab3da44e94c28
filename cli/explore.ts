/*
 * lockstep explore: searches the interleavings of a scenario for one that goes wrong, explains what
 * it finds, and says how to see it again.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { LocalCrew, type Crew } from '../scenarios/explore/crew.ts';
import { explain } from '../scenarios/explore/explain.ts';
import { Hunt, type StrategyName } from '../scenarios/explore/hunt.ts';
import type { Order } from '../scenarios/explore/order.ts';
import { Program } from '../scenarios/explore/program.ts';
import { judged, search } from '../scenarios/explore/search.ts';
import { writeExplored, type Written } from '../scenarios/output/explore-files.ts';
import { exploreText, type Report } from '../scenarios/output/explore-text.ts';
import { inputsOf, keptReader } from '../scenarios/output/kept-inputs.ts';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, worst, type ExitCode } from '../scenarios/output/verdict.ts';
import { explain as explainFailure } from './failures.ts';
import { hostTimeMs } from './host-time.ts';
import type { Io } from './io.ts';
import { version } from './package.ts';
import { sayOn, searchProgressOn } from './progress.ts';
import { formatDiagnostics, headOf, identityOf, load } from './scenario.ts';
import { quoted } from '../scenarios/output/shell.ts';
import { findScenario } from './shipped.ts';
import { styleOf } from './style.ts';

export interface ExploreFlags {
  readonly strategy?: StrategyName;
  readonly seed?: string;
  readonly runs?: number;
  readonly time?: string;
  readonly preemptions?: number;
  readonly interrupts?: number;
  readonly depth?: number;
  readonly steps: number;
  readonly timeouts: 'patient' | 'any';
  readonly jobs: number;
  readonly queue?: string;
  readonly keepGoing: boolean;
  readonly set: readonly string[];
  readonly out: string;
  readonly quiet?: true;
  readonly color: boolean;
}

/** More threads only take memory; what they find is the same. */
const JOBS_PER_CPU = 4;

export async function explore(
  name: string,
  flags: ExploreFlags,
  io: Io,
  argv: readonly string[],
): Promise<ExitCode> {
  const file = findScenario(name);
  const timeMs = hostTimeMs('--time', flags.time);
  const result = load(file, flags.set);
  if (!result.ok) {
    io.err(formatDiagnostics(result.diagnostics));
    return EXIT.invalid;
  }
  const { loaded } = result;
  const seed = flags.seed ?? String(loaded.scenario.seed);
  try {
    const settings = { ...loaded.scenario.explore, ...flags };
    const { strategy, runs, depth, preemptions, interrupts, steps, keepGoing } = settings;
    const bounds = { interrupts, steps, anyTimeouts: flags.timeouts === 'any' };
    const text = readFileSync(file, 'utf8');
    const inputs = inputsOf(file, loaded);
    const program = new Program(loaded, bounds, keptReader(inputs));
    const options = { strategy, seed, runs, depth, preemptions, arrivals: interrupts, keepGoing };
    const hunt = new Hunt(program, options);
    const order = { file, text, overrides: flags.set, inputs, bounds, options };
    const crew = await crewFor(order, flags, io);
    const stopped = await search(hunt, timeMs, searchProgressOn(io), crew);
    const findings = hunt.found.map((found) => explain(hunt, found));
    const replay = ['lockstep replay', quoted(name), ...flags.set.map((s) => `--set ${quoted(s)}`)];
    const report: Report = {
      head: headOf(loaded),
      hunt,
      stopped,
      judged: judged(hunt),
      findings,
      replay: (schedule) => `${replay.join(' ')} '${schedule}'`,
    };
    const written = writeExplored(flags.out, identityOf(loaded, flags.set), report);
    return tell(report, written, flags, io);
  } catch (error) {
    const { exit, text } = explainFailure(error, { argv, file, seed });
    io.err(text);
    return exit;
  }
}

/** Undefined: this thread alone. */
async function crewFor(order: Order, flags: ExploreFlags, io: Io): Promise<Crew | undefined> {
  if (flags.queue !== undefined) {
    const { QueueCrew } = await import('../scenarios/queue/explore-crew.ts');
    const { Broker } = await import('../scenarios/queue/broker.ts');
    return QueueCrew.of(await Broker.at(flags.queue, sayOn(io)), version, order);
  }
  const jobs = Math.min(flags.jobs, JOBS_PER_CPU * availableParallelism());
  return jobs > 1 ? new LocalCrew(order, jobs) : undefined;
}

function tell(report: Report, written: Written, flags: ExploreFlags, io: Io): ExitCode {
  const style = styleOf(io, flags.color);
  if (!flags.quiet) io.out(`${exploreText(report, style)}\n`);
  io.out(`results  ${written.path}\n`);
  if (written.outcome === 'identical') io.out('identical to the first search (verified)\n');
  const { unexpected, missing } = report.judged;
  const failures: [ExitCode, string][] = [];
  if (report.stopped === 'interrupted') failures.push([EXIT.interrupted, 'interrupted']);
  if (written.outcome === 'differs') {
    failures.push([EXIT.irreproducible, 'not the same as the first search']);
  }
  if (unexpected.length > 0) {
    failures.push([EXIT.failed, `${plural(unexpected.length, 'finding')} that nobody expects`]);
  }
  if (missing.length > 0) failures.push([EXIT.failed, `not found: ${missing.join(', ')}`]);
  const exit = worst(failures.map(([code]) => code));
  if (exit !== EXIT.fine) {
    io.out(`${style.red(`exit ${exit}: ${failures.map(([, why]) => why).join('; ')}`)}\n`);
  }
  return exit;
}
