/*
 * The pages of one CPU's ring buffer as ftrace fills them and trace.dat keeps them, after
 * include/linux/ring_buffer.h and kernel/trace/ring_buffer.c: a time stamp and the bytes in use,
 * then events, each with the nanoseconds since the one before it.
 */
import type { ByteSink } from './byte-sink.ts';

export const PAGE_BYTES = 4096;
const HEADER_BYTES = 16;

/** Lengths up to this stand in the event's first word, in units of 4 bytes. */
const SMALL_BYTES_MAX = 28 * 4;
/** The first word has 27 bits for the time. */
const DELTA_END = 2 ** 27;
const TIME_EXTEND = 30;

export class RingBuffer {
  private readonly sink: ByteSink;
  private readonly page = Buffer.alloc(PAGE_BYTES);
  private at = 0;
  private lastNs = 0;

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  /** Appends an event; `bytes` are a multiple of 4 and fit into a page. */
  add(timeNs: number, bytes: Uint8Array): void {
    const small = bytes.length <= SMALL_BYTES_MAX;
    const size = 4 + (small ? 0 : 4) + bytes.length;
    if (this.at > 0 && this.at + size + 8 > PAGE_BYTES) this.flush();
    if (this.at === 0) this.begin(timeNs);
    let delta = timeNs - this.lastNs;
    this.lastNs = timeNs;
    if (delta >= DELTA_END) {
      this.word(TIME_EXTEND, delta % DELTA_END);
      this.at = this.page.writeUInt32LE(Math.floor(delta / DELTA_END), this.at);
      delta = 0;
    }
    this.word(small ? bytes.length / 4 : 0, delta);
    if (!small) this.at = this.page.writeUInt32LE(bytes.length + 4, this.at);
    this.page.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Writes the last page, if anything is in it. */
  end(): void {
    if (this.at > 0) this.flush();
  }

  private begin(timeNs: number): void {
    this.page.writeBigUInt64LE(BigInt(timeNs), 0);
    this.at = HEADER_BYTES;
    this.lastNs = timeNs;
  }

  private word(typeLength: number, delta: number): void {
    this.at = this.page.writeUInt32LE(delta * 32 + typeLength, this.at);
  }

  private flush(): void {
    this.page.writeBigUInt64LE(BigInt(this.at - HEADER_BYTES), 8);
    this.page.fill(0, this.at);
    this.sink.put(this.page);
    this.at = 0;
  }
}
