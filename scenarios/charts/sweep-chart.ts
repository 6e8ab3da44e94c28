/*
 * Which chart shows a sweep: one axis from left to right, one as lines, and all others, with the
 * metrics, as panels.
 */
import { parse } from 'yaml';
import { z } from 'zod';
import { Grid, type Axis } from '../../engine/index.ts';
import { ChartError, noSuch, thereAre } from './error.ts';
import { LINES_MAX } from './looks.ts';
import type { Mean, Panel, SmallMultiples } from './small-multiples.ts';
import type { SweepTable } from './sweep-table.ts';

/** What the user wants to see; what is left out is chosen. */
export interface SweepView {
  /** The axis from left to right: else the one with most values. */
  readonly x?: string | undefined;
  /** The axis whose values are lines: else the first other one with few values. */
  readonly by?: string | undefined;
  /** Else those that the scenario expects something of. */
  readonly metrics?: readonly string[];
  /** `path=value,value`: only these values of an axis. */
  readonly only?: readonly string[];
  readonly title?: string | undefined;
}

const PANELS_MAX = 24;
const METRICS_CHOSEN = 6;

/** @throws ChartError if there is no such axis, value or metric, or too much for one chart. */
export function sweepChart(table: SweepTable, view: SweepView = {}): SmallMultiples {
  const axes = narrowed(table.axes, view.only ?? []);
  const [x, by, others] = rolesOf(axes, view);
  const metrics = metricsOf(table, axes, view.metrics ?? []);
  const facets = new Grid(others, ['']);
  const count = metrics.length * facets.points;
  if (count > PANELS_MAX) {
    const what = others.map(({ path }) => path).join(', ');
    throw new ChartError(
      `that would be ${count} panels, of at most ${PANELS_MAX}: name fewer metrics` +
        (what === '' ? '' : `, or fewer values of ${what} with --only`),
    );
  }
  const panelOf = (metric: string, facet: readonly string[]): Panel => ({
    title: [metric, ...others.map(({ path }, i) => `${path} ${facet[i]}`)].join(', '),
    unit: table.metrics.get(metric)!,
    scale: metric,
    lines: (by?.values ?? ['']).map((name) => ({
      name,
      means: x.values.map((value) => {
        const at = new Map(others.map(({ path }, i) => [path, facet[i]!]));
        at.set(x.path, value);
        if (by !== undefined) at.set(by.path, name);
        const values = table.axes.map(({ path }) => at.get(path) ?? only(axes, path));
        return table.meanOf(metric, values);
      }),
    })),
  });
  const panels = metrics.flatMap((metric) =>
    Array.from({ length: facets.points }, (_, i) => panelOf(metric, facets.valuesAt(i))),
  );
  return {
    title: view.title ?? `${table.scenario}: ${named(metrics)} by ${x.path}`,
    x: { name: x.path, values: x.values },
    by: by?.path,
    panels,
    notes: notesOf(table, axes),
  };
}

function named(metrics: readonly string[]): string {
  return metrics.length <= 2 ? metrics.join(' and ') : `${metrics.length} figures`;
}

/** The one value that an axis is narrowed to. */
function only(axes: readonly Axis[], path: string): string {
  return axes.find((axis) => axis.path === path)!.values[0]!;
}

/** What is not seen: how many runs a mean is of, what is left out, and whether runs failed. */
function notesOf(table: SweepTable, axes: readonly Axis[]): string[] {
  const { seeds, failed, runs } = table;
  const fixed = axes
    .filter(({ values }, i) => values.length === 1 && table.axes[i]!.values.length > 1)
    .map(({ path, values }) => `${path} ${values[0]}`);
  const means =
    seeds === 1
      ? 'One run at each point.'
      : `Mean of ${seeds} seeds at each point, with the 95 % interval of the mean.`;
  const some = fixed.length === 0 ? '' : ` Only ${fixed.join(', ')}.`;
  const bad = failed === 0 ? '' : ` ${failed} of ${runs} runs of the sweep failed.`;
  return [`${means}${some}${bad}`];
}

/** The axes with the values that are wanted of them. */
function narrowed(axes: readonly Axis[], wanted: readonly string[]): Axis[] {
  const paths = axes.map(({ path }) => path);
  const chosen = new Map<string, string[]>();
  for (const one of wanted) {
    const equals = one.indexOf('=');
    if (equals <= 0) {
      throw new ChartError(`--only ${one}: expected axis=value, such as ${paths[0]}=...`);
    }
    const axis = axisOf(axes, one.slice(0, equals));
    const values = one.slice(equals + 1).split(',');
    for (const value of values) {
      if (!axis.values.includes(value)) throw noSuch(`value of ${axis.path}`, value, axis.values);
    }
    chosen.set(axis.path, values);
  }
  return axes.map(({ path, values }) => {
    const some = chosen.get(path);
    return { path, values: values.filter((value) => some?.includes(value) ?? true) };
  });
}

function axisOf(axes: readonly Axis[], path: string): Axis {
  const found = axes.find((axis) => axis.path === path);
  if (found !== undefined) return found;
  const paths = axes.map((axis) => axis.path);
  throw noSuch('axis', path, paths);
}

/** The axis from left to right, that of the lines, and those of the panels. */
function rolesOf(axes: readonly Axis[], view: SweepView): [Axis, Axis | undefined, Axis[]] {
  if (axes.length === 0) throw new ChartError('the sweep has no axis: there is nothing to plot');
  const named = view.by === undefined ? undefined : axisOf(axes, view.by);
  if (named !== undefined && named.path === view.x) {
    throw new ChartError(`--x and --by are both ${named.path}`);
  }
  const free = axes.filter((axis) => axis !== named);
  if (free.length === 0) {
    throw new ChartError(`--by ${named!.path}: it is the only axis, which goes from left to right`);
  }
  const most = Math.max(...free.map(({ values }) => values.length));
  const x =
    view.x === undefined
      ? free.find(({ values }) => values.length === most)!
      : axisOf(axes, view.x);
  const rest = free.filter((axis) => axis !== x && axis.values.length > 1);
  const by = named ?? rest.find(({ values }) => values.length <= LINES_MAX);
  if (by !== undefined && by.values.length > LINES_MAX) {
    throw new ChartError(
      `--by ${by.path}: it has ${by.values.length} values, and nobody follows more than ` +
        `${LINES_MAX} lines; choose some with --only ${by.path}=...`,
    );
  }
  return [x, by, rest.filter((axis) => axis !== by)];
}

/** The metrics that are wanted, or those that differ: first what the scenario names. */
function metricsOf(
  table: SweepTable,
  axes: readonly Axis[],
  wanted: readonly string[],
): readonly string[] {
  const all = [...table.metrics.keys()];
  for (const metric of wanted) {
    if (!table.metrics.has(metric)) throw noSuch('metric', metric, all);
  }
  if (wanted.length > 0) return wanted;
  const differing = all
    .map((metric) => ({ metric, by: difference(meansOf(table, axes, metric)) }))
    .filter(({ by }) => by > 1)
    .sort((a, b) => Math.min(b.by, CERTAIN) - Math.min(a.by, CERTAIN))
    .map(({ metric }) => metric);
  const cared = differing.filter(caredFor(table.effective));
  const chosen = (cared.length > 0 ? cared : differing).slice(0, METRICS_CHOSEN);
  if (chosen.length > 0) return chosen;
  throw new ChartError(
    `no metric differs between the points; choose with --metric: ${thereAre(all)}`,
  );
}

function meansOf(table: SweepTable, axes: readonly Axis[], metric: string): Mean[] {
  const grid = new Grid(axes, ['']);
  const means = Array.from({ length: grid.points }, (_, point) =>
    table.meanOf(metric, grid.valuesAt(point)),
  );
  return means.filter((mean) => mean !== undefined);
}

/** By so many of its intervals a metric differs for sure. */
const CERTAIN = 100;

/** How much a metric differs between the points, in widths of its widest interval. */
function difference(means: readonly Mean[]): number {
  const figures = means.map(({ mean }) => mean);
  const widths = means.map(({ low = 0, high = 0 }) => high - low);
  const between = Math.max(...figures) - Math.min(...figures);
  return between <= 0 ? 0 : between / Math.max(...widths, between / CERTAIN / 2);
}

const scenarioSchema = z.object({
  expect: z.object({ that: z.array(z.string()) }),
  metrics: z.record(z.string(), z.unknown()),
});

/** Whether the scenario says something of a metric: it expects or defines it. */
function caredFor(effective: string): (metric: string) => boolean {
  const { expect, metrics } = scenarioSchema.parse(parse(effective));
  const expectations = expect.that.join('\n');
  const defined = Object.keys(metrics).flatMap((name) => [name, `${name}.p50`, `${name}.p99`]);
  return (metric) => {
    const name = metric.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const expected = new RegExp(`(?<![\\w.(])${name}(?![\\w.(])`).test(expectations);
    return expected || defined.includes(metric);
  };
}
