/*
 * Reads the CSV that engine/trace/csv.ts writes, from blocks of bytes: RFC 4180 with `\n`, nothing
 * else. csv-parse reads the same and is what tests hold this to; this one is for a million rows in
 * a second.
 */
import { ByteTexts } from './byte-texts.ts';
import { emptyRow, HEADER, type TraceRow } from './trace-row.ts';

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
/** No row is as long as this, as long as the file is a trace. */
const ROW_BYTES_MAX = 0x1000000;

/** The file is not a trace, or a damaged one. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

export class TraceParser {
  private readonly row = emptyRow();
  private readonly texts = new ByteTexts();
  private readonly see: (row: TraceRow) => void;
  private bytes = Buffer.alloc(0);
  private at = 0;
  /** Where the current field ends. */
  private end = 0;
  private line = 0;

  /** @param see is called with each row; it is the same object each time. */
  constructor(see: (row: TraceRow) => void) {
    this.see = see;
  }

  /** Reads the rows that are whole. What is left over stands before the next block. */
  push(block: Uint8Array): void {
    const rest = this.bytes.length - this.at;
    if (rest > ROW_BYTES_MAX) throw this.wrong('is longer than any row of a trace');
    const bytes = Buffer.allocUnsafe(rest + block.length);
    bytes.set(this.bytes.subarray(this.at));
    bytes.set(block, rest);
    this.bytes = bytes;
    this.at = 0;
    const last = bytes.lastIndexOf(NEWLINE);
    while (this.at <= last) {
      const start = this.at;
      if (!(this.line === 0 ? this.header() : this.readRow())) {
        this.at = start;
        return;
      }
    }
  }

  /** @throws TraceError if the last row is not whole or there is not even a header. */
  finish(): void {
    if (this.at < this.bytes.length) throw this.wrong('is cut off');
    if (this.line === 0) throw this.wrong('is missing: the file is empty');
  }

  private header(): boolean {
    const end = this.bytes.indexOf(NEWLINE);
    const text = this.bytes.toString('utf8', 0, end);
    if (text !== HEADER && !text.startsWith(`${HEADER},`)) {
      throw this.wrong(`is not the header of a trace: ${text.slice(0, 80)}`);
    }
    this.line = 1;
    this.at = end + 1;
    return true;
  }

  /** False if the row goes on in the next block. */
  private readRow(): boolean {
    const { row } = this;
    row.seq = this.number();
    row.timeNs = this.number();
    const cpu = this.number();
    row.cpu = cpu === cpu ? cpu : -1;
    row.context = this.text();
    const pid = this.number();
    row.pid = pid === pid ? pid : -1;
    row.comm = this.text();
    row.flags = this.text();
    row.event = this.text();
    row.object = this.text();
    row.value = this.number();
    if (this.at > this.bytes.length) return false;
    row.detail = this.text();
    while (this.bytes[this.end] === COMMA) this.text();
    if (this.end >= this.bytes.length) return false;
    if (row.event === '') throw this.wrong('has too few fields');
    this.line++;
    this.see(row);
    return true;
  }

  /** An integer, or NaN for an empty field. */
  private number(): number {
    const { bytes } = this;
    let at = this.at;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const first = at;
    let value = 0;
    for (; at < bytes.length && bytes[at] !== COMMA; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) throw this.wrong('has a field that should be an integer');
      value = value * 10 + digit;
    }
    this.end = at;
    this.at = at + 1;
    if (at === first) return NaN;
    return negative ? -value : value;
  }

  private text(): string {
    const { bytes } = this;
    const start = this.at;
    if (bytes[start] === QUOTE) return this.quoted();
    let at = start;
    while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at++;
    this.end = at;
    this.at = at + 1;
    return this.texts.text(bytes, start, at);
  }

  private quoted(): string {
    const { bytes } = this;
    const start = this.at + 1;
    let at = start;
    for (;;) {
      while (at < bytes.length && bytes[at] !== QUOTE) at++;
      if (bytes[at + 1] !== QUOTE) break;
      at += 2;
    }
    const next = bytes[at + 1];
    if (next !== COMMA && next !== NEWLINE && next !== undefined) {
      throw this.wrong('has a quote in the middle of a field');
    }
    this.end = at + 1;
    this.at = at + 2;
    return this.texts.text(bytes, start, Math.min(at, bytes.length)).replaceAll('""', '"');
  }

  private wrong(what: string): TraceError {
    return new TraceError(`line ${this.line + 1} of the trace ${what}`);
  }
}
