/*
 * trace.dat, the file of trace-cmd and KernelShark: versions 6 and 7 as trace-cmd.dat.v6(5) and
 * trace-cmd.dat.v7(5) describe them. Read are the formats of the events and the ring buffers of the
 * CPUs; left out are kallsyms, printk formats, host and guest, and what options say for people.
 */
import { ByteReader } from './byte-reader.ts';
import { fieldText, type EventFormat } from './event-format.ts';
import { RecordingError, type RecordedEvent, type Recording } from './recording.ts';
import { PageReader } from './ring-buffer.ts';
import type { TraceDatHead, TraceDatParts } from './trace-dat-parts.ts';
import { readVersion6 } from './trace-dat-v6.ts';
import { readVersion7 } from './trace-dat-v7.ts';

export const MAGIC = '\u0017\u0008\u0044tracing';

/** Clocks that count nanoseconds; others count ticks, events or nothing that we know. */
const NS_CLOCKS = ['local', 'global', 'mono', 'mono_raw', 'boot', 'perf', 'tai'];

export function openTraceDat(bytes: Uint8Array): Recording {
  const start = new ByteReader(bytes, true, MAGIC.length);
  const version = start.text('the version of the file');
  const little = endian(start);
  const file = new ByteReader(bytes, little, start.at);
  const longSize = file.u8('the size of a long');
  const pageSize = file.u32('the size of a page');
  if (pageSize < 64 || (pageSize & (pageSize - 1)) !== 0) {
    throw file.wrong(file.at - 4, 'a size of pages', String(pageSize));
  }
  const head = { little, longSize, pageSize };
  if (version === '6') return new TraceDat(head, version, readVersion6(file, head));
  if (version === '7') return new TraceDat(head, version, readVersion7(file, head));
  throw file.wrong(MAGIC.length, "version '6' or '7' of trace.dat", JSON.stringify(version));
}

function endian(file: ByteReader): boolean {
  const order = file.u8('the byte order');
  if (order > 1) throw file.wrong(file.at - 1, 'the byte order 0 or 1', String(order));
  return order === 0;
}

class TraceDat implements Recording {
  readonly format: string;
  private readonly head: TraceDatHead;
  private readonly parts: TraceDatParts;
  private lost = 0;
  private readonly byId = new Map<number, EventFormat>();

  constructor(head: TraceDatHead, version: string, parts: TraceDatParts) {
    this.format = `trace.dat version ${version}`;
    this.head = head;
    this.parts = parts;
    for (const format of parts.formats) this.byId.set(format.id, format);
    const { clock, tsc } = parts;
    if (!NS_CLOCKS.includes(clock) && (clock !== 'x86-tsc' || tsc === undefined)) {
      const known = NS_CLOCKS.join(', ');
      throw new RecordingError(
        `its clock '${clock}' does not count nanoseconds (${known} do; trace-cmd record -C mono)`,
      );
    }
  }

  get notes(): readonly string[] {
    const { lost } = this;
    const text = `events were lost before ${lost} of its pages`;
    return lost === 0 ? this.parts.notes : [...this.parts.notes, text];
  }

  each(see: (event: RecordedEvent) => void): void {
    const { parts, byId, head } = this;
    const reader = new PageReader(parts.layout, head.little);
    const firsts = parts.cpus.flatMap((buffer) => reader.firstTime(buffer) ?? []);
    const origin = firsts.reduce((least, time) => (time < least ? time : least), firsts[0] ?? 0n);
    const event = new DatEvent(head.little);
    for (const buffer of parts.cpus) {
      let base = -1n;
      let shift = 0;
      reader.each(buffer, (time, since, data) => {
        if (data.byteLength < 2) return;
        const id = data.getUint16(0, head.little);
        const format = byId.get(id);
        if (format === undefined) {
          throw new RecordingError(
            `CPU ${buffer.cpu} has an event of type ${id}, whose format is not in the file`,
          );
        }
        if (time !== base) {
          base = time;
          shift = Number(time - origin);
        }
        event.show(format, data, this.nanoseconds(shift + since), buffer.cpu);
        see(event);
      });
    }
    this.lost = reader.lost;
  }

  private nanoseconds(ticks: number): number {
    const { tsc } = this.parts;
    return tsc === undefined ? ticks : Number((BigInt(ticks) * tsc.mult) >> tsc.shift);
  }
}

class DatEvent implements RecordedEvent {
  name = '';
  timeNs = 0;
  cpu = 0;
  private readonly little: boolean;
  private format: EventFormat | null = null;
  private data: DataView = new DataView(new ArrayBuffer(0));

  constructor(little: boolean) {
    this.little = little;
  }

  show(format: EventFormat, data: DataView, timeNs: number, cpu: number): void {
    this.name = format.name;
    this.timeNs = timeNs;
    this.cpu = cpu;
    this.format = format;
    this.data = data;
  }

  field(name: string): string | undefined {
    const field = this.format!.fields.get(name);
    return field && fieldText(field, this.data, this.little);
  }

  fieldNames(): readonly string[] {
    return [...this.format!.fields.keys()];
  }
}
