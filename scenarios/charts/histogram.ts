/*
 * How durations are distributed: a bar for each power of two, and where their percentiles are.
 */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Bar } from '../analysis/distribution.ts';
import {
  boxesOf,
  FIGURES,
  grid,
  heading,
  MARGIN,
  notes,
  panelTitle,
  WIDTH,
  type Box,
} from './frame.ts';
import { lookOf } from './looks.ts';
import { element, escaped, label, svg, widthOf, type Ground } from './svg.ts';
import { figureText } from './units.ts';
import { ratioTicks, upwards } from './upwards.ts';

/** A percentile, or what else is worth a line. */
export interface Mark {
  readonly name: string;
  readonly value: number;
}

export interface Spread {
  readonly title: string;
  /** From the least value's to the greatest's, without gaps; the values are ns. */
  readonly bars: readonly Bar[];
  readonly count: number;
  readonly marks: readonly Mark[];
}

export interface Histograms {
  readonly title: string;
  readonly spreads: readonly Spread[];
  readonly notes: readonly string[];
}

/** Above the bars: a line of figures, and the names of the marks. */
const FIGURES_LINE = 34;
const BELOW = 34;
/** The figures of a spread stand on one line. */
const COLUMNS_MAX = 2;

/** The chart as SVG. */
export function histograms(
  { title, spreads, notes: lines }: Histograms,
  { ground = 'own' }: { readonly ground?: Ground } = {},
): string {
  const head = heading(title);
  const columns = Math.min(COLUMNS_MAX, spreads.length);
  const boxes = boxesOf(spreads.length, columns, head.height, {
    above: FIGURES_LINE,
    below: BELOW,
  });
  const drawn = spreads.map((spread, i) => panel(spread, boxes[i]!));
  const end = boxes.at(-1)!.bottom + BELOW;
  const foot = notes(lines, end);
  return svg({
    title,
    about: spreads.map(described).join(' '),
    width: WIDTH,
    height: end + foot.height + MARGIN,
    ground,
    body: [head.text, ...drawn, foot.text].join(''),
  });
}

function panel({ title, bars, count, marks }: Spread, box: Box): string {
  const { left, right, top, bottom } = box;
  const counts = bars.map((bar) => bar.count);
  const up = upwards([0, ...counts], 'zero', 'count', bottom, top);
  const at = durationScale(bars, left, right);
  const figures = [`n ${count}`, ...marks.map(marked)].join('   ');
  return [
    panelTitle({ ...box, top: top - FIGURES_LINE }, title, ''),
    label(left - FIGURES, top - FIGURES_LINE + 6, figures, { faint: true }),
    grid(box, up),
    ...bars.map((bar) => drawnBar(bar, at, up.at)),
    ...markLines(marks, at, box),
    ...ticksBelow(bars, at, bottom),
  ].join('');
}

/** Zero has no logarithm: the bar below 1 ns is as wide as one from half a ns. */
const LEAST = 0.5;

function durationScale(
  bars: readonly Bar[],
  left: number,
  right: number,
): (value: number) => number {
  const scale = scaleLog().domain(ends(bars)).range([left, right]).clamp(true);
  return (value) => scale(Math.max(LEAST, value));
}

function ends(bars: readonly Bar[]): [number, number] {
  return [Math.max(LEAST, bars[0]!.from), bars.at(-1)!.to];
}

function drawnBar(
  { from, to, count }: Bar,
  at: (value: number) => number,
  up: (count: number) => number,
): string {
  if (count === 0) return '';
  const [x, end, y, ground] = [at(from), at(to), up(count), up(0)];
  const size = { x: x + 0.5, y, width: end - x - 1, height: ground - y };
  const { colour } = lookOf(0);
  const range = `${figureText(from, 'ns')} to ${figureText(to, 'ns')}: ${count}`;
  const look = { fill: colour, 'fill-opacity': '0.45', stroke: colour };
  return element('rect', { ...size, ...look }, element('title', {}, escaped(range)));
}

/** A line for each mark; the names of those that are close stand together. */
function markLines(
  marks: readonly Mark[],
  at: (value: number) => number,
  { top, bottom, right }: Box,
): string[] {
  const { colour } = lookOf(1);
  const stroke = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': '4 3' };
  const lines = marks.map(({ value }) =>
    element('line', { x1: at(value), x2: at(value), y1: top - 4, y2: bottom, ...stroke }),
  );
  const names: Words[] = [];
  for (const { name, value } of marks) {
    let words = { text: name, x: at(value) };
    // What would run into the words before joins them.
    for (let last = names.at(-1); last !== undefined; last = names.at(-1)) {
      if (startOf(words, right) > startOf(last, right) + widthOf(last.text) + 6) break;
      words = { text: `${last.text} ${words.text}`, x: last.x };
      names.pop();
    }
    names.push(words);
  }
  return [...lines, ...names.map((words) => label(startOf(words, right), top - 9, words.text))];
}

interface Words {
  readonly text: string;
  /** Where their line is. */
  readonly x: number;
}

/** Words begin at their line, unless that would take them out of the panel. */
function startOf({ text, x }: Words, right: number): number {
  return Math.min(x, right + MARGIN / 2 - widthOf(text));
}

function ticksBelow(bars: readonly Bar[], at: (value: number) => number, bottom: number): string[] {
  const [from, to] = ends(bars);
  const ratios = ratioTicks([from, to]);
  const ticks = ratios.length >= 2 ? ratios : scaleLinear().domain([from, to]).ticks(3);
  let end = -Infinity;
  const lines: string[] = [];
  for (const tick of ticks) {
    const x = at(tick);
    const text = figureText(tick < 1 ? 0 : tick, 'ns');
    const stroke = { stroke: 'currentColor', 'stroke-opacity': '0.6' };
    lines.push(element('line', { x1: x, x2: x, y1: bottom, y2: bottom + 4, ...stroke }));
    if (x - widthOf(text) / 2 < end + 6) continue;
    end = x + widthOf(text) / 2;
    lines.push(label(x, bottom + 18, text, { anchor: 'middle' }));
  }
  return lines;
}

function marked({ name, value }: Mark): string {
  return `${name} ${figureText(value, 'ns')}`;
}

function described({ title, count, marks }: Spread): string {
  return `${title}: ${[`${count} values`, ...marks.map(marked)].join(', ')}.`;
}
