/*
 * Numbers, durations and tables as plain text, the same under every locale and on every host.
 */

/** `1234567.5` is `1,234,567.5`. */
export function formatNumber(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/(?<=\d)(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

const UNITS = [
  { name: 's', ns: 1e9 },
  { name: 'ms', ns: 1e6 },
  { name: 'us', ns: 1e3 },
] as const;

/** A duration in the largest unit of which there is at least one: four digits, `3.214 ms`. */
export function formatDuration(ns: number): string {
  const unit = UNITS.find((candidate) => ns >= candidate.ns);
  return unit === undefined ? `${ns} ns` : `${fourDigits(ns / unit.ns)} ${unit.name}`;
}

/** Two durations in the unit of the second: `3.2/10 s`. */
export function formatProgress(ns: number, ofNs: number): string {
  const unit = UNITS.find((candidate) => ofNs >= candidate.ns) ?? { name: 'ns', ns: 1 };
  return `${fourDigits(ns / unit.ns)}/${fourDigits(ofNs / unit.ns)} ${unit.name}`;
}

/** A number from 0 with at most three decimals and, below 10,000, at most four digits. */
function fourDigits(value: number): string {
  const decimals = value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
  return formatNumber(Number(value.toFixed(decimals)));
}

/** A count in at most four characters: `950`, `41.2k`, `1.3M`. */
export function formatShort(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_500) return `${Number((count / 1e3).toFixed(count < 99_950 ? 1 : 0))}k`;
  return `${Number((count / 1e6).toFixed(1))}M`;
}

/** `12.7%`, and `0.0%` of nothing. */
export function formatPercent(part: number, whole: number): string {
  return `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(2)}%`;
}

/** `1 row`, `2 rows`. */
export function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from a scenario on one line, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export interface Column {
  readonly title: string;
  /** Numbers stand to the right; words, by default, to the left. */
  readonly right?: boolean;
}

/** The lines of a table; the first is the titles. Rows are indented by two under the first. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  const all = [titles, ...rows.map(([first = '', ...rest]) => [`  ${first}`, ...rest])];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => width(row[i] ?? ''))));
  return all.map((row) => {
    const cells = columns.map(({ right }, i) => pad(row[i] ?? '', widths[i] ?? 0, right));
    return cells.join('  ').trimEnd();
  });
}

function pad(text: string, to: number, right = false): string {
  const space = ' '.repeat(Math.max(0, to - width(text)));
  return right ? space + text : text + space;
}

/** Code points: enough for names that are letters. */
function width(text: string): number {
  return [...text].length;
}
