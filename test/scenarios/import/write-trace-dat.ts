/*
 * Writes trace.dat files for tests, version 6 and 7, in both byte orders, as trace-cmd.dat.v6(5)
 * and trace-cmd.dat.v7(5) say and as the ring buffer of the kernel lays events out.
 */
import { deflateSync } from 'node:zlib';

export interface WrittenEvent {
  readonly cpu: number;
  /** In ns, in order on each CPU. */
  readonly timeNs: number;
  readonly irq: number;
  readonly name: string;
  /** A discarded event: its place in the buffer is padding. */
  readonly discarded?: boolean;
}

export interface WriteOptions {
  readonly version?: 6 | 7;
  readonly big?: boolean;
  readonly zlib?: boolean;
  readonly clock?: string;
  /** The option TSC2NSEC of version 6: multiplier and shift. */
  readonly tsc?: readonly [number, number];
  /** Events were lost before this page of CPU 0. */
  readonly lostBefore?: number;
}

const PAGE = 4096;
const HEADER = 16;

export const ID = 77;
const FORMAT = `name: irq_handler_entry
ID: ${ID}
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:int irq;\toffset:8;\tsize:4;\tsigned:1;
\tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:0;

print fmt: "irq=%d name=%s", REC->irq, __get_str(name)
`;
const PAGE_FORMAT = `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;
`;

export class TraceDatWriter {
  private readonly big: boolean;
  private readonly options: WriteOptions;

  constructor(options: WriteOptions = {}) {
    this.big = options.big ?? false;
    this.options = options;
  }

  write(events: readonly WrittenEvent[], cpus = 2): Buffer {
    const buffers = Array.from({ length: cpus }, (_, cpu) =>
      this.pages(events.filter((event) => event.cpu === cpu)),
    );
    const { version = 6, lostBefore } = this.options;
    if (lostBefore !== undefined) buffers[0]!.writeUInt8(0x80, lostBefore * PAGE + HEADER - 5);
    return version === 6 ? this.version6(buffers) : this.version7(buffers);
  }

  u16(value: number): Buffer {
    const buffer = Buffer.alloc(2);
    if (this.big) buffer.writeUInt16BE(value);
    else buffer.writeUInt16LE(value);
    return buffer;
  }

  u32(value: number): Buffer {
    const buffer = Buffer.alloc(4);
    if (this.big) buffer.writeUInt32BE(value);
    else buffer.writeUInt32LE(value);
    return buffer;
  }

  u64(value: number): Buffer {
    const buffer = Buffer.alloc(8);
    if (this.big) buffer.writeBigUInt64BE(BigInt(value));
    else buffer.writeBigUInt64LE(BigInt(value));
    return buffer;
  }

  private head(version: string): Buffer[] {
    const order = Buffer.from([this.big ? 1 : 0, 8]);
    return [Buffer.from(`\u0017\u0008\u0044tracing${version}\0`, 'latin1'), order, this.u32(PAGE)];
  }

  private sized(text: string, size: 4 | 8): Buffer[] {
    const bytes = Buffer.from(text);
    return [size === 4 ? this.u32(bytes.length) : this.u64(bytes.length), bytes];
  }

  private headerInfo(): Buffer[] {
    const event = ['header_event\0', '# compressed entry header\n'] as const;
    return [
      Buffer.from('header_page\0'),
      ...this.sized(PAGE_FORMAT, 8),
      Buffer.from(event[0]),
      ...this.sized(event[1], 8),
    ];
  }

  private formats(): Buffer[] {
    return [this.u32(1), Buffer.from('irq\0'), this.u32(1), ...this.sized(FORMAT, 8)];
  }

  private version6(buffers: readonly Buffer[]): Buffer {
    const { clock, tsc } = this.options;
    const option = (id: number, data: Buffer): Buffer[] => [
      this.u16(id),
      this.u32(data.length),
      data,
    ];
    const options =
      clock === undefined
        ? []
        : [
            Buffer.from('options  \0'),
            ...option(4, Buffer.from(`${clock}\0`)),
            ...(tsc
              ? option(14, Buffer.concat([...tsc.map((n) => this.u32(n)), this.u64(0)]))
              : []),
            this.u16(0),
          ];
    const meta = Buffer.concat([
      ...this.head('6'),
      ...this.headerInfo(),
      this.u32(0),
      ...this.formats(),
      ...this.sized('', 4),
      ...this.sized('', 4),
      ...this.sized('7 irq-user\n', 8),
      this.u32(buffers.length),
      ...options,
      Buffer.from('flyrecord\0'),
    ]);
    let offset = roundUp(meta.length + buffers.length * 16);
    const places = buffers.flatMap(({ length }) => {
      const place = [this.u64(offset), this.u64(length)];
      offset += length;
      return place;
    });
    const start = roundUp(meta.length + buffers.length * 16);
    const padding = Buffer.alloc(start - meta.length - buffers.length * 16);
    return Buffer.concat([meta, ...places, padding, ...buffers]);
  }

  private version7(buffers: readonly Buffer[]): Buffer {
    const { zlib = false, clock = 'local' } = this.options;
    const parts: Buffer[] = [];
    let length = 0;
    const add = (...more: readonly Buffer[]): number => {
      const at = length;
      for (const part of more) {
        parts.push(part);
        length += part.length;
      }
      return at;
    };
    const section = (id: number, ...content: readonly Buffer[]): number => {
      const plain = Buffer.concat([...content]);
      const packed = deflateSync(plain);
      const body = zlib
        ? Buffer.concat([this.u32(packed.length), this.u32(plain.length), packed])
        : plain;
      return add(this.u16(id), this.u16(zlib ? 1 : 0), this.u32(0), this.u64(body.length), body);
    };
    add(...this.head('7'), Buffer.from(zlib ? 'zlib\x001.2.13\0' : 'none\0\0'));
    const pointer = parts.length;
    add(this.u64(0));
    const info = section(16, ...this.headerInfo());
    const ftrace = section(17, this.u32(0));
    const formats = section(18, ...this.formats());
    const comms = section(21, ...this.sized('7 irq-user\n', 8));
    const dataAt = add(this.u16(3), this.u16(zlib ? 1 : 0), this.u32(0), this.u64(0));
    const cpus = buffers.map((buffer, cpu) => {
      if (!zlib) add(Buffer.alloc(roundUp(length) - length));
      const data = zlib && buffer.length > 0 ? this.chunks(buffer) : buffer;
      return Buffer.concat([this.u32(cpu), this.u64(add(data)), this.u64(data.length)]);
    });
    const buffer = Buffer.concat([
      this.u64(dataAt),
      Buffer.from(`\0${clock}\0`),
      this.u32(PAGE),
      this.u32(cpus.length),
      ...cpus,
    ]);
    const option = (id: number, data: Buffer): Buffer =>
      Buffer.concat([this.u16(id), this.u32(data.length), data]);
    const options = Buffer.concat([
      option(3, buffer),
      option(16, this.u64(info)),
      option(17, this.u64(ftrace)),
      option(18, this.u64(formats)),
      option(21, this.u64(comms)),
      option(0, this.u64(0)),
    ]);
    parts[pointer] = this.u64(section(0, options));
    return Buffer.concat(parts);
  }

  /** A page in each chunk. */
  private chunks(buffer: Buffer): Buffer {
    const pages = Array.from({ length: buffer.length / PAGE }, (_, i) =>
      buffer.subarray(i * PAGE, (i + 1) * PAGE),
    );
    return Buffer.concat([
      this.u32(pages.length),
      ...pages.flatMap((page) => {
        const packed = deflateSync(page);
        return [this.u32(packed.length), this.u32(page.length), packed];
      }),
    ]);
  }

  private pages(events: readonly WrittenEvent[]): Buffer {
    const pages: Buffer[] = [];
    let page: Buffer[] = [];
    let used = 0;
    let base = 0;
    let last = 0;
    const close = (): void => {
      const head = [this.u64(base), this.u64(used)];
      pages.push(Buffer.concat([...head, ...page, Buffer.alloc(PAGE - HEADER - used)]));
    };
    for (const event of events) {
      let entry = this.entry(event, event.timeNs - last);
      if (used === 0 || used + entry.length > PAGE - HEADER) {
        if (used > 0) close();
        page = [];
        used = 0;
        base = event.timeNs;
        entry = this.entry(event, 0);
      }
      page.push(entry);
      used += entry.length;
      last = event.timeNs;
    }
    if (used > 0) close();
    return Buffer.concat(pages);
  }

  private entry({ irq, name, discarded = false }: WrittenEvent, delta: number): Buffer {
    const text = Buffer.from(`${name}\0`);
    const location = 16 | (text.length << 16);
    const common = [this.u16(ID), Buffer.from([0, 0]), this.u32(7)];
    const data = Buffer.concat([...common, this.u32(irq), this.u32(location), text]);
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    const extend =
      delta < 2 ** 27
        ? []
        : [this.typed(30, delta % 2 ** 27), this.u32(Math.floor(delta / 2 ** 27))];
    const rest = delta < 2 ** 27 ? delta : 0;
    if (discarded) {
      // At least 1, so that it is not the end of the page.
      const head = [this.typed(29, Math.max(1, rest)), this.u32(padded.length + 4)];
      return Buffer.concat([...extend, ...head, padded]);
    }
    return padded.length <= 112
      ? Buffer.concat([...extend, this.typed(padded.length / 4, rest), padded])
      : Buffer.concat([...extend, this.typed(0, rest), this.u32(padded.length + 4), padded]);
  }

  private typed(type: number, delta: number): Buffer {
    return this.u32(this.big ? type * 2 ** 27 + delta : delta * 32 + type);
  }
}

function roundUp(length: number): number {
  return Math.ceil(length / PAGE) * PAGE;
}
