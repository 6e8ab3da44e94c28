/*
 * The pages of ftrace's ring buffer, kernel/trace/ring_buffer.c, as trace.dat holds them: a header
 * with a time and a length, then events whose first word is a type or length and the time since the
 * event before. `header_page` of the file says how large the words of the header are.
 */
import { decodeText } from './byte-reader.ts';
import { atByte } from './recording.ts';

/** Events have at most this many words of data without a word of its own for the length. */
const TYPE_PADDING = 29;
const TYPE_TIME_EXTEND = 30;
const TYPE_TIME_STAMP = 31;
const DELTA_BITS = 27;
const DELTA_MASK = 2 ** DELTA_BITS - 1;
/** The rest of a page's commit word says that events were lost before the page. */
const COMMIT_MASK = 2 ** 27 - 1;
const MISSED_EVENTS = 2 ** 31;

export interface PageLayout {
  readonly size: number;
  /** Bytes of the commit word: a long of the kernel. */
  readonly commitSize: number;
  /** Where the events begin. */
  readonly data: number;
}

/** Reads `header_page`. */
export function parsePageLayout(text: Uint8Array, pageSize: number, longSize: number): PageLayout {
  const lines = decodeText(text);
  const commit = /\bcommit;\s*offset:\d+;\s*size:(\d+);/.exec(lines)?.[1];
  const data = /\bdata;\s*offset:(\d+);/.exec(lines)?.[1];
  const commitSize = commit === undefined ? longSize : Number(commit);
  return { size: pageSize, commitSize, data: data === undefined ? 8 + commitSize : Number(data) };
}

/** The buffer of a CPU: whole pages, and where they are in the file. */
export interface CpuBuffer {
  readonly cpu: number;
  readonly bytes: Uint8Array;
  readonly fileOffset: number;
}

/** What is done with an event: its time, and its data as a view. */
export type SeeEvent = (time: bigint, since: number, data: DataView) => void;

/** Goes through all pages of a CPU's buffer; tells how many of them follow lost events. */
export class PageReader {
  readonly layout: PageLayout;
  readonly little: boolean;
  lost = 0;

  constructor(layout: PageLayout, little: boolean) {
    this.layout = layout;
    this.little = little;
  }

  /** The time of the first page; undefined of an empty buffer. */
  firstTime({ bytes }: CpuBuffer): bigint | undefined {
    if (bytes.length < this.layout.size) return undefined;
    return viewOf(bytes).getBigUint64(0, this.little);
  }

  /** @param see gets the time of the page and the nanoseconds (or ticks) since it */
  each({ bytes, fileOffset }: CpuBuffer, see: SeeEvent): void {
    const { size } = this.layout;
    for (let at = 0; at < bytes.length; at += size) {
      const page = bytes.subarray(at, at + size);
      if (page.length < size) {
        const got = `${page.length} bytes (the file is cut short)`;
        throw atByte(fileOffset + at, `a page of ${size} bytes`, got);
      }
      this.page(viewOf(page), fileOffset + at, see);
    }
  }

  private page(page: DataView, fileOffset: number, see: SeeEvent): void {
    const { layout, little } = this;
    let base = page.getBigUint64(0, little);
    const word =
      layout.commitSize === 8 && !little ? page.getUint32(12, false) : page.getUint32(8, little);
    if (word >= MISSED_EVENTS) this.lost++;
    const end = layout.data + (word & COMMIT_MASK);
    if (end > page.byteLength) {
      const expected = `a page with at most ${page.byteLength - layout.data} bytes of events`;
      throw atByte(fileOffset + 8, expected, String(word & COMMIT_MASK));
    }
    let since = 0;
    for (let at = layout.data; at + 4 <= end;) {
      const head = page.getUint32(at, little);
      const type = little ? head & 0x1f : head >>> DELTA_BITS;
      const delta = little ? head >>> 5 : head & DELTA_MASK;
      const next = at + 4;
      if (type === TYPE_PADDING) {
        if (delta === 0) return;
        since += delta;
        at = next + this.word(page, next, end, fileOffset);
      } else if (type === TYPE_TIME_EXTEND) {
        since += this.word(page, next, end, fileOffset) * 2 ** DELTA_BITS + delta;
        at = next + 4;
      } else if (type === TYPE_TIME_STAMP) {
        const high = BigInt(this.word(page, next, end, fileOffset)) << BigInt(DELTA_BITS);
        // The upper five bits of a time are those of the page.
        base = (base & ~(2n ** 59n - 1n)) | high | BigInt(delta);
        since = 0;
        at = next + 4;
      } else {
        since += delta;
        const [from, length] =
          type === 0 ? [next + 4, this.word(page, next, end, fileOffset) - 4] : [next, type * 4];
        if (length < 0 || from + length > end) {
          throw atByte(fileOffset + at, 'an event that ends in its page', `${length} bytes`);
        }
        see(base, since, new DataView(page.buffer, page.byteOffset + from, length));
        at = from + ((length + 3) & ~3);
      }
    }
  }

  private word(page: DataView, at: number, end: number, fileOffset: number): number {
    if (at + 4 > end) throw atByte(fileOffset + at, 'a word of an event', 'the end of its page');
    return page.getUint32(at, this.little);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
