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

/** A figure with its unit, as `summary.csv` has them. */
export function figure(value: number, unit: string): Html {
  if (unit === 'ns') return duration(value);
  const text = unit === '' || unit === 'count' ? '' : ` ${unit}`;
  return markup`<data value="${value}">${formatNumber(value)}${text}</data>`;
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
