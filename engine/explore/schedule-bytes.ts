/*
 * Numbers as bytes and bytes as text, for schedules: varints of seven bits a byte (the lowest
 * first), and base64url without padding.
 */

/** Text that is no schedule of this version. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

export function varint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** Takes numbers from bytes. Each method throws ScheduleError when they are not all there. */
export class Reader {
  private readonly bytes: readonly number[];
  private at = 0;

  constructor(bytes: readonly number[]) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; !this.atEnd && scale < 0x20000000000000; scale *= 0x80) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new ScheduleError('the schedule is cut off');
  }

  /** A length and so many bytes. */
  take(): readonly number[] {
    const end = this.varint() + this.at;
    if (end > this.bytes.length) throw new ScheduleError('the schedule is cut off');
    const taken = this.bytes.slice(this.at, end);
    this.at = end;
    return taken;
  }

  /** A length and so many items. */
  list<T>(item: () => T): T[] {
    const count = this.varint();
    // Each takes a byte at least, so a damaged length cannot make it long.
    if (count > this.bytes.length) throw new ScheduleError('the schedule is cut off');
    return Array.from({ length: count }, item);
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function base64url(bytes: readonly number[]): string {
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

/** @throws ScheduleError at a character that is no digit */
export function bytesOf(text: string): number[] {
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
