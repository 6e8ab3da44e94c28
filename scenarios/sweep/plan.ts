/*
 * What a sweep runs: the scenario, its axes and seeds from the command line and from the scenario's
 * section `sweep`, and the number that stands for all of it.
 */
import { createHash } from 'node:crypto';
import { AxisError, axisValues, Grid, type Axis } from '../../engine/index.ts';
import { axisText, stepLines, type Diagnostic, type LoadedScenario } from '../load/index.ts';
import { inputDigests } from '../output/kept-inputs.ts';
import { SweepError } from './error.ts';
import type { Order } from './order.ts';
import { survey } from './survey.ts';

/** What varies, as the command line has it. */
export interface Asked {
  /** `path=values` */
  readonly sweep: readonly string[];
  readonly seeds: string | undefined;
}

export interface Plan {
  readonly scenario: string;
  readonly effective: string;
  /** Of everything that the runs are made from. */
  readonly hash: string;
  readonly grid: Grid;
  readonly order: Order;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** More would take more memory for their numbers than is sensible. */
const RUNS_MAX = 10_000_000;

/** @throws SweepError */
export function planOf(
  file: string,
  text: string,
  loaded: LoadedScenario,
  overrides: readonly string[],
  asked: Asked,
): PlanResult {
  const { scenario, effective } = loaded;
  const axes = axesOf(loaded, asked.sweep);
  const seeds = seedsOf(loaded, asked.seeds);
  const grid = new Grid(axes, seeds);
  if (grid.runs > RUNS_MAX) {
    throw new SweepError(`a sweep has at most ${RUNS_MAX} runs; this would be ${grid.runs}`);
  }
  const paths = axes.map(({ path }) => path);
  const own = new Set(paths.filter((path) => !asked.sweep.some((axis) => isAt(axis, path))));
  const varied = { file, text, overrides, axes, seeds };
  const { diagnostics, inputs } = survey(loaded, varied, own);
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  const read = inputs.length === 0 ? [] : [inputDigests(inputs)];
  const content = JSON.stringify([effective, stepLines(loaded), axes, seeds, ...read]);
  const hash = createHash('sha256').update(content).digest('hex');
  const plan = { scenario: scenario.name, effective, hash, grid, order: { ...varied, inputs } };
  return { ok: true, plan };
}

/** An axis of the command line is for this path. */
function isAt(axis: string, path: string): boolean {
  return axis.startsWith(`${path}=`);
}

/** Those of the scenario in its order, then the new ones of the command line. */
function axesOf({ scenario }: LoadedScenario, asked: readonly string[]): Axis[] {
  const axes = new Map<string, readonly string[]>();
  for (const [path, values] of Object.entries(scenario.sweep?.axes ?? {})) {
    axes.set(path, valuesOf(`sweep.axes.${path}`, axisText(values)));
  }
  const given = new Set<string>();
  for (const axis of asked) {
    const equals = axis.indexOf('=');
    const path = axis.slice(0, equals);
    if (equals <= 0) {
      throw new SweepError(
        `--sweep ${axis}: expected path=values, such as machine.hz=100,250,1000`,
      );
    }
    if (given.has(path)) throw new SweepError(`--sweep ${axis}: ${path} has been given already`);
    given.add(path);
    axes.set(path, valuesOf(`--sweep ${axis}`, axis.slice(equals + 1)));
  }
  for (const path of axes.keys()) {
    if (path === 'seed') throw new SweepError('seeds are no axis: use --seeds 1..100');
    if (['sweep', 'name'].includes(path.split('.', 1)[0]!)) {
      throw new SweepError(`${path} cannot be swept: a sweep is named and made from it`);
    }
  }
  return [...axes].map(([path, values]) => ({ path, values }));
}

/** Those of the command line, or of the section `sweep`, or the scenario's one. */
function seedsOf({ scenario }: LoadedScenario, asked: string | undefined): string[] {
  if (asked !== undefined) return valuesOf(`--seeds ${asked}`, asked);
  const { sweep, seed } = scenario;
  return sweep?.seeds === undefined
    ? [String(seed)]
    : valuesOf('sweep.seeds', axisText(sweep.seeds));
}

function valuesOf(where: string, text: string): string[] {
  try {
    return axisValues(text);
  } catch (error) {
    if (!(error instanceof AxisError)) throw error;
    throw new SweepError(`${where}: ${error.message}`);
  }
}
