/*
 * Figures for people: one unit for a whole axis, and no more digits than the axis tells apart.
 */
import type { Metric } from '../run/result.ts';
import { formatDuration, formatNumber } from '../output/text.ts';

export type Unit = Metric['unit'];

/** A unit as it is shown: so many of the figure's own are one of it. */
export interface Shown {
  readonly name: string;
  readonly size: number;
}

const SHOWN: Partial<Record<Unit, readonly Shown[]>> = {
  ns: [
    { name: 's', size: 1e9 },
    { name: 'ms', size: 1e6 },
    { name: 'us', size: 1e3 },
  ],
  bytes: [
    { name: 'MB', size: 1e6 },
    { name: 'kB', size: 1e3 },
  ],
};

/** The unit in which figures up to `most` are read best. */
export function shownUnit(unit: Unit, most: number): Shown {
  const found = SHOWN[unit]?.find(({ size }) => most >= size);
  return found ?? { name: unit === 'count' ? '' : unit, size: 1 };
}

const SHORT = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A figure of an axis without its unit: `0.25`, `1,200`, `40k`. */
export function tickText(value: number): string {
  const [size, letter] = SHORT.find(([least]) => Math.abs(value) >= Math.max(least, 10_000)) ?? [
    1,
    '',
  ];
  return `${formatNumber(Number((value / size).toPrecision(6)))}${letter}`;
}

/** A figure with its unit and four digits: `2.6 us`, `209.1 /s`. */
export function figureText(value: number, unit: Unit): string {
  if (unit === 'ns' && value >= 0) return formatDuration(Number(value.toPrecision(4)));
  const number = formatNumber(Number(value.toPrecision(4)));
  if (unit === '1/s') return `${number}/s`;
  return unit === '' || unit === 'count' ? number : `${number} ${unit}`;
}
