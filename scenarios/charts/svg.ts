/*
 * SVG as text: elements, escaped words and numbers of fixed precision, so that the same chart has
 * the same bytes on every host.
 */
import { printable } from '../output/text.ts';

type Attributes = Readonly<Record<string, string | number | undefined>>;

const DECIMALS = 2;

/** A coordinate with at most two decimals: a host's last bit of a logarithm leaves no mark. */
export function coordinate(value: number): string {
  return String(Number(value.toFixed(DECIMALS)) || 0);
}

/** An element on a line of its own; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      return ` ${key}="${typeof value === 'number' ? coordinate(value) : escaped(value!)}"`;
    })
    .join('');
  if (children.length === 0) return `<${name}${written}/>\n`;
  return `<${name}${written}>${children.join('')}</${name}>\n`;
}

/** Words as an SVG has them. */
export function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly faint?: boolean;
  /** Degrees, about the point itself. */
  readonly rotate?: number;
}

/** Words at a point of their baseline. */
export function label(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = FONT_SIZE, anchor = 'start', bold, faint, rotate } = style;
  const attributes = {
    x,
    y,
    'font-size': size,
    'text-anchor': anchor === 'start' ? undefined : anchor,
    'font-weight': bold ? '600' : undefined,
    opacity: faint ? FAINT : undefined,
    transform:
      rotate === undefined ? undefined : `rotate(${rotate} ${coordinate(x)} ${coordinate(y)})`,
  };
  return element('text', attributes, escaped(text));
}

export const FONT_SIZE = 12;

/** Of words and lines that are not data; they keep a contrast of 4.5 on either ground. */
const FAINT = 0.75;

/** Of a letter, in parts of the size of the font: no host's font is asked. */
const LETTER = 0.6;

/** About how wide words are. */
export function widthOf(text: string, size = FONT_SIZE): number {
  return [...text].length * size * LETTER;
}

/** Words that are not wider than `width`, with their end cut off if need be. */
export function fitting(text: string, width: number, size = FONT_SIZE): string {
  if (widthOf(text, size) <= width) return text;
  const letters = Math.max(1, Math.floor(width / (size * LETTER)) - 1);
  return `${[...text].slice(0, letters).join('')}…`;
}

/** Where a chart stands: alone, with grounds of its own for light and dark, or in a page. */
export type Ground = 'own' | 'page';

const STYLE =
  '.chart{color:#1f2328;background:#fff}.chart-ground{fill:#fff}' +
  '@media(prefers-color-scheme:dark){' +
  '.chart{color:#e6edf3;background:#0d1117}.chart-ground{fill:#0d1117}}';

export interface Drawing {
  readonly title: string;
  /** All that it shows, in words. */
  readonly about: string;
  readonly width: number;
  readonly height: number;
  readonly ground: Ground;
  readonly body: string;
}

/** The whole drawing, which says in words what it shows. */
export function svg({ title, about, width, height, ground, body }: Drawing): string {
  const own = ground === 'own';
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'chart',
    role: 'img',
    'aria-label': title,
    viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`,
    width,
    height,
    fill: 'currentColor',
    'font-family': 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif',
  };
  return element(
    'svg',
    attributes,
    '\n',
    element('title', {}, escaped(title)),
    element('desc', {}, escaped(about)),
    own ? element('style', {}, STYLE) : '',
    own ? element('rect', { class: 'chart-ground', width, height }) : '',
    body,
  );
}
