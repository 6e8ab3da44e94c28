/*
 * What all charts have around their data: the place of each panel, its title, its grid with the
 * figures at the left, and the legend above.
 */
import { lookOf, sample, SAMPLE_WIDTH } from './looks.ts';
import { element, fitting, FONT_SIZE, label, widthOf } from './svg.ts';
import type { Upwards } from './upwards.ts';

/** The place of the data of a panel. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const WIDTH = 840;
export const MARGIN = 14;
const TITLE_SIZE = 13;
const LINE = 18;
/** Above the data of a panel: its title. */
const PANEL_HEAD = 30;

/** How many panels stand side by side. */
export function columnsOf(panels: number): number {
  if (panels <= 3) return Math.max(1, panels);
  return panels === 4 ? 2 : 3;
}

/** The height of a panel's data by the number of panels side by side. */
const HEIGHTS = [260, 210, 170];

/** The width of the data of a panel. */
export function dataWidth(columns: number): number {
  return (WIDTH - 2 * MARGIN - (columns - 1) * MARGIN) / columns - FIGURES;
}

/** The places of so many panels from `top` on, with room for more than the title around each. */
export function boxesOf(
  panels: number,
  columns: number,
  top: number,
  { above, below }: { readonly above: number; readonly below: number },
): Box[] {
  const width = dataWidth(columns);
  const height = HEIGHTS[columns - 1]!;
  const head = PANEL_HEAD + above;
  return Array.from({ length: panels }, (_, i) => {
    const left = MARGIN + (i % columns) * (width + FIGURES + MARGIN) + FIGURES;
    const start = top + Math.floor(i / columns) * (head + height + below) + head;
    return { left, right: left + width, top: start, bottom: start + height };
  });
}

/** The panel's title over its box, with the unit of its figures. */
export function panelTitle({ left, right, top }: Box, title: string, unit: string): string {
  const words = unit === '' ? title : `${title}, ${unit}`;
  const start = left - FIGURES;
  const shown = fitting(words, right - start, TITLE_SIZE);
  return label(start, top - 12, shown, { size: TITLE_SIZE, bold: true });
}

/** The room at the left of a box for figures. */
export const FIGURES = 46;

/** Lines across a box with their figures at the left. */
export function grid({ left, right }: Box, { ticks, kind }: Upwards): string {
  return ticks
    .map(({ at, text }, i) => {
      const strong = i === 0 && kind === 'zero';
      const stroke = { stroke: 'currentColor', 'stroke-opacity': strong ? '0.6' : '0.15' };
      return (
        element('line', { x1: left, x2: right, y1: at, y2: at, ...stroke }) +
        label(left - 6, at + 4, text, { anchor: 'end', faint: true })
      );
    })
    .join('');
}

/** Lines of words from `top` on, and the height that they take. */
export function notes(lines: readonly string[], top: number): { text: string; height: number } {
  const text = lines
    .map((line, i) => {
      const shown = fitting(line, WIDTH - 2 * MARGIN);
      return label(MARGIN, top + FONT_SIZE + 2 + i * LINE, shown, { faint: true });
    })
    .join('');
  return { text, height: lines.length * LINE };
}

/** The chart's title, and what it says below. */
export function heading(title: string): { text: string; height: number } {
  const size = 16;
  const shown = fitting(title, WIDTH - 2 * MARGIN, size);
  return { text: label(MARGIN, MARGIN + size, shown, { size, bold: true }), height: MARGIN + 24 };
}

/** What tells the lines apart, in as many rows as it takes; nothing of a single line. */
export function legend(
  name: string | undefined,
  lines: readonly string[],
  top: number,
): { text: string; height: number } {
  if (name === undefined) return { text: '', height: 0 };
  let x = MARGIN;
  let y = top + LINE - 4;
  let text = label(x, y, name, { bold: true });
  x += widthOf(name) + 18;
  lines.forEach((line, i) => {
    const width = SAMPLE_WIDTH + 6 + widthOf(line) + 20;
    if (x > MARGIN && x + width > WIDTH - MARGIN) {
      x = MARGIN;
      y += LINE;
    }
    text += sample(lookOf(i), x, y - 4) + label(x + SAMPLE_WIDTH + 6, y, line);
    x += width;
  });
  return { text, height: y - top + 10 };
}
