/**
 * Random durations: a description as data, and a function that draws from it.
 *
 * Every draw is a whole number of nanoseconds from 0 to VARIATE_NS_MAX. Where the distribution is
 * continuous the draw is rounded to the nearest integer (a half upwards), and what exceeds the
 * maximum becomes the maximum. All methods are inverse transforms with our own ln and
 * exp, so that a seed gives the same durations on every engine.
 */
import { exp } from './exp.ts';
import { ln } from './ln.ts';
import { shown } from './shown.ts';
import type { RandomStream } from './streams.ts';

/**
 * The longest duration that can be described or drawn: 2^52 ns, about 52 days. It leaves room to
 * add a draw to any virtual time below 2^52 without leaving the safe integers.
 */
export const VARIATE_NS_MAX = 0x10000000000000;

/** Bounded so that one draw, which takes `shape` logarithms, stays cheap. */
const ERLANG_SHAPE_MAX = 1000;

/** A distribution of durations. All values are integer nanoseconds, except `alpha`. */
export type Variate =
  | { readonly kind: 'constant'; readonly value: number }
  /** Each integer from `min` to `max`, both included, equally likely. */
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** The sum of `shape` independent exponentials; `mean` is the mean of the sum. */
  | { readonly kind: 'erlang'; readonly mean: number; readonly shape: number }
  /** Tail (min/x)^alpha; with `max`, the truncated law: the same tail conditioned on x <= max. */
  | {
      readonly kind: 'pareto';
      readonly min: number;
      readonly alpha: number;
      readonly max?: number | undefined;
    }
  /** Each value in proportion to its integer weight. */
  | { readonly kind: 'empirical'; readonly table: readonly WeightedValue[] };

/** One row of an empirical distribution. */
export interface WeightedValue {
  readonly value: number;
  readonly weight: number;
}

/**
 * A function that draws from the distribution, with numbers of that stream only.
 * @throws RangeError that names the argument, what was expected and what came.
 */
export function drawer(variate: Variate, stream: RandomStream): () => number {
  switch (variate.kind) {
    case 'constant':
      return constant(variate.value);
    case 'uniform':
      return uniform(variate.min, variate.max, stream);
    case 'exponential':
      return exponential(variate.mean, stream);
    case 'erlang':
      return erlang(variate.mean, variate.shape, stream);
    case 'pareto':
      return pareto(variate.min, variate.alpha, variate.max, stream);
    case 'empirical':
      return empirical(variate.table, stream);
    default: {
      const kinds = 'constant, uniform, exponential, erlang, pareto or empirical';
      throw new RangeError(`kind must be ${kinds}, got ${shown((variate as Variate).kind)}`);
    }
  }
}

function constant(value: number): () => number {
  requireInteger('constant.value', value, 0, VARIATE_NS_MAX);
  return () => value;
}

function uniform(min: number, max: number, stream: RandomStream): () => number {
  requireInteger('uniform.min', min, 0, VARIATE_NS_MAX);
  requireInteger('uniform.max', max, min, VARIATE_NS_MAX);
  const count = max - min + 1;
  return () => min + stream.below(count);
}

function exponential(mean: number, stream: RandomStream): () => number {
  requireInteger('exponential.mean', mean, 0, VARIATE_NS_MAX);
  return () => wholeNs(mean * standardExponential(stream));
}

function erlang(mean: number, shape: number, stream: RandomStream): () => number {
  requireInteger('erlang.mean', mean, 0, VARIATE_NS_MAX);
  requireInteger('erlang.shape', shape, 1, ERLANG_SHAPE_MAX);
  return () => {
    let sum = 0;
    for (let phase = 0; phase < shape; phase++) sum += standardExponential(stream);
    return wholeNs((mean / shape) * sum);
  };
}

function pareto(
  min: number,
  alpha: number,
  max: number | undefined,
  stream: RandomStream,
): () => number {
  requireInteger('pareto.min', min, 1, VARIATE_NS_MAX);
  if (!Number.isFinite(alpha) || alpha <= 0) {
    throw new RangeError(`pareto.alpha must be a finite number above 0, got ${shown(alpha)}`);
  }
  if (max === undefined) return () => wholeNs(min * exp(standardExponential(stream) / alpha));
  requireInteger('pareto.max', max, min, VARIATE_NS_MAX);
  const withinMax = 1 - exp(alpha * ln(min / max));
  return () => {
    const survival = 1 - stream.unit() * withinMax;
    return Math.min(max, wholeNs(min * exp(-ln(survival) / alpha)));
  };
}

function empirical(table: readonly WeightedValue[], stream: RandomStream): () => number {
  let total = 0;
  const upTo = table.map(({ value, weight }, row) => {
    requireInteger(`empirical.table[${row}].value`, value, 0, VARIATE_NS_MAX);
    requireInteger(`empirical.table[${row}].weight`, weight, 0, Number.MAX_SAFE_INTEGER - total);
    return (total += weight);
  });
  if (total === 0) {
    throw new RangeError(`empirical.table must have a weight above 0, got ${table.length} rows`);
  }
  const values = table.map(({ value }) => value);
  return () => values[firstAbove(upTo, stream.below(total))] as number;
}

/** Exponential of mean 1. The logarithm's argument is in (0, 1], never 0. */
function standardExponential(stream: RandomStream): number {
  return -ln(1 - stream.unit());
}

/** The first index of an ascending list whose element exceeds `bound`; the last one must. */
function firstAbove(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

function wholeNs(ns: number): number {
  return Math.min(VARIATE_NS_MAX, Math.floor(ns + 0.5));
}

function requireInteger(what: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${what} must be an integer from ${min} to ${max}, got ${shown(value)}`);
}
