/*
 * The figures of a run: counters that actors and programs keep, and what is read off the machine
 * at its end.
 */
import { nearest, type Position } from '../load/index.ts';
import { ScenarioError } from './error.ts';
import type { Metric } from './result.ts';

interface Figure {
  readonly metric: string;
  readonly object: string;
  readonly unit: Metric['unit'];
  value: number;
}

export class MetricSet {
  private readonly values = new Map<string, Figure>();

  /** Sets a figure; values are rounded to three decimals so that they print the same everywhere. */
  set(metric: string, object: string, value: number, unit: Metric['unit']): void {
    const rounded = Math.round(value * 1000) / 1000;
    this.values.set(keyOf(metric, object), { metric, object, value: rounded, unit });
  }

  count(metric: string, object = '', by = 1): void {
    const figure = this.values.get(keyOf(metric, object));
    if (figure === undefined) this.set(metric, object, by, 'count');
    else figure.value += by;
  }

  /** `metric`, or `metric(object)`. */
  get(key: string): number | undefined {
    return this.values.get(key)?.value;
  }

  /** A figure that the scenario names at `at`; throws ScenarioError if the run has none. */
  figure(key: string, at: Position): Metric {
    const figure = this.values.get(key);
    if (figure !== undefined) return figure;
    const suggestion = nearest(key, this.keys());
    const hint = suggestion === undefined ? '' : ` (did you mean '${suggestion}'?)`;
    throw new ScenarioError(at, `the run has no metric '${key}'${hint}`);
  }

  keys(): string[] {
    return [...this.values.keys()];
  }

  /** All figures by name, then object. */
  all(): Metric[] {
    return [...this.values.values()].sort(byName);
  }
}

/** A figure's name where metric and object are one text. */
export function keyOf(metric: string, object: string): string {
  return object === '' ? metric : `${metric}(${object})`;
}

/** By metric, then object. */
export function byName(a: Named, b: Named): number {
  return compare(a.metric, b.metric) || compare(a.object, b.object);
}

type Named = Pick<Metric, 'metric' | 'object'>;

/** By code units: the same order on every host. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
