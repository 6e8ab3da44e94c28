/*
 * What a sweep measured, as a row of small charts: from left to right the values of one axis, a
 * line for each value of a second, a panel for each figure or for each value of further axes. A
 * mean has the 95 % interval around it: a band where the axis has a scale, bars where it has words.
 */
import { across, allWritten, kindOf, type Across, type AcrossKind } from './across.ts';
import {
  boxesOf,
  columnsOf,
  dataWidth,
  grid,
  heading,
  legend,
  MARGIN,
  notes,
  panelTitle,
  WIDTH,
  type Box,
} from './frame.ts';
import { linesOf, marksOf } from './means.ts';
import { label, svg, widthOf, type Ground } from './svg.ts';
import { figureText, type Unit } from './units.ts';
import { upwards, upwardsKind, type UpwardsKind } from './upwards.ts';

/** What came of the runs at a point. */
export interface Mean {
  readonly n: number;
  readonly mean: number;
  /** The 95 % interval; there is none of a single run. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

export interface Line {
  readonly name: string;
  /** By the values of the axis; undefined where no run has the figure. */
  readonly means: readonly (Mean | undefined)[];
}

export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  /** Panels of one scale are compared. */
  readonly scale: string;
  readonly lines: readonly Line[];
}

export interface SmallMultiples {
  readonly title: string;
  readonly x: { readonly name: string; readonly values: readonly string[] };
  /** What the lines differ in; undefined if there is one. */
  readonly by: string | undefined;
  readonly panels: readonly Panel[];
  /** What else there is to know, below. */
  readonly notes: readonly string[];
}

export interface Scales {
  /** Else what shows the values best. */
  readonly x?: AcrossKind;
  readonly y?: UpwardsKind;
  readonly ground?: Ground;
}

/** The chart as SVG. */
export function smallMultiples(chart: SmallMultiples, scales: Scales = {}): string {
  const { title, x, by, panels } = chart;
  const kind = scales.x ?? kindOf(x.values);
  const columns = columnsFor(panels.length, x.values, kind);
  const slanted = !fits(columns, x.values, kind);
  const head = heading(title);
  const key = legend(
    by,
    panels[0]!.lines.map(({ name }) => name),
    head.height,
  );
  const top = head.height + key.height + 4;
  const below = slanted ? 30 + slantedHeight(x.values) : 42;
  const boxes = boxesOf(panels.length, columns, top, { above: 0, below });
  const kinds = new Map(panels.map(({ scale }) => [scale, kindOfScale(chart, scale, scales)]));
  const drawn = panels.map((panel, i) => {
    const box = boxes[i]!;
    const kindUp = kinds.get(panel.scale)!;
    const figures = figuresOf(chart, panel.scale, kindUp);
    const up = upwards(figures, kindUp, panel.unit, box.bottom, box.top);
    const along = across(x.values, kind, box.left, box.right);
    return [
      panelTitle(box, panel.title, up.unit),
      grid(box, up),
      along.ordered ? linesOf(panel, along, up, x) : marksOf(panel, along, up, x, box),
      valuesBelow(along, x, box, slanted),
    ].join('');
  });
  const end = boxes.at(-1)!.bottom + below;
  const foot = notes([...chart.notes, ...scaleNotes([...kinds.values()], kind)], end);
  return svg({
    title,
    about: described(chart),
    width: WIDTH,
    height: end + foot.height + MARGIN,
    ground: scales.ground ?? 'own',
    body: [head.text, key.text, ...drawn, foot.text].join(''),
  });
}

/** As many columns as usual, or fewer so that each value is written. */
function columnsFor(panels: number, values: readonly string[], kind: AcrossKind): number {
  const usual = columnsOf(panels);
  if (kind !== 'even') return usual;
  for (let columns = usual; columns > 0; columns--) if (fits(columns, values, kind)) return columns;
  return usual;
}

function fits(columns: number, values: readonly string[], kind: AcrossKind): boolean {
  if (kind !== 'even') return true;
  return allWritten(across(values, kind, 0, dataWidth(columns)), values);
}

const SLANT = 30;

function slantedHeight(values: readonly string[]): number {
  return Math.max(...values.map((value) => widthOf(value))) / 2;
}

/** The means of all panels of a scale. */
function meansOf({ panels }: SmallMultiples, scale: string): Mean[] {
  const lines = panels.filter((panel) => panel.scale === scale).flatMap((panel) => panel.lines);
  return lines.flatMap(({ means }) => means).filter((mean) => mean !== undefined);
}

/** All figures that a scale has to show. */
function figuresOf(chart: SmallMultiples, scale: string, kind: UpwardsKind): number[] {
  const all = meansOf(chart, scale);
  // The interval of a figure that is never below 0 may be; there is nothing to see there.
  const floor = all.every(({ mean }) => mean >= 0) ? 0 : -Infinity;
  const shown = (mean: number, low: number): number =>
    kind === 'log' && low <= 0 ? mean : Math.max(floor, low);
  return all.flatMap(({ mean, low = mean, high = mean }) => [mean, shown(mean, low), high]);
}

function kindOfScale(chart: SmallMultiples, scale: string, scales: Scales): UpwardsKind {
  return scales.y ?? upwardsKind(meansOf(chart, scale).map(({ mean }) => mean));
}

/** What misleads who does not look closely. */
function scaleNotes(kinds: readonly UpwardsKind[], x: AcrossKind): string[] {
  const some = kinds.every((kind) => kind === 'fit') ? 'The' : 'Some';
  const notes = kinds.includes('fit') ? [`${some} axes of figures do not begin at 0.`] : [];
  if (kinds.includes('log')) notes.push('Figures over decades are on a logarithmic axis.');
  if (x === 'log') notes.push('The axis below is logarithmic.');
  return notes.length === 0 ? [] : [notes.join(' ')];
}

/** The values of the axis under a box, and its name. */
function valuesBelow(
  along: Across,
  { name, values }: SmallMultiples['x'],
  { left, right, bottom }: Box,
  slanted: boolean,
): string {
  const written = slanted ? values.map((_, i) => i) : along.written;
  const texts = written.map((i) =>
    slanted
      ? label(along.at(i) + 4, bottom + 14, values[i]!, { anchor: 'end', rotate: -SLANT })
      : label(along.at(i), bottom + 17, values[i]!, { anchor: 'middle' }),
  );
  const under = bottom + (slanted ? 20 + slantedHeight(values) : 33);
  return [...texts, label((left + right) / 2, under, name, { anchor: 'middle', faint: true })].join(
    '',
  );
}

const POINTS_MAX = 200;

/** The chart in words, with its figures unless they are many. */
function described({ x, by, panels }: SmallMultiples): string {
  const axes = `${x.name} from left to right${by === undefined ? '' : `, a line for each ${by}`}`;
  const points = panels.reduce((sum, { lines }) => sum + lines.length * x.values.length, 0);
  if (points > POINTS_MAX) return `${axes}. ${panels.map(({ title }) => title).join('; ')}.`;
  const parts = panels.map(({ title, unit, lines }) => {
    const told = lines.map(({ name, means }) => {
      const figures = means.map((mean, i) => {
        const text = mean === undefined ? 'none' : figureText(mean.mean, unit);
        return `${x.values[i]}: ${text}`;
      });
      return `${name === '' ? '' : `${name}: `}${figures.join(', ')}`;
    });
    return `${title}. ${told.join('; ')}.`;
  });
  return `${axes}. ${parts.join(' ')}`;
}
