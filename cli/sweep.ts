/*
 * lockstep sweep: runs a scenario at every point of its axes with every seed, and says how many
 * runs came out as expected and where their figures are.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Shard } from '../engine/index.ts';
import { plural } from '../scenarios/output/text.ts';
import { EXIT, type ExitCode } from '../scenarios/output/verdict.ts';
import { localCrew, type Crew } from '../scenarios/sweep/crew.ts';
import { planOf } from '../scenarios/sweep/plan.ts';
import { headOf, sweep as makeRuns } from '../scenarios/sweep/sweep.ts';
import { sweepHeadText, tellSweep } from './sweep-text.ts';
import { explain } from './failures.ts';
import type { Io } from './io.ts';
import { version } from './package.ts';
import { sayOn, sweepProgressOn } from './progress.ts';
import { formatDiagnostics, load } from './scenario.ts';
import { findScenario } from './shipped.ts';
import { styleOf } from './style.ts';

export interface SweepFlags {
  readonly sweep: readonly string[];
  readonly set: readonly string[];
  readonly seeds?: string;
  readonly jobs: number;
  readonly queue?: string;
  readonly shard?: Shard;
  readonly resume: boolean;
  readonly out: string;
  readonly quiet?: true;
  readonly color: boolean;
}

/** More threads only take memory; the results are the same. */
const JOBS_PER_CPU = 4;

export async function sweep(
  name: string,
  flags: SweepFlags,
  io: Io,
  argv: readonly string[],
): Promise<ExitCode> {
  const file = findScenario(name);
  const result = load(file, flags.set);
  if (!result.ok) {
    io.err(formatDiagnostics(result.diagnostics));
    return EXIT.invalid;
  }
  try {
    const { loaded } = result;
    const { sweep: axes, seeds, shard = { index: 1, of: 1 } } = flags;
    const text = readFileSync(file, 'utf8');
    const planned = planOf(file, text, loaded, flags.set, { sweep: axes, seeds });
    if (!planned.ok) {
      io.err(formatDiagnostics(planned.diagnostics));
      return EXIT.invalid;
    }
    const { plan } = planned;
    const { out, resume } = flags;
    const crew = await crewFor(flags, io);
    const options = { out, shard, crew, resume, version };
    const outcome = await makeRuns(plan, options, sweepProgressOn(io));
    const style = styleOf(io, flags.color);
    if (outcome.outcome === 'interrupted') {
      const made = `${outcome.done} of ${plural(outcome.total, 'run')}`;
      io.out(`${made} are kept in ${outcome.path}; --resume goes on\n`);
      io.out(`${style.red(`exit ${EXIT.interrupted}: interrupted`)}\n`);
      return EXIT.interrupted;
    }
    const head = headOf(plan, options);
    if (!flags.quiet) io.out(sweepHeadText(head, style));
    return tellSweep(name, head, outcome, style, io);
  } catch (error) {
    const { exit, text } = explain(error, { argv, file });
    io.err(text);
    return exit;
  }
}

async function crewFor({ queue, jobs }: SweepFlags, io: Io): Promise<Crew> {
  if (queue === undefined) return localCrew(Math.min(jobs, JOBS_PER_CPU * availableParallelism()));
  const { queueCrew } = await import('../scenarios/queue/sweep-crew.ts');
  const { Broker } = await import('../scenarios/queue/broker.ts');
  return queueCrew(await Broker.at(queue, sayOn(io)), version);
}
