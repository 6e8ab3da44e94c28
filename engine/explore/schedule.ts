/*
 * Schedules as text, short enough to paste: a version, the hash of the scenario that they belong to,
 * and the choices. Choices are small and often repeat: each is a varint after a run length where it
 * repeats, in base64url.
 */

const VERSION = 'ls1';

export interface Schedule {
  /** The first digits of the hash of what is run. */
  readonly scenario: string;
  readonly choices: readonly number[];
}

/** Text that is no schedule of this version. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export function formatSchedule({ scenario, choices }: Schedule): string {
  return `${VERSION}.${scenario}.${base64url(packed(choices))}`;
}

/** @throws ScheduleError saying what is wrong with it */
export function parseSchedule(text: string): Schedule {
  const [version, scenario, data, ...rest] = text.trim().split('.');
  if (version !== VERSION || scenario === undefined || data === undefined || rest.length > 0) {
    throw new ScheduleError(
      `expected a schedule such as ${VERSION}.1c9f03aa.AgEB, got '${text.slice(0, 40)}'`,
    );
  }
  return { scenario, choices: unpacked(bytesOf(data)) };
}

/** Pairs of a choice and how often it comes in a row, as varints. */
function packed(choices: readonly number[]): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < choices.length;) {
    let length = 1;
    while (choices[i + length] === choices[i]) length++;
    // Most choices are 0 or 1 and come alone: both in one number.
    varint(bytes, choices[i]! * 4 + Math.min(length, 4) - 1);
    if (length >= 4) varint(bytes, length - 4);
    i += length;
  }
  return bytes;
}

function unpacked(bytes: readonly number[]): number[] {
  const choices: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const [head, next] = readVarint(bytes, at);
    at = next;
    let length = (head % 4) + 1;
    if (length === 4) {
      const [more, after] = readVarint(bytes, at);
      length += more;
      at = after;
    }
    if (choices.length + length > 0x1000000) throw new ScheduleError('the schedule is too long');
    for (let i = 0; i < length; i++) choices.push(Math.floor(head / 4));
  }
  return choices;
}

function varint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

function readVarint(bytes: readonly number[], start: number): [number, number] {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at + 1];
    scale *= 0x80;
  }
  throw new ScheduleError('the schedule is cut off');
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function base64url(bytes: readonly number[]): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let digit = 0; digit <= Math.min(left, 3); digit++) {
      text += DIGITS[(word >> (18 - 6 * digit)) & 63]!;
    }
  }
  return text;
}

function bytesOf(text: string): number[] {
  const bytes: number[] = [];
  let word = 0;
  let bits = 0;
  for (const character of text) {
    const digit = DIGITS.indexOf(character);
    if (digit < 0) throw new ScheduleError(`'${character}' cannot stand in a schedule`);
    word = ((word << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((word >> bits) & 0xff);
  }
  return bytes;
}
