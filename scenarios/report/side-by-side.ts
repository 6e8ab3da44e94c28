/*
 * Two courses of events side by side: the schedule that was found, and one that does no harm. Each
 * actor has a column on either side, a row is a step, and what only one side has is marked.
 */
import { placeOf, rowsOf, said, stepText, whereOf, type Row } from '../output/timeline-text.ts';
import { align, type Pair } from './align.ts';
import type { Course } from './explore-record.ts';
import { markup, nothing, type Html } from './html.ts';

/** Actors with a column of their own; more are named in the step. */
const COLUMNS_MAX = 4;
/** From here on, equal steps far from any difference are left out. */
const ROWS_MAX = 80;
const NEAR = 4;

/** @param other what is known of the second course; of a first one alone there is none */
export function sideBySide(found: Course, passing: Course | null, other: string): Html {
  const left = new Side(found, found, passing);
  if (passing === null) return alone(left);
  const right = new Side(passing, found, passing);
  const pairs = align(left.rows.map(keyOf), right.rows.map(keyOf));
  const tells = ([a, b]: Pair): boolean => left.tells(a) || right.tells(b);
  const body = shown(pairs, tells).map((pair) => {
    if (typeof pair === 'number') return skipped(pair, 2 * left.span + 1);
    const [a, b] = pair;
    const word = a < 0 ? 'only right' : b < 0 ? 'only left' : '';
    const [first, second] = [left.cells(a, b < 0), right.cells(b, a < 0)];
    return markup`<tr>${first}<td class="quiet between">${word}</td>${second}</tr>\n`;
  });
  const end = markup`<tr>${left.end()}<td></td>${right.end()}</tr>`;
  return framed(
    `Left: the schedule found. Right: one that ${other}. ${SIGNS} Marked: only on one side, or in
another order.`,
    markup`<tr>${left.title('found')}<td></td>${right.title(other)}</tr>
<tr>${left.head()}<td></td>${right.head()}</tr>`,
    markup`${body}${end}`,
  );
}

const SIGNS =
  'With ⇒ in bold the schedule switches; with → it goes on elsewhere since the step before ended.';

function alone(side: Side): Html {
  const all = side.rows.map((_, i): Pair => [i, i]);
  const pairs = shown(all, ([i]) => side.tells(i));
  const body = pairs.map((pair) =>
    typeof pair === 'number'
      ? skipped(pair, side.span)
      : markup`<tr>${side.cells(pair[0], false)}</tr>\n`,
  );
  return framed(
    `The schedule found; no other is known beside it. ${SIGNS}`,
    markup`<tr>${side.head()}</tr>`,
    markup`${body}<tr>${side.end()}</tr>`,
  );
}

function framed(caption: string, head: Html, body: Html): Html {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Steps of the schedules">
<table class="pair"><caption>${caption}</caption>
<thead>${head}</thead>
<tbody>${body}</tbody></table></div>`;
}

/** What makes two steps the same. */
function keyOf({ steps }: Row): string {
  const { actor, kind, line, text, continues } = steps[0]!;
  return JSON.stringify([actor, kind, line, text, continues]);
}

/** One of the two courses, in the columns of both. */
class Side {
  readonly rows: readonly Row[];
  private readonly course: Course;
  private readonly actors: readonly string[];
  /** Where each actor takes all of its steps; empty if not in one place. */
  private readonly places: readonly string[];

  constructor(course: Course, found: Course, passing: Course | null) {
    const all = [...found.timeline.steps, ...(passing?.timeline.steps ?? [])];
    const { steps } = course.timeline;
    this.course = course;
    this.actors = [...new Set(all.map(({ actor }) => actor))];
    this.places = this.actors.map((name) => placeOf(steps.filter(({ actor }) => actor === name)));
    this.rows = rowsOf(steps, this.actors, course.turns);
  }

  private get hasColumns(): boolean {
    return this.actors.length <= COLUMNS_MAX;
  }

  /** How many columns it takes, with that of the numbers. */
  get span(): number {
    return this.hasColumns ? this.actors.length + 1 : 2;
  }

  /** Whether something was found in a row. */
  tells(index: number): boolean {
    return this.rows[index]?.steps.some(({ findings }) => findings.length > 0) ?? false;
  }

  title(text: string): Html {
    return markup`<th scope="colgroup" colspan="${this.span}" class="edge">${text}</th>`;
  }

  head(): Html {
    const names = this.hasColumns ? this.actors : ['step'];
    return markup`<th scope="col" class="edge number">#</th>${names.map((name, i) => {
      const place = this.hasColumns ? this.places[i]! : '';
      return markup`<th scope="col">${name} <span class="quiet">${place}</span></th>`;
    })}`;
  }

  /** The cells of a row; -1: there is none on this side. */
  cells(index: number, moved: boolean): Html {
    const row = this.rows[index];
    if (row === undefined)
      return markup`<td class="edge"></td><td colspan="${this.span - 1}"></td>`;
    const lane = this.hasColumns ? row.lane : 0;
    const name = this.hasColumns ? '' : `${this.actors[row.lane]}: `;
    const cells = Array.from({ length: this.span - 1 }, (_, i) =>
      i === lane
        ? markup`<td${moved ? markup` class="moved"` : nothing}>${name}${this.step(row)}</td>`
        : markup`<td></td>`,
    );
    return markup`<td class="edge number quiet">${index + 1}</td>${cells}`;
  }

  private step({ steps, mark, lane }: Row): Html {
    const first = steps[0]!;
    const { fate, waitsFor } = steps.at(-1)!;
    const forWhat = waitsFor === '' ? '' : ` (${waitsFor})`;
    const told = fate === '' ? nothing : markup` <em>${fate}${forWhat}</em>`;
    const known = this.hasColumns && this.places[lane] !== '';
    const where =
      known || first.cpu < 0 ? nothing : markup` <span class="quiet">${whereOf(first)}</span>`;
    const text = markup`${MARKS[mark] ?? ''}<code>${stepText(first)}</code>`;
    const findings = new Set(steps.flatMap((step) => step.findings).map(said));
    const shown = mark === '=>' ? markup`<span class="switch">${text}</span>` : text;
    const wrong = [...findings].map((one) => markup`<div class="wrong">✗ ${one}</div>`);
    return markup`${shown}${told}${where}${wrong}`;
  }

  /** What was found when everything had ended. */
  end(): Html {
    const { atEnd } = this.course.timeline;
    const lines = atEnd.map((one) => markup`<div class="wrong">✗ at the end: ${said(one)}</div>`);
    return markup`<td class="edge" colspan="${this.span}">${lines}</td>`;
  }
}

const MARKS: Readonly<Record<string, string>> = { '=>': '⇒ ', '->': '→ ', '': '' };

/**
 * All rows, or of very many those near a difference; a number is so many left out.
 * @param tells of what may not be left out
 */
function shown(pairs: readonly Pair[], tells: (pair: Pair) => boolean): (Pair | number)[] {
  if (pairs.length <= ROWS_MAX) return [...pairs];
  const differs = pairs.flatMap(([a, b], i) => (a < 0 || b < 0 ? [i] : []));
  let next = 0;
  const near = pairs.flatMap((_, i) => {
    while (next < differs.length && differs[next]! < i - NEAR) next++;
    const is = (differs[next] ?? Infinity) <= i + NEAR;
    return is || i < NEAR || i >= pairs.length - NEAR ? [i] : [];
  });
  // Of what differs throughout, how it begins and how it ends tell most.
  const half = ROWS_MAX / 2;
  const kept = new Set([...near.slice(0, half), ...near.slice(Math.max(half, near.length - half))]);
  const rows: (Pair | number)[] = [];
  for (const [i, pair] of pairs.entries()) {
    const last = rows.at(-1);
    if (kept.has(i) || tells(pair)) rows.push(pair);
    else if (typeof last === 'number') rows[rows.length - 1] = last + 1;
    else rows.push(1);
  }
  return rows;
}

function skipped(count: number, span: number): Html {
  return markup`<tr><td colspan="${span}" class="quiet">... ${count} more</td></tr>\n`;
}
