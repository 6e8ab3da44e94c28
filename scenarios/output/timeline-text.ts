/*
 * What happened under a schedule as a table that fits a screen: time goes down, each actor has a
 * column, and a row is a step.
 */
import type { Finding } from '../../models/checks/findings.ts';
import type { Step, Timeline } from '../explore/timeline.ts';
import { printable } from './text.ts';

/** With an indentation of two, 100. */
const WIDTH = 98;
const ROWS_MAX = 36;
/** The step's number, and the mark of a switch. */
const GUTTER = 7;
const LANE_MAX = 34;

export interface Row {
  readonly steps: readonly Step[];
  readonly lane: number;
  /** '=>' a switch of the plan, '->' one that comes of itself. */
  readonly mark: string;
}

/** @param turns the indices of the steps that the switches of the plan lead to */
export function timelineText(timeline: Timeline, turns: ReadonlySet<number>): string[] {
  const { steps } = timeline;
  const lanes = [...new Set(steps.map(({ actor }) => actor))];
  const width = Math.min(LANE_MAX, Math.floor((WIDTH - GUTTER) / Math.max(1, lanes.length)));
  const rows = rowsOf(steps, lanes, turns);
  const places = lanes.map((lane) => placeOf(steps.filter(({ actor }) => actor === lane)));
  const shown = screenful(rows);
  const lines = [headOf(lanes, width), headOf(places, width)];
  let last = -1;
  for (const i of shown) {
    if (i > last + 1) lines.push(`${' '.repeat(GUTTER)}... ${i - last - 1} more`);
    last = i;
    lines.push(...rowText(rows[i]!, i + 1, width, places));
  }
  lines.push(...timeline.atEnd.map((finding) => clipped(`  end  ! ${said(finding)}`)));
  return lines.map((line) => line.trimEnd());
}

/** Steps that only go on with the one before are one row with it. */
export function rowsOf(
  steps: readonly Step[],
  lanes: readonly string[],
  turns: ReadonlySet<number>,
): Row[] {
  const rows: { steps: Step[]; lane: number; mark: string }[] = [];
  for (const [i, step] of steps.entries()) {
    const before = rows.at(-1);
    const lane = lanes.indexOf(step.actor);
    const mark = turns.has(i) ? '=>' : before !== undefined && before.lane !== lane ? '->' : '';
    const goesOn = step.continues && step.kind === 'step' && before?.lane === lane;
    if (goesOn && before.steps.at(-1)?.kind === 'step') before.steps.push(step);
    else rows.push({ steps: [step], lane, mark });
  }
  return rows;
}

/** `CPU 0 kernel` if all steps were taken there. */
export function placeOf(steps: readonly Step[]): string {
  const places = [...new Set(steps.filter(({ cpu }) => cpu >= 0).map(whereOf))];
  return places.length === 1 ? places[0]! : '';
}

export function whereOf({ cpu, context, kind }: Step): string {
  return kind === 'interrupt' ? `CPU ${cpu} hardirq` : `CPU ${cpu} ${context}`;
}

function headOf(cells: readonly string[], width: number): string {
  const columns = cells.map((cell) =>
    printable(cell)
      .slice(0, width - 1)
      .padEnd(width),
  );
  return ' '.repeat(GUTTER) + columns.join('');
}

/** Which rows to show: all, or those near switches and findings. */
function screenful(rows: readonly Row[]): number[] {
  const all = [...rows.keys()];
  if (rows.length <= ROWS_MAX) return all;
  const matters = all.filter((i) => {
    const { mark, steps } = rows[i]!;
    const found = steps.some(({ findings }) => findings.length > 0);
    return mark === '=>' || found || i === rows.length - 1;
  });
  for (let distance = 8; distance >= 0; distance--) {
    const near = all.filter((i) =>
      matters.some((at) => at - i <= distance + 1 && i - at <= distance),
    );
    if (near.length <= ROWS_MAX || distance === 0) return near.slice(-ROWS_MAX);
  }
  return all;
}

function rowText(row: Row, number: number, width: number, places: readonly string[]): string[] {
  const [first] = row.steps;
  const { findings, fate, waitsFor } = row.steps.at(-1)!;
  const where = places[row.lane] === '' && first!.cpu >= 0 ? ` [${whereOf(first!)}]` : '';
  const forWhat = waitsFor === '' ? '' : ` (${waitsFor})`;
  const tail = fate === '' ? '' : `  ${fate}${forWhat}`;
  const mark = row.mark.padEnd(2);
  const gutter = `${mark} ${String(number).padStart(3)} `;
  const text = clipped(gutter + ' '.repeat(width * row.lane) + stepText(first!) + where, tail);
  const found = [...row.steps.flatMap((step) => step.findings), ...findings];
  const notes = new Set(found.map(said));
  return [text, ...[...notes].map((note) => clipped(`${' '.repeat(GUTTER)}! ${note}`))];
}

export function said({ kind, text }: Finding): string {
  return printable(text.startsWith(kind) ? text : `${kind}: ${text}`);
}

/** A step with its line, as the scenario writes it. */
export function stepText({ kind, line, text, continues = false, touches = [] }: StepWords): string {
  if (kind === 'interrupt') return 'interrupt arrives';
  if (kind === 'timer') return 'timer expires';
  if (kind === 'preemption') return 'is preempted';
  if (kind === 'store') return `${touches[0]!.object} reaches memory`;
  if (line === 0 && text === '')
    return `(${touches.map(({ object }) => object).join(', ') || 'kernel'})`;
  return `${line === 0 ? '' : `${line}: `}${continues ? '...' : ''}${printable(text)}`;
}

type StepWords = Pick<Step, 'kind' | 'line' | 'text'> &
  Partial<Pick<Step, 'continues' | 'touches'>>;

function clipped(text: string, tail = ''): string {
  const room = WIDTH - tail.length;
  return (text.length > room ? `${text.slice(0, room - 3)}...` : text) + tail;
}
