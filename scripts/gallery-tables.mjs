/*
 * The tables of the pages of docs/gallery/: each is made of a CSV file beside the page, whose name
 * and panel stand in a comment over it.
 */
import { parse } from 'csv-parse/sync';
import { figureText } from '../dist/scenarios/charts/units.js';

const TABLE = /<!-- table of ([\w.-]+): (.+) -->\n(?:\|.*\n)*/g;

/**
 * @param {string} page
 * @param {(name: string) => string} read the text of a CSV file
 * @returns {string} the page with its tables as the files have them
 */
export function withTables(page, read) {
  return page.replaceAll(TABLE, (_all, name, panel) => {
    return `<!-- table of ${name}: ${panel} -->\n${tableOf(read(name), panel)}`;
  });
}

/** A row for each value of the axis from left to right, a column for each line. */
function tableOf(text, panel) {
  const all = parse(text, { columns: true });
  const rows = all.filter((row) => row.panel === panel);
  if (rows.length === 0) throw new Error(`there is no panel '${panel}'`);
  const [, x, second] = Object.keys(rows[0]);
  const by = second === 'unit' ? undefined : second;
  const values = [...new Set(rows.map((row) => row[x]))];
  const lines = by === undefined ? [panel] : [...new Set(rows.map((row) => row[by]))];
  const cell = (value, line) => {
    const row = rows.find((one) => one[x] === value && (by === undefined || one[by] === line));
    return row === undefined ? '' : figureOf(row);
  };
  const body = values.map((value) => [value, ...lines.map((line) => cell(value, line))]);
  return [[x, ...lines], lines.map(() => '---').concat('---'), ...body]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

/** The mean, and half of its interval. */
function figureOf({ unit, mean, ci95_low: low, ci95_high: high }) {
  const text = figureText(Number(mean), unit);
  const half = (Number(high) - Number(low)) / 2;
  return low === '' || half === 0 ? text : `${text} ± ${figureText(half, unit)}`;
}
