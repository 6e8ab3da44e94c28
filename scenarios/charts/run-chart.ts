/*
 * Which chart shows a run: the distributions of the durations that `lockstep stats` measures.
 */
import type { Distribution } from '../analysis/distribution.ts';
import { statsOf } from '../analysis/stats.ts';
import { keyOf } from '../run/metrics.ts';
import { ChartError, noSuch } from './error.ts';
import type { Histograms, Spread } from './histogram.ts';

interface Measured {
  /** `metric(object)`. */
  readonly key: string;
  readonly metric: string;
  readonly about: string;
  readonly distribution: Distribution;
}

const PANELS_CHOSEN = 6;
const PANELS_MAX = 24;
const PERCENTILES = [50, 90, 99];

/**
 * @param wanted metrics, each with all its objects or as `metric(object)` with one; none for those
 * with most values
 * @throws ChartError, NoTraceFolder
 */
export function runChart(folder: string, wanted: readonly string[], title?: string): Histograms {
  const measured = measuredIn(folder);
  if (measured.length === 0) throw new ChartError(`${folder}: its trace has no durations to show`);
  const shown = wanted.length === 0 ? mostOf(measured) : chosen(measured, wanted);
  if (shown.length > PANELS_MAX) {
    throw new ChartError(
      `that would be ${shown.length} panels, of at most ${PANELS_MAX}: name single ones, ` +
        `such as --metric '${shown[0]!.key}'`,
    );
  }
  const abouts = new Map(shown.map(({ metric, about }) => [metric, about]));
  return {
    title: title ?? 'How long it takes',
    spreads: shown.map(spreadOf),
    notes: [
      ...[...abouts].map(([metric, about]) => `${metric}: ${about}.`),
      'Bars by powers of two.',
    ],
  };
}

function measuredIn(folder: string): Measured[] {
  const latencies = statsOf(folder).statistics.flatMap((statistic) => statistic.latencies ?? []);
  return latencies.flatMap(({ metric, about, byObject }) =>
    [...byObject].map(([object, distribution]) => {
      return { key: keyOf(metric, object), metric, about, distribution };
    }),
  );
}

/** Of each metric the object with most values; first the metrics whose values are not all one. */
function mostOf(measured: readonly Measured[]): Measured[] {
  const most = new Map<string, Measured>();
  for (const one of measured) {
    const before = most.get(one.metric);
    if (before === undefined || one.distribution.count > before.distribution.count) {
      most.set(one.metric, one);
    }
  }
  const flat = ({ distribution: { min, max } }: Measured): number => (min === max ? 1 : 0);
  return [...most.values()]
    .sort((a, b) => flat(a) - flat(b) || b.distribution.count - a.distribution.count)
    .slice(0, PANELS_CHOSEN);
}

function chosen(measured: readonly Measured[], wanted: readonly string[]): Measured[] {
  return wanted.flatMap((name) => {
    const found = measured.filter(({ key, metric }) => key === name || metric === name);
    if (found.length > 0) return found;
    const [metric] = name.split('(', 1);
    const same = measured.filter((one) => one.metric === metric);
    const among = same.length > 0 ? same.map(({ key }) => key) : metricsOf(measured);
    throw noSuch('metric', name, among);
  });
}

function metricsOf(measured: readonly Measured[]): string[] {
  return [...new Set(measured.map(({ metric }) => metric))];
}

function spreadOf({ key, distribution }: Measured): Spread {
  const marks = PERCENTILES.map((part) => {
    return { name: `p${part}`, value: distribution.percentile(part) };
  });
  const { max: value, count } = distribution;
  const bars = distribution.histogram();
  return { title: key, bars, count, marks: [...marks, { name: 'max', value }] };
}
