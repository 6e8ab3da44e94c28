/*
 * Bytes on their way to a file, little-endian as all our formats are. What has gathered is written
 * in blocks, so a trace of any length needs the memory of one.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { writing } from '../output/errors.ts';

const BLOCK_BYTES = 0x40000;

export class ByteSink {
  private readonly label: string;
  private readonly fd: number;
  private open = true;
  private bytes = Buffer.alloc(2 * BLOCK_BYTES);
  private at = 0;
  private written = 0;

  /**
   * Creates or empties the file.
   * @param label what errors call it
   * @throws OutputError
   */
  constructor(path: string, label: string) {
    this.label = label;
    this.fd = writing(label, () => openSync(path, 'w'));
  }

  /** Bytes so far. */
  get length(): number {
    return this.written + this.at;
  }

  put(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  text(text: string): void {
    this.room(3 * text.length);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  u8(value: number): void {
    this.room(1);
    this.at = this.bytes.writeUInt8(value, this.at);
  }

  u16(value: number): void {
    this.room(2);
    this.at = this.bytes.writeUInt16LE(value, this.at);
  }

  u32(value: number): void {
    this.room(4);
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }

  u64(value: number): void {
    this.room(8);
    this.at = this.bytes.writeBigUInt64LE(BigInt(value), this.at);
  }

  /** Zeros up to a multiple of `unit`. */
  align(unit: number): void {
    const rest = this.length % unit;
    if (rest > 0) this.put(new Uint8Array(unit - rest));
  }

  /** @throws OutputError */
  close(): void {
    this.flush();
    this.abandon();
  }

  /** Closes the file as it is. */
  abandon(): void {
    if (this.open) closeSync(this.fd);
    this.open = false;
  }

  private room(bytes: number): void {
    if (this.at >= BLOCK_BYTES) this.flush();
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.alloc(2 * (this.at + bytes));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }

  private flush(): void {
    writing(this.label, () => {
      for (let done = 0; done < this.at;) {
        done += writeSync(this.fd, this.bytes, done, this.at - done);
      }
    });
    this.written += this.at;
    this.at = 0;
  }
}
