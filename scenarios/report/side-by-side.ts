/*
 * Two courses of events side by side: the schedule that was found, and one that does no harm. Each
 * actor has a column on either side, a row is a step, and what only one side has is marked.
 */
import type { Row } from '../output/timeline-text.ts';
import { rowsOf, said, stepText, whereOf } from '../output/timeline-text.ts';
import { align, type Pair } from './align.ts';
import type { Course } from './explore-record.ts';
import { html, nothing, type Html } from './html.ts';

/** Actors with a column of their own; more are named in the step. */
const COLUMNS_MAX = 4;
/** From here on, equal steps far from any difference are left out. */
const ROWS_MAX = 80;
const NEAR = 4;

export function sideBySide(found: Course, passing: Course, other: string): Html {
  const steps = [...found.timeline.steps, ...passing.timeline.steps];
  const actors = [...new Set(steps.map(({ actor }) => actor))];
  const [left, right] = [found, passing].map(({ timeline, turns }) =>
    rowsOf(timeline.steps, actors, turns),
  ) as [Row[], Row[]];
  const pairs = align(left.map(keyOf), right.map(keyOf));
  const columns = actors.length <= COLUMNS_MAX ? actors : ['step'];
  const head = (): Html =>
    html`<th scope="col" class="edge number">#</th>${columns.map(
      (name) => html`<th scope="col">${name}</th>`,
    )}`;
  const side = (row: Row | undefined, index: number, moved: boolean): Html =>
    sideOf(row, index, columns, actors, moved);
  const body = shown(pairs).map((pair) => {
    if (typeof pair === 'number') return skipped(pair, 2 * columns.length + 3);
    const [a, b] = pair;
    const word = a < 0 ? 'only right' : b < 0 ? 'only left' : '';
    return html`<tr>${side(left[a], a, word !== '')}<td class="quiet">${word}</td>${side(
      right[b],
      b,
      word !== '',
    )}</tr>\n`;
  });
  const span = columns.length + 1;
  const ends = [found, passing].map(({ timeline }) => endOf(timeline.atEnd.map(said), span));
  const end = ends.every((one) => one === null)
    ? nothing
    : html`<tr>${ends[0] ?? html`<td colspan="${span}"></td>`}<td></td>${ends[1] ?? nothing}</tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Schedules side by side">
<table class="pair"><caption>Left: the schedule found. Right: ${other}. Bold with ⇒: the schedule
switches here, → the step before has come to an end. Marked: only on one side, or in another
order.</caption>
<thead><tr><th scope="colgroup" colspan="${span}" class="edge">found</th><td></td>
<th scope="colgroup" colspan="${span}" class="edge">${other}</th></tr>
<tr>${head()}<td></td>${head()}</tr></thead>
<tbody>${body}${end}</tbody></table></div>`;
}

/** What makes two steps the same. */
function keyOf({ steps }: Row): string {
  const { actor, kind, line, text, continues } = steps[0]!;
  return JSON.stringify([actor, kind, line, text, continues]);
}

function sideOf(
  row: Row | undefined,
  index: number,
  columns: readonly string[],
  actors: readonly string[],
  moved: boolean,
): Html {
  if (row === undefined) return html`<td class="edge"></td><td colspan="${columns.length}"></td>`;
  const mark = moved ? html` class="moved"` : nothing;
  const lane = columns.length === actors.length ? row.lane : 0;
  const cells = columns.map((_, i) => {
    if (i !== lane) return html`<td></td>`;
    const name = columns.length === actors.length ? '' : `${actors[row.lane]}: `;
    return html`<td${mark}>${name}${stepOf(row)}</td>`;
  });
  return html`<td class="edge number quiet">${index + 1}</td>${cells}`;
}

const MARKS: Readonly<Record<string, string>> = { '=>': '⇒ ', '->': '→ ', '': '' };

function stepOf({ steps, mark }: Row): Html {
  const [first] = steps;
  const { fate, waitsFor, findings } = steps.at(-1)!;
  const forWhat = waitsFor === '' ? '' : ` (${waitsFor})`;
  const tail = fate === '' ? nothing : html` <em>${fate}${forWhat}</em>`;
  const all = new Set([...steps.flatMap((step) => step.findings), ...findings].map(said));
  const where = first!.cpu < 0 ? '' : whereOf(first!);
  const text = html`${MARKS[mark] ?? ''}<code>${stepText(first!)}</code>`;
  return html`${mark === '=>' ? html`<span class="switch">${text}</span>` : text}${tail}
<span class="quiet">${where}</span>${[...all].map(
    (one) => html`<div class="wrong">✗ ${one}</div>`,
  )}`;
}

function endOf(findings: readonly string[], span: number): Html | null {
  if (findings.length === 0) return null;
  return html`<td class="edge" colspan="${span}">${findings.map(
    (one) => html`<div class="wrong">✗ at the end: ${one}</div>`,
  )}</td>`;
}

/** All rows, or of very many those near a difference; a number is so many left out. */
function shown(pairs: readonly Pair[]): (Pair | number)[] {
  if (pairs.length <= ROWS_MAX) return [...pairs];
  const differs = pairs.flatMap(([a, b], i) => (a < 0 || b < 0 ? [i] : []));
  const rows: (Pair | number)[] = [];
  let next = 0;
  for (const [i, pair] of pairs.entries()) {
    while (next < differs.length && differs[next]! < i - NEAR) next++;
    const near = (differs[next] ?? Infinity) <= i + NEAR;
    if (near || i < NEAR || i >= pairs.length - NEAR) rows.push(pair);
    else if (typeof rows.at(-1) === 'number') rows[rows.length - 1] = (rows.at(-1) as number) + 1;
    else rows.push(1);
  }
  return rows;
}

function skipped(count: number, span: number): Html {
  return html`<tr><td colspan="${span}" class="quiet">... ${count} equal steps</td></tr>\n`;
}
