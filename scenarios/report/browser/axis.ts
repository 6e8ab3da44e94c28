/*
 * The axis of a timeline: round values, not too many, and how they are written.
 */
import { formatDuration, formatNumber } from '../../output/text.ts';
import type { Axis } from '../format.ts';

/** Round values in a range, about as many as are asked for. */
export function ticks(from: number, to: number, about: number): number[] {
  const rough = (to - from) / Math.max(1, about);
  let unit = 1;
  while (unit * 10 <= rough) unit *= 10;
  const factor = [1, 2, 5, 10].find((one) => one * unit >= rough) ?? 10;
  const step = factor * unit;
  const values: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) values.push(at);
  return values;
}

/** A place on the axis for people. */
export function placeText(axis: Axis, at: number): string {
  if (axis === 'rows') return `row ${formatNumber(Math.floor(at) + 1)}`;
  return exactTime(at);
}

/** The end of something on the axis for people: of rows the last one that is in it. */
export function endText(axis: Axis, at: number): string {
  return axis === 'rows' ? `row ${formatNumber(Math.ceil(at))}` : exactTime(at);
}

/** A length on the axis for people. */
export function lengthText(axis: Axis, length: number): string {
  if (axis === 'rows') return `${formatNumber(length)} ${length === 1 ? 'row' : 'rows'}`;
  return formatDuration(Math.round(length));
}

const TIME_UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
] as const;

/** A time with all its digits, in the largest unit of which there is one: `1.234567 ms`. */
export function exactTime(at: number): string {
  const ns = Math.round(at);
  const [name, size] = TIME_UNITS.find(([, of]) => ns >= of) ?? ['ns', 1];
  const whole = Math.floor(ns / size);
  const rest = String(ns % size)
    .padStart(String(size).length - 1, '0')
    .replace(/0+$/, '');
  return `${formatNumber(whole)}${size === 1 || rest === '' ? '' : `.${rest}`} ${name}`;
}
