/*
 * Reads numbers and texts one after the other from bytes, in the byte order of the file. What would
 * lie outside of the file is an error that names the place.
 */
import { atByte } from './recording.ts';

const decoder = new TextDecoder('utf-8');

/** A text of the file; bytes that are not UTF-8 become replacement characters. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly little: boolean;
  readonly view: DataView;
  at: number;
  /** Where the bytes begin in the file, if they are a part of it. */
  private readonly base: number;

  constructor(bytes: Uint8Array, little: boolean, at = 0, base = 0) {
    this.bytes = bytes;
    this.little = little;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.base = base;
  }

  u8(what: string): number {
    return this.view.getUint8(this.skip(1, what));
  }

  u16(what: string): number {
    return this.view.getUint16(this.skip(2, what), this.little);
  }

  u32(what: string): number {
    return this.view.getUint32(this.skip(4, what), this.little);
  }

  /** A size or an offset: no file is as long as 2^53 bytes. */
  u64(what: string): number {
    const at = this.skip(8, what);
    const value = this.view.getBigUint64(at, this.little);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.wrong(at, what, String(value));
    return Number(value);
  }

  take(length: number, what: string): Uint8Array {
    const from = this.skip(length, what);
    return this.bytes.subarray(from, from + length);
  }

  /** A text that a NUL ends. */
  text(what: string): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw this.wrong(this.at, `${what}, ended by a NUL`, 'the end of the file');
    const text = decodeText(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** Bytes that have to be there, such as a magic word. */
  expect(word: string): void {
    const from = this.at;
    const got = decodeText(this.take(word.length, JSON.stringify(word)));
    if (got !== word) throw this.wrong(from, JSON.stringify(word), JSON.stringify(got));
  }

  /** An error at a place of these bytes. */
  wrong(at: number, expected: string, received: string): Error {
    return atByte(this.base + at, expected, received);
  }

  private skip(length: number, what: string): number {
    const from = this.at;
    const left = this.bytes.length - from;
    if (length > left) {
      const rest = left <= 0 ? 'the end of the file' : `only ${left} of ${length} bytes`;
      throw this.wrong(from, what, `${rest} (the file is cut short)`);
    }
    this.at += length;
    return from;
  }
}
