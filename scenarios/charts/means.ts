/*
 * Means with their intervals in a panel: lines with a band where the axis has a scale, bars or
 * marks side by side where it has words.
 */
import { area, line } from 'd3-shape';
import type { Across } from './across.ts';
import type { Box } from './frame.ts';
import { lookOf, markAt, type Look } from './looks.ts';
import type { Line, Mean, Panel, SmallMultiples } from './small-multiples.ts';
import { element, escaped } from './svg.ts';
import { figureText, type Unit } from './units.ts';
import type { Upwards } from './upwards.ts';

type Axis = SmallMultiples['x'];

/** What is known at a value of the axis. */
interface Place {
  readonly x: number;
  readonly value: string;
  readonly mean: Mean;
}

function placesOf({ means }: Line, along: Across, { values }: Axis): (Place | undefined)[] {
  return means.map((mean, i) =>
    mean === undefined ? undefined : { x: along.at(i), value: values[i]!, mean },
  );
}

/** A line with marks for each, over its band; a gap where there is no figure. */
export function linesOf({ lines, unit }: Panel, along: Across, up: Upwards, x: Axis): string {
  const bands: string[] = [];
  const strokes: string[] = [];
  lines.forEach((one, i) => {
    const look = lookOf(i);
    const places = placesOf(one, along, x);
    const band = area<Place | undefined>()
      .digits(2)
      .defined((place) => place?.mean.low !== undefined)
      .x((place) => place!.x)
      .y0((place) => up.at(place!.mean.low!))
      .y1((place) => up.at(place!.mean.high!));
    const path = line<Place | undefined>()
      .digits(2)
      .defined((place) => place !== undefined)
      .x((place) => place!.x)
      .y((place) => up.at(place!.mean.mean));
    bands.push(drawnBand(band(places), look));
    strokes.push(drawnLine(path(places), look));
    for (const place of places) {
      if (place !== undefined) strokes.push(drawnMark(place, look, one.name, unit, up));
    }
  });
  return bands.join('') + strokes.join('');
}

function drawnBand(d: string | null, { colour }: Look): string {
  return d === null ? '' : element('path', { d, fill: colour, 'fill-opacity': '0.2' });
}

function drawnLine(d: string | null, { colour, dash }: Look): string {
  if (d === null) return '';
  const stroke = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash };
  return element('path', { d, fill: 'none', ...stroke });
}

function drawnMark(place: Place, look: Look, name: string, unit: Unit, up: Upwards): string {
  const told = element('title', {}, escaped(mentioned(place, name, unit)));
  return markAt(look, place.x, up.at(place.mean.mean), told);
}

/** What the mouse is told over a mark. */
function mentioned({ value, mean }: Place, name: string, unit: Unit): string {
  const { n, low, high } = mean;
  const interval =
    low === undefined ? '' : `, 95 % ${figureText(low, unit)} to ${figureText(high!, unit)}`;
  const where = name === '' ? value : `${value}, ${name}`;
  return `${where}: ${figureText(mean.mean, unit)}${interval}, n ${n}`;
}

const SHARE_OF_ROOM = 0.7;
const SLOT_MAX = 34;

/** Side by side at each value: bars if they stand on zero, and the interval as a whisker. */
export function marksOf(
  { lines, unit }: Panel,
  along: Across,
  up: Upwards,
  x: Axis,
  { bottom }: Box,
): string {
  const slot = Math.min(SLOT_MAX, (along.room * SHARE_OF_ROOM) / lines.length);
  return lines
    .map((one, i) => {
      const look = lookOf(i);
      const aside = (i - (lines.length - 1) / 2) * slot;
      const places = placesOf(one, along, x).filter((place) => place !== undefined);
      return places
        .map((place) => {
          const moved = { ...place, x: place.x + aside };
          const bar = up.kind === 'zero' ? drawnBar(moved, look, up, slot, bottom) : '';
          return bar + drawnWhisker(moved, look, up) + drawnMark(moved, look, one.name, unit, up);
        })
        .join('');
    })
    .join('');
}

function drawnBar({ x, mean }: Place, { colour }: Look, up: Upwards, slot: number, bottom: number) {
  const ground = Math.min(bottom, up.at(0));
  const y = up.at(mean.mean);
  const width = slot * 0.8;
  const size = { x: x - width / 2, width, y: Math.min(y, ground), height: Math.abs(ground - y) };
  return element('rect', { ...size, fill: colour, 'fill-opacity': '0.35', stroke: colour });
}

function drawnWhisker({ x, mean: { low, high } }: Place, { colour }: Look, up: Upwards): string {
  if (low === undefined || high === undefined) return '';
  const [from, to] = [up.at(low), up.at(high)];
  const d = [`M${x.toFixed(2)} ${from.toFixed(2)}V${to.toFixed(2)}`];
  for (const y of [from, to]) d.push(`M${(x - 4).toFixed(2)} ${y.toFixed(2)}h8`);
  return element('path', { d: d.join(''), stroke: colour, 'stroke-width': 2, fill: 'none' });
}
