/*
 * The tables of the pages of docs/gallery/: each is made of a CSV file beside the page, whose name
 * and panel stand in a comment over it.
 */
import { parse } from 'csv-parse/sync';
import { figureText, shownUnit } from '../dist/scenarios/charts/units.js';

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
  const numbered = by !== undefined && lines.every((line) => /^\d/.test(line));
  const titles = lines.map((line) => (numbered ? `${by} ${line}` : line));
  const body = values.map((value) => [value, ...lines.map((line) => cell(value, line))]);
  return [[x, ...titles], lines.map(() => '---').concat('---'), ...body]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

/** The mean, and half of its interval, in one unit. */
function figureOf({ unit, mean, ci95_low: low, ci95_high: high }) {
  const half = (Number(high) - Number(low)) / 2;
  if (low === '' || half === 0) return figureText(Number(mean), unit);
  const { name, size } = shownUnit(unit, Number(mean));
  const digits = Math.min(3, Math.max(0, 1 - Math.floor(Math.log10(half / size))));
  const figures = [Number(mean), half].map((figure) => (figure / size).toFixed(digits));
  return `${figures.join(' ± ')}${name === '' ? '' : ` ${name}`}`;
}
