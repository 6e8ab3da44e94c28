/*
 * Protocol buffers, written. A few lines rather than a library: what we write are five kinds of
 * fields, and every library known to us wants a schema or builds each message as an object first,
 * which a trace of a million events feels.
 */
import { writeUtf8 } from './utf8.ts';

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
/** The length of a message is known when it ends; until then, four bytes wait for it. */
const LENGTH_BYTES = 4;

export class ProtoWriter {
  private bytes = Buffer.alloc(0x10000);
  private at = 0;
  /** Where the lengths of the messages stand that are open. */
  private readonly open: number[] = [];

  get length(): number {
    return this.at;
  }

  /** Everything written since the last call, as a view that the next write invalidates. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at);
    this.at = 0;
    return taken;
  }

  begin(field: number): void {
    this.room(16);
    this.tag(field, DELIMITED);
    this.open.push(this.at);
    this.at += LENGTH_BYTES;
  }

  /** Ends the message begun last. */
  end(): void {
    const start = this.open.pop()!;
    let length = this.at - start - LENGTH_BYTES;
    // As long as its place, which readers of varints accept.
    for (let i = 0; i < LENGTH_BYTES; i++) {
      this.bytes[start + i] = (length & 0x7f) | (i < LENGTH_BYTES - 1 ? 0x80 : 0);
      length >>>= 7;
    }
  }

  /** A whole number; of the signed kinds, negative ones take ten bytes. */
  integer(field: number, value: number): void {
    this.room(20);
    this.tag(field, VARINT);
    if (value >= 0) this.varint(value);
    else this.negative(value);
  }

  fixed64(field: number, value: number): void {
    this.room(16);
    this.tag(field, FIXED64);
    this.at = this.bytes.writeBigUInt64LE(BigInt(value), this.at);
  }

  text(field: number, text: string): void {
    this.room(16 + 3 * text.length);
    this.tag(field, DELIMITED);
    // At most three bytes a letter, so the length of a short one is a single byte.
    if (3 * text.length < 0x80) {
      const bytes = writeUtf8(this.bytes, text, this.at + 1);
      this.bytes[this.at] = bytes;
      this.at += 1 + bytes;
    } else {
      const bytes = Buffer.byteLength(text, 'utf8');
      this.varint(bytes);
      this.at += this.bytes.write(text, this.at, 'utf8');
    }
  }

  /** Fields that another writer has written. */
  raw(fields: Uint8Array): void {
    this.room(fields.length);
    this.bytes.set(fields, this.at);
    this.at += fields.length;
  }

  private tag(field: number, kind: number): void {
    this.varint(field * 8 + kind);
  }

  private varint(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest >= 0x80) {
      bytes[this.at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[this.at++] = rest;
  }

  /** Two's complement in 64 bits. */
  private negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.at++] = Number(rest);
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.alloc(2 * (this.at + bytes));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}
