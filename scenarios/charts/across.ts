/*
 * The axis of what was varied: where its values stand from left to right, and which of them are
 * written below. Numbers and durations have a scale; words stand side by side.
 */
import { scaleLinear, scaleLog, scalePoint } from 'd3-scale';
import { parseDuration } from '../load/index.ts';
import { widthOf } from './svg.ts';

/** How the values are placed: `even` gives each the same room. */
export type AcrossKind = 'linear' | 'log' | 'even';

export interface Across {
  readonly kind: AcrossKind;
  /** False if the values are words. */
  readonly ordered: boolean;
  /** Where the value of this number stands. */
  at(value: number): number;
  /** The room that a value has, where all have the same. */
  readonly room: number;
  /** The numbers of the values that are written. */
  readonly written: readonly number[];
}

/** Values farther apart than this at one end than at the other want a scale of ratios. */
const UNEVEN = 3;
const GAP = 8;

/** The numbers that the texts stand for; undefined if one of them is a word. */
export function numbersOf(values: readonly string[]): number[] | undefined {
  const numbers = values.map((text) => {
    if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
    const [, jiffies] = /^(\d+) ?jiffies$/.exec(text) ?? [];
    return jiffies === undefined ? parseDuration(text, 1) : Number(jiffies);
  });
  const all = numbers.filter((number) => number !== undefined);
  const increasing = all.every((number, i) => i === 0 || number > all[i - 1]!);
  return all.length === values.length && increasing ? all : undefined;
}

/** The kind that shows the values best. */
export function kindOf(values: readonly string[]): AcrossKind {
  const numbers = numbersOf(values);
  if (numbers === undefined) return 'even';
  if (numbers.length < 3) return 'linear';
  const linear = unevenness(numbers);
  if (linear < UNEVEN) return 'linear';
  const positive = numbers.filter((number) => number > 0);
  const ratios = unevenness(positive.map((number) => Math.log(number)));
  if (positive.length === numbers.length) return ratios < linear ? 'log' : 'linear';
  // From 0 on by ratios: 0 has no logarithm, and a linear scale would crowd the rest.
  return numbers[0] === 0 && ratios < linear / 2 ? 'even' : 'linear';
}

/** How much greater the greatest distance of neighbours is than the least. */
function unevenness(numbers: readonly number[]): number {
  const gaps = numbers.slice(1).map((number, i) => number - numbers[i]!);
  return gaps.length === 0 ? 1 : Math.max(...gaps) / Math.min(...gaps);
}

/** The axis from `left` to `right`. */
export function across(
  values: readonly string[],
  kind: AcrossKind,
  left: number,
  right: number,
): Across {
  const numbers = numbersOf(values);
  const at = placing(values, numbers, kind, left, right);
  const room = (right - left) / values.length;
  const places = values.map((_, i) => at(i));
  return { kind, ordered: numbers !== undefined, at, room, written: spaced(values, places) };
}

function placing(
  values: readonly string[],
  numbers: readonly number[] | undefined,
  kind: AcrossKind,
  left: number,
  right: number,
): (value: number) => number {
  if (numbers === undefined || kind === 'even' || numbers.length === 1) {
    const names = values.map((_, i) => String(i));
    const scale = scalePoint(names, [left, right]).padding(0.5);
    return (value) => scale(String(value))!;
  }
  const margin = Math.min(24, (right - left) / 12);
  const scale = (kind === 'log' ? scaleLog() : scaleLinear())
    .domain([numbers[0]!, numbers.at(-1)!])
    .range([left + margin, right - margin]);
  return (value) => scale(numbers[value]!);
}

/** Those whose texts do not run into each other; the last one always is among them. */
function spaced(values: readonly string[], places: readonly number[]): number[] {
  const half = (i: number): number => widthOf(values[i]!) / 2;
  const clear = (i: number, j: number): boolean =>
    places[j]! - half(j) - places[i]! - half(i) >= GAP;
  const written: number[] = [];
  values.forEach((_, i) => {
    if (written.length === 0 || clear(written.at(-1)!, i)) written.push(i);
  });
  const last = values.length - 1;
  while (written.length > 1 && written.at(-1) !== last && !clear(written.at(-1)!, last)) {
    written.pop();
  }
  if (written.at(-1) !== last) written.push(last);
  return written;
}

/** Whether each text has room below its value. */
export function allWritten({ written }: Across, values: readonly string[]): boolean {
  return written.length === values.length;
}
