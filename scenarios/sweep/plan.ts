/*
 * What a sweep runs: the scenario, its axes and seeds from the command line and from the scenario's
 * section `sweep`, and the number that stands for all of it.
 */
import { createHash } from 'node:crypto';
import { AxisError, axisValues, Grid, type Axis } from '../../engine/index.ts';
import {
  axisText,
  loadText,
  stepLines,
  type Diagnostic,
  type LoadedScenario,
} from '../load/index.ts';
import { registry } from '../registry.ts';
import { SweepError } from './error.ts';

/** What varies, as the command line has it. */
export interface Asked {
  /** `path=values` */
  readonly sweep: readonly string[];
  readonly seeds: string | undefined;
}

/** What a thread needs for its runs; nothing but data. */
export interface Order {
  readonly file: string;
  readonly text: string;
  readonly overrides: readonly string[];
  readonly axes: readonly Axis[];
  readonly seeds: readonly string[];
}

export interface Plan {
  readonly scenario: string;
  readonly effective: string;
  /** Of everything that the runs are made from. */
  readonly hash: string;
  readonly grid: Grid;
  readonly order: Order;
  /** The paths of the axes that are as the scenario has them. */
  readonly own: ReadonlySet<string>;
}

/** More would take more memory for their numbers than is sensible. */
const RUNS_MAX = 10_000_000;

/** @throws SweepError */
export function planOf(
  file: string,
  text: string,
  loaded: LoadedScenario,
  overrides: readonly string[],
  asked: Asked,
): Plan {
  const { scenario, effective } = loaded;
  const axes = axesOf(loaded, asked.sweep);
  const seeds = seedsOf(loaded, asked.seeds);
  const grid = new Grid(axes, seeds);
  if (grid.runs > RUNS_MAX) {
    throw new SweepError(`a sweep has at most ${RUNS_MAX} runs; this would be ${grid.runs}`);
  }
  const content = JSON.stringify([effective, stepLines(loaded), axes, seeds]);
  const hash = createHash('sha256').update(content).digest('hex');
  return {
    scenario: scenario.name,
    effective,
    hash,
    grid,
    order: { file, text, overrides, axes, seeds },
    own: new Set(
      axes.map(({ path }) => path).filter((path) => !asked.sweep.some((axis) => isAt(axis, path))),
    ),
  };
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

/** What is wrong with the values of the axes, each taken alone; the same is said once an axis. */
export function diagnosticsOf({ order, own }: Plan): Diagnostic[] {
  const { file, text, overrides, axes } = order;
  return axes.flatMap(({ path, values }) => {
    const found = new Map<string, Diagnostic>();
    for (const value of values) {
      const override = `${path}=${value}`;
      const result = loadText(file, text, registry, [...overrides, override]);
      if (result.ok) continue;
      for (const diagnostic of result.diagnostics) {
        const named = diagnostic.file === `--set ${override}`;
        const where = own.has(path) ? `${file}: sweep.axes.${path}` : `--sweep ${override}`;
        const key = `${diagnostic.path} ${diagnostic.message}`;
        if (!found.has(key)) found.set(key, named ? { ...diagnostic, file: where } : diagnostic);
      }
    }
    return [...found.values()];
  });
}

/** The overrides that make a point of the scenario. */
export function overridesAt({ overrides, axes, seeds }: Order, point: number): string[] {
  const values = new Grid(axes, seeds).valuesAt(point);
  return [...overrides, ...axes.map(({ path }, i) => `${path}=${values[i]}`)];
}

/** As a scenario has it: a number if it is one. */
export function seedValue(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
