/*
 * Finds rows by what stands in them: a text in any of the columns of text, or the number of a row.
 */
import { TEXT_COLUMNS } from '../format.ts';
import type { Rows } from './model.ts';

export class Search {
  private readonly rows: Rows;
  private text = '';
  private found = new Uint32Array(0);

  constructor(rows: Rows) {
    this.rows = rows;
  }

  get count(): number {
    return this.found.length;
  }

  /** Which of the rows found one is, from 1. */
  rank(row: number): number {
    return this.found.indexOf(row) + 1;
  }

  look(text: string): void {
    const wanted = text.trim().toLowerCase();
    if (wanted === this.text) return;
    this.text = wanted;
    this.found = Uint32Array.from(wanted === '' ? [] : this.matches(wanted));
  }

  private *matches(wanted: string): Generator<number> {
    const { rows } = this;
    const number = /^#?(\d+)$/.exec(wanted)?.[1];
    const exact = number === undefined ? -1 : rows.indexOf(Number(number));
    if (exact >= 0) {
      yield exact;
      return;
    }
    const columns = TEXT_COLUMNS.map((name) => ({
      texts: rows.texts[name],
      matching: rows.lists[name].map((text) => text.toLowerCase().includes(wanted)),
    })).filter(({ matching }) => matching.includes(true));
    for (let i = 0; i < rows.count; i++) {
      if (columns.some(({ texts, matching }) => matching[texts[i]!])) yield i;
    }
  }

  /** The next row found after `row`, or before it; from the other end where there is none. */
  next(row: number, direction: 1 | -1): number {
    const { found } = this;
    if (found.length === 0) return -1;
    const after = found.findIndex((one) => one > row);
    if (direction === 1) return found[after < 0 ? 0 : after]!;
    const before = found.findLastIndex((one) => one < row);
    return found[before < 0 ? found.length - 1 : before]!;
  }
}
