/*
 * Tracepoints in memory: where each field lies, the text that tells readers of it, and events as
 * bytes. After kernel/trace/trace_events.c (f_show) and include/linux/trace_events.h
 * (struct trace_entry).
 */
import type { TraceRow } from '../analysis/trace-row.ts';
import type { FlagTexts } from './flags.ts';
import { FIELD_TYPES, type Tracepoint } from './tracepoint.ts';
import { writeUtf8 } from './utf8.ts';

const COMMON = `\
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;
`;
const COMMON_BYTES = 8;

export class EventFormat {
  readonly id: number;
  readonly tracepoint: Tracepoint;
  /** As in the file `format` of the event's folder. */
  readonly text: string;
  private readonly offsets: readonly number[];
  private readonly fixedBytes: number;

  constructor(name: string, id: number, tracepoint: Tracepoint) {
    this.id = id;
    this.tracepoint = tracepoint;
    let at = COMMON_BYTES;
    const lines: string[] = [];
    this.offsets = tracepoint.fields.map(([field, type]) => {
      const { c, bytes, signed } = FIELD_TYPES[type];
      if (type !== 'comm') at = alignUp(at, bytes);
      const declared = type === 'comm' ? `${c} ${field}[${bytes}]` : `${c} ${field}`;
      const place = `offset:${at};\tsize:${bytes};\tsigned:${signed ? 1 : 0};`;
      lines.push(`\tfield:${declared};\t${place}\n`);
      at += bytes;
      return at - bytes;
    });
    this.fixedBytes = at;
    this.text =
      `name: ${name}\nID: ${id}\nformat:\n${COMMON}\n${lines.join('')}\n` +
      `print fmt: ${tracepoint.print}\n`;
  }

  /** Writes the event of a row. @returns its bytes, up to a whole word. */
  encode(row: TraceRow, flags: FlagTexts, into: Buffer): number {
    const { flags: bits, preemptCount } = flags.of(row.flags);
    into.writeUInt16LE(this.id, 0);
    into.writeUInt8(bits, 2);
    into.writeUInt8(preemptCount, 3);
    into.writeInt32LE(Math.max(row.pid, 0), 4);
    let end = this.fixedBytes;
    const values = this.tracepoint.values(row);
    for (const [i, [, type]] of this.tracepoint.fields.entries()) {
      const at = this.offsets[i]!;
      const value = values[i]!;
      if (typeof value === 'number') writeInteger(into, value, at, FIELD_TYPES[type].bytes);
      else if (type === 'comm') writeComm(into, value, at);
      else {
        const bytes = writeUtf8(into, value, end) + 1;
        into[end + bytes - 1] = 0;
        into.writeUInt32LE(bytes * 0x10000 + end, at);
        end += bytes;
      }
    }
    const whole = alignUp(end, 4);
    into.fill(0, end, whole);
    return whole;
  }
}

function alignUp(offset: number, unit: number): number {
  return Math.ceil(offset / unit) * unit;
}

function writeInteger(into: Buffer, value: number, at: number, bytes: number): void {
  if (bytes === 8) into.writeBigInt64LE(BigInt(value), at);
  else into.writeInt32LE(value | 0, at);
}

/** Fifteen bytes at most, and zeros behind them. */
function writeComm(into: Buffer, comm: string, at: number): void {
  into.fill(0, at, at + FIELD_TYPES.comm.bytes);
  into.write(comm, at, FIELD_TYPES.comm.bytes - 1, 'utf8');
}
