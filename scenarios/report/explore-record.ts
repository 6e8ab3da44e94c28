/*
 * What the folder of an exploration says, and its schedules made again: schedules are values, so a
 * search leaves them and not what happens under them.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { parseSchedule, ReplayDiverged, ScheduleError } from '../../engine/index.ts';
import { turnsOf } from '../explore/constraints.ts';
import { Program } from '../explore/program.ts';
import { timelineOf, type Timeline } from '../explore/timeline.ts';
import { loadFile, withStepLines, type LoadedScenario } from '../load/index.ts';
import { InputError, inputReader } from '../output/inputs.ts';
import { registry } from '../registry.ts';
import { ScenarioError } from '../run/error.ts';
import { ReportError } from './error.ts';
import { readText } from './run-record.ts';

export const EXPLORE_RECORD = 'explore.json';

const point = z.object({ kind: z.string(), actor: z.string(), line: z.number(), text: z.string() });

const finding = z.object({
  kind: z.string(),
  verdict: z.string(),
  text: z.string(),
  expected: z.boolean(),
  actors: z.array(z.string()),
  objects: z.array(z.string()),
  places: z.array(z.object({ actor: z.string(), line: z.number() })),
  lines: z.array(z.string()),
  firstRun: z.number(),
  strategy: z.string(),
  preemptions: z.number(),
  interrupts: z.number(),
  schedule: z.string(),
  constraints: z.array(
    z.object({ first: point, then: point, flipped: z.string(), shows: z.array(z.string()) }),
  ),
});

const record = z.object({
  lockstep: z.string(),
  scenario: z.string(),
  seed: z.union([z.number(), z.string()]),
  overrides: z.array(z.string()),
  lines: z.string().optional(),
  options: z.object({ strategy: z.string(), seed: z.string() }),
  schedules: z.number(),
  stopped: z.string(),
  findings: z.array(finding),
  missing: z.array(z.string()),
  notExplored: z.array(z.string()),
});

export type ExploreRecord = z.output<typeof record>;
export type FoundRecord = z.output<typeof finding>;

/** @throws ReportError */
export function readExplored(folder: string): ExploreRecord {
  const path = join(folder, EXPLORE_RECORD);
  try {
    return record.parse(JSON.parse(readText(folder, EXPLORE_RECORD)));
  } catch {
    throw new ReportError(`${path} is not the record of an exploration, or a damaged one`);
  }
}

/** A schedule and what happens under it. */
export interface Course {
  readonly timeline: Timeline;
  /** The steps to which the schedule switches. */
  readonly turns: ReadonlySet<number>;
}

export type Courses = (schedule: string) => Course | string;

/** How to make the schedules of a folder again; a text says why one cannot be. */
export function coursesOf(folder: string, { lines }: ExploreRecord): Courses {
  const file = join(folder, 'scenario.yaml');
  const result = loadFile(file, registry, []);
  if (!result.ok) return () => `${file} is not a valid scenario`;
  const loaded =
    lines === undefined
      ? result.loaded
      : withStepLines(result.loaded, lines.split(' ').map(Number));
  return (schedule) => {
    try {
      return courseOf(loaded, file, schedule);
    } catch (error) {
      if (CANNOT.some((kind) => error instanceof kind)) return (error as Error).message;
      throw error;
    }
  };
}

/** What keeps a schedule from being made again: inputs that are gone, another scenario. */
const CANNOT = [InputError, ScenarioError, ScheduleError, ReplayDiverged];

function courseOf(loaded: LoadedScenario, file: string, text: string): Course {
  const { bounds, plan } = parseSchedule(text);
  const program = new Program(loaded, bounds, inputReader(file));
  const timeline = timelineOf(program, plan);
  return { timeline, turns: turnsOf(timeline, plan) };
}
