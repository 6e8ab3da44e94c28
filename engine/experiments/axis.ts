/*
 * The values of an axis of an experiment, from a text: values and ranges between commas, such as
 * `1,2,10..50:10,64..1024*2`. The arithmetic is exact, on decimal digits: 0.1..0.3:0.1 ends at 0.3.
 */

/** The most values of one axis. */
export const AXIS_VALUES_MAX = 100_000;

/** The text is not that of an axis; the message says what was expected. */
export class AxisError extends Error {
  override readonly name = 'AxisError';
}

/** The values as texts, in the order of the axis. @throws AxisError */
export function axisValues(text: string): string[] {
  const values = partsOf(text).flatMap((part) => valuesOf(part.trim()));
  if (values.length > AXIS_VALUES_MAX) throw tooMany();
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) throw new AxisError(`the value ${value} stands there twice`);
    seen.add(value);
  }
  return values;
}

function tooMany(): AxisError {
  return new AxisError(`an axis has at most ${AXIS_VALUES_MAX} values`);
}

/** The parts between the commas that are not inside brackets or quotes. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if ('[{('.includes(char)) depth++;
    else if (']})'.includes(char)) depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function valuesOf(part: string): string[] {
  if (part === '') {
    throw new AxisError('expected a value or a range such as 10..50:10, got nothing');
  }
  if (/^["'[{]/.test(part) || !part.includes('..')) return [part];
  const range = /^([^.:*]*(?:\.[^.:*]+)?)\.\.([^:*]*)(?:([:*])(.*))?$/.exec(part);
  if (range === null) throw noRange(part);
  const [, from = '', to = '', sign, by = ''] = range;
  return sign === '*' ? factored(part, from, to, by) : stepped(part, from, to, sign && by);
}

function noRange(part: string): AxisError {
  return new AxisError(
    `expected a range from..to, from..to:step or from..to*factor, such as 1ms..5ms:1ms; ` +
      `got ${JSON.stringify(part)}`,
  );
}

/** A decimal number, `digits` / 10^`decimals`, with a unit behind it. */
interface Quantity {
  readonly digits: bigint;
  readonly decimals: number;
  readonly unit: string;
}

function quantity(text: string): Quantity | undefined {
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?([A-Za-z%]*)$/.exec(text);
  if (match === null) return undefined;
  const [, minus = '', whole = '', fraction = '', unit = ''] = match;
  return { digits: BigInt(minus + whole + fraction), decimals: fraction.length, unit };
}

/** The digits of a quantity with so many decimals. */
function scaled({ digits, decimals }: Quantity, to: number): bigint {
  return digits * BigInt(`1${'0'.repeat(to - decimals)}`);
}

function formatted(digits: bigint, decimals: number, unit: string): string {
  const minus = digits < 0n ? '-' : '';
  const all = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0');
  const whole = all.slice(0, all.length - decimals);
  const fraction = all.slice(all.length - decimals).replace(/0+$/, '');
  return `${minus}${whole}${fraction === '' ? '' : `.${fraction}`}${unit}`;
}

/** The two ends of a range, which have one unit. */
function ends(part: string, from: string, to: string): [Quantity, Quantity] {
  const [first, last] = [quantity(from), quantity(to)];
  if (first === undefined || last === undefined) throw noRange(part);
  const zero = [first, last].find(({ digits, unit }) => digits === 0n && unit === '');
  if (first.unit !== last.unit && zero === undefined) {
    throw new AxisError(
      `expected one unit in ${part}, got ${named(first.unit)} and ${named(last.unit)}`,
    );
  }
  const unit = first.unit === '' ? last.unit : first.unit;
  return [
    { ...first, unit },
    { ...last, unit },
  ];
}

function named(unit: string): string {
  return unit === '' ? 'a number without a unit' : `'${unit}'`;
}

function stepped(part: string, from: string, to: string, by: string | undefined): string[] {
  const [first, last] = ends(part, from, to);
  const step = quantity(by ?? `1${first.unit}`);
  if (step === undefined || step.digits <= 0n || ![first.unit, ''].includes(step.unit)) {
    throw new AxisError(
      `expected a step above 0 in the unit of the range ${part}, got ${JSON.stringify(by)}`,
    );
  }
  const decimals = Math.max(first.decimals, last.decimals, step.decimals);
  const end = scaled(last, decimals);
  const each = scaled(step, decimals);
  let value = scaled(first, decimals);
  if (value > end) throw upsideDown(part);
  if ((end - value) / each >= BigInt(AXIS_VALUES_MAX)) throw tooMany();
  const values: string[] = [];
  for (; value <= end; value += each) values.push(formatted(value, decimals, first.unit));
  return values;
}

function upsideDown(part: string): AxisError {
  return new AxisError(`expected a range that goes up, got ${part}`);
}

function factored(part: string, from: string, to: string, by: string): string[] {
  const [first, last] = ends(part, from, to);
  const factor = quantity(by);
  if (factor === undefined || factor.unit !== '' || factor.decimals > 0 || factor.digits < 2n) {
    throw new AxisError(`expected a whole factor from 2 in ${part}, got ${JSON.stringify(by)}`);
  }
  const decimals = Math.max(first.decimals, last.decimals);
  const end = scaled(last, decimals);
  let value = scaled(first, decimals);
  if (value <= 0n) throw new AxisError(`expected a range with a factor to begin above 0: ${part}`);
  if (value > end) throw upsideDown(part);
  const values: string[] = [];
  for (; value <= end; value *= factor.digits) {
    values.push(formatted(value, decimals, first.unit));
  }
  return values;
}
