/**
 * Durations as people write them (`10us`, `1.5ms`, `2min`) and as the simulator counts them:
 * an integer number of nanoseconds. A jiffy is 1/HZ second, so `3jiffies` needs the machine.
 */
import { z } from 'zod';
import { TextError } from './diagnostics.ts';

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  min: 60_000_000_000,
  h: 3_600_000_000_000,
};

/** The units of a duration. */
export const UNIT_NAMES = [...Object.keys(UNITS), 'jiffies'];

const DURATION = /^\d+(\.\d{1,9})?(ns|us|ms|s|min|h|jiffies)$/;

/** Says that a value is no duration. */
export function noDuration(got: unknown): string {
  const example = 'expected a duration with its unit, such as 10us or 1.5ms';
  return `${example}; got ${JSON.stringify(got) ?? 'nothing'}`;
}

/**
 * Nanoseconds of a number with a unit, exactly. Throws a `TextError` for an unknown unit, a
 * fraction of a nanosecond or a jiffy, and anything above 2^53 ns (104 days).
 */
export function toNanoseconds(number: string, unit: string, hz: number): number {
  const [whole = '', fraction = ''] = number.split('.');
  const size = UNITS[unit];
  if (size === undefined && unit !== 'jiffies' && unit !== 'jiffy') {
    throw new TextError(number.length, `unknown unit '${unit}'`, { got: unit, among: UNIT_NAMES });
  }
  if (size === undefined && fraction !== '') throw new TextError(0, 'jiffies are whole');
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * BigInt(size ?? UNITS['s']!);
  if (size !== undefined && scaled % scale !== 0n) {
    throw new TextError(0, `${number}${unit} is not a whole number of nanoseconds`);
  }
  const ns = scaled / (size === undefined ? BigInt(hz) : scale);
  if (ns > BigInt(Number.MAX_SAFE_INTEGER)) throw new TextError(0, `${number}${unit} is too long`);
  return Number(ns);
}

/** Nanoseconds of a duration's text, or undefined when it is not the text of a duration. */
export function parseDuration(text: string, hz: number): number | undefined {
  const unit = DURATION.exec(text)?.[2];
  return unit === undefined ? undefined : toNanoseconds(text.slice(0, -unit.length), unit, hz);
}

/** The shortest exact text of a duration, in seconds or less: 1500000 is `1500us`. */
export function formatDuration(ns: number): string {
  const unit = ['s', 'ms', 'us'].find((name) => ns % UNITS[name]! === 0) ?? 'ns';
  return `${ns / UNITS[unit]!}${unit}`;
}

const complain = ({ input }: { input?: unknown }): string => noDuration(input);

/** Text of a duration to integer nanoseconds and back. Jiffies are resolved before this. */
export const duration = z.codec(
  z.union([z.string().regex(DURATION, { error: complain }), z.literal(0)], { error: complain }),
  z.int().min(0),
  {
    decode: (value, context) => {
      try {
        return value === 0 ? 0 : parseDuration(value, 1)!;
      } catch (error) {
        const { message } = error as TextError;
        context.issues.push({ code: 'custom', message, input: value });
        return z.NEVER;
      }
    },
    encode: (ns) => (ns === 0 ? 0 : formatDuration(ns)),
  },
);
