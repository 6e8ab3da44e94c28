/*
 * lockstep replay: makes the run that a schedule describes, with its trace, and shows what happens.
 */
import { parseSchedule, ScheduleError, type Schedule } from '../engine/index.ts';
import { mustFit } from '../scenarios/explore/fits.ts';
import { Program } from '../scenarios/explore/program.ts';
import { timelineOf } from '../scenarios/explore/timeline.ts';
import { turnsOf } from '../scenarios/explore/constraints.ts';
import { inputReader } from '../scenarios/output/inputs.ts';
import { record } from '../scenarios/output/record.ts';
import { formatSummary } from '../scenarios/output/summary.ts';
import { timelineText } from '../scenarios/output/timeline-text.ts';
import { EXIT, judge, type ExitCode } from '../scenarios/output/verdict.ts';
import { explain, UsageError } from './failures.ts';
import type { Io } from './io.ts';
import { progressOn } from './progress.ts';
import { formatDiagnostics, headOf, followerOf, identityOf, load } from './scenario.ts';
import { findScenario } from './shipped.ts';
import { styleOf } from './style.ts';

export interface ReplayFlags {
  readonly continue: boolean;
  readonly set: readonly string[];
  readonly out: string;
  readonly color: boolean;
}

export async function replay(
  name: string,
  text: string,
  flags: ReplayFlags,
  io: Io,
  argv: readonly string[],
): Promise<ExitCode> {
  const file = findScenario(name);
  const schedule = parsed(text);
  const result = load(file, flags.set);
  if (!result.ok) {
    io.err(formatDiagnostics(result.diagnostics));
    return EXIT.invalid;
  }
  const { loaded } = result;
  const program = new Program(loaded, schedule.bounds, inputReader(file));
  const { plan } = schedule;
  if (program.hash !== schedule.scenario) {
    io.err(`the scenario has changed: the schedule is of ${schedule.scenario}, `);
    io.err(`this is ${program.hash}\n`);
  }
  try {
    if (!flags.continue) mustFit(program, plan);
    const identity = { ...identityOf(loaded, flags.set), schedule: program.text(plan) };
    const recorded = await record(
      identity,
      flags.out,
      followerOf(program, plan, flags.continue),
      inputReader(file),
      progressOn(io),
    );
    const verdict = judge(recorded.result, recorded.settled);
    const style = styleOf(io, flags.color);
    const timeline = timelineOf(program, plan);
    io.out(`${timelineText(timeline, turnsOf(timeline, plan)).join('\n')}\n\n`);
    io.out(formatSummary(headOf(loaded), recorded, verdict, style));
    return verdict.exit;
  } catch (error) {
    const { exit, text: said } = explain(error, { argv, file, seed: loaded.scenario.seed });
    io.err(said);
    if (exit === EXIT.irreproducible) io.err("'--continue' goes on without the schedule\n");
    return exit;
  }
}

/** @throws UsageError */
function parsed(text: string): Schedule {
  try {
    return parseSchedule(text);
  } catch (error) {
    if (error instanceof ScheduleError) throw new UsageError(error.message);
    throw error;
  }
}
