/*
 * Figures as cells: what people read, and the exact value behind it.
 */
import { formatDuration, formatNumber } from '../output/text.ts';
import { htmlTable, markup, type Html, type Part } from './html.ts';

export function number(value: number): Html {
  return markup`<data value="${value}">${formatNumber(value)}</data>`;
}

export function duration(ns: number): Html {
  return markup`<data value="${ns}">${formatDuration(ns)}</data>`;
}

/** Of means; the value behind has all of them. */
const DIGITS = 6;

/** A figure with its unit, as `summary.csv` has them. */
export function figure(value: number, unit: string): Html {
  if (unit === 'ns') return duration(value);
  const of = unit === '' || unit === 'count' ? '' : ` ${unit}`;
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
  return markup`<data value="${value}">${formatNumber(shown)}${of}</data>`;
}

/** The way to a row of the trace. */
export function rowLink(seq: string | number): Html {
  return markup`<a href="#row=${seq}">row ${seq}</a>`;
}

/** A table whose first column is words and whose others are figures. */
export function figureTable(
  caption: string,
  first: string,
  others: readonly string[],
  rows: readonly (readonly Part[])[],
): Html {
  const headings = [{ title: first }, ...others.map((title) => ({ title, right: true }))];
  return htmlTable(caption, headings, rows);
}
