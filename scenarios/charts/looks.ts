/*
 * How the lines of a chart are told apart: by the colours of Okabe and Ito, which people of any
 * colour vision can tell, and by dashes and marks, for those who print without colours.
 */
import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import { element } from './svg.ts';

export interface Look {
  readonly colour: string;
  /** The lengths of strokes and gaps; undefined for an unbroken line. */
  readonly dash: string | undefined;
  /** The path of the mark about its middle. */
  readonly mark: string;
}

const MARK_AREA = 42;

/** Those with most contrast first; the black of the palette is the colour of the text. */
const LOOKS: readonly Look[] = (
  [
    ['#0072b2', undefined, symbolCircle],
    ['#d55e00', '7 4', symbolSquare],
    ['#009e73', '2 3', symbolTriangle],
    ['#cc79a7', '9 3 2 3', symbolDiamond],
    ['currentColor', '12 4', symbolCross],
    ['#e69f00', '5 2', symbolStar],
    ['#56b4e9', '1 2', symbolWye],
  ] as const
).map(([colour, dash, type]) => ({
  colour,
  dash,
  mark: symbol(type, MARK_AREA).digits(2)()!,
}));

/** More lines than this nobody can follow. */
export const LINES_MAX = LOOKS.length;

export function lookOf(line: number): Look {
  return LOOKS[line % LOOKS.length]!;
}

/** The mark of a line at a point. */
export function markAt({ colour, mark }: Look, x: number, y: number, ...inside: string[]): string {
  const place = { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})` };
  return element('path', { d: mark, fill: colour, ...place }, ...inside);
}

/** A short stroke of a line with its mark, from `x` on. */
export function sample(look: Look, x: number, y: number): string {
  const { colour, dash } = look;
  const stroke = { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash };
  return (
    element('line', { x1: x, x2: x + SAMPLE_WIDTH, y1: y, y2: y, ...stroke }) +
    markAt(look, x + SAMPLE_WIDTH / 2, y)
  );
}

export const SAMPLE_WIDTH = 30;
