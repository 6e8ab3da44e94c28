/*
 * trace.dat version 7: sections that options point to, trace-cmd.dat.v7(5). Sections and trace data
 * may be compressed; each says so in its header.
 */
import { ByteReader } from './byte-reader.ts';
import { inflaterOf, type Inflate } from './compression.ts';
import { RecordingError } from './recording.ts';
import { parsePageLayout, type CpuBuffer } from './ring-buffer.ts';
import {
  clockOf,
  latency,
  readEventFormats,
  readFtraceFormats,
  readHeaderInfo,
  textOf,
  tscOf,
  type TraceDatHead,
  type TraceDatParts,
} from './trace-dat-parts.ts';

const OPTION = {
  done: 0,
  buffer: 3,
  traceClock: 4,
  tsc2nsec: 14,
  headerInfo: 16,
  ftraceEvents: 17,
  eventFormats: 18,
  bufferText: 22,
} as const;

const COMPRESSED = 1;
/** No file has more sections of options than this; one that has goes round in a circle. */
const OPTION_SECTIONS_MAX = 10_000;

interface Option {
  readonly id: number;
  readonly data: ByteReader;
}

export function readVersion7(file: ByteReader, head: TraceDatHead): TraceDatParts {
  const algorithm = file.text('the name of the compression');
  file.text('the version of the compression');
  return new Version7(file, head, inflaterOf(algorithm)).read();
}

class Version7 {
  private readonly file: ByteReader;
  private readonly head: TraceDatHead;
  private readonly inflate: Inflate;

  constructor(file: ByteReader, head: TraceDatHead, inflate: Inflate) {
    this.file = file;
    this.head = head;
    this.inflate = inflate;
  }

  read(): TraceDatParts {
    const { head } = this;
    const options = this.options(this.file.u64('the offset of the options'));
    const pageText = readHeaderInfo(this.pointed(options, OPTION.headerInfo, 'HEADER_INFO'));
    const formats = [
      ...readFtraceFormats(this.pointed(options, OPTION.ftraceEvents, 'FTRACE_EVENTS')),
      ...readEventFormats(this.pointed(options, OPTION.eventFormats, 'EVENT_FORMATS')),
    ];
    const tsc = options.find(({ id }) => id === OPTION.tsc2nsec);
    const clock = options.find(({ id }) => id === OPTION.traceClock);
    const buffer = this.buffer(options);
    const clockText = clock === undefined ? '' : textOf(clock.data.bytes);
    return {
      layout: parsePageLayout(pageText, buffer.pageSize, head.longSize),
      formats,
      cpus: buffer.cpus,
      clock: clockOf(buffer.clock || clockText || 'local'),
      notes: [],
      ...(tsc === undefined ? {} : { tsc: tscOf(tsc.data.bytes, head.little) }),
    };
  }

  private options(first: number): Option[] {
    const all: Option[] = [];
    let sections = 0;
    for (let offset = first; offset !== 0; sections++) {
      if (sections >= OPTION_SECTIONS_MAX) {
        throw this.file.wrong(offset, 'the last section of options', 'one more');
      }
      const section = this.section(offset, OPTION.done, 'options');
      offset = 0;
      while (section.at < section.bytes.length) {
        const id = section.u16('an option');
        const bytes = section.take(section.u32('the size of an option'), 'an option');
        const data = new ByteReader(bytes, this.head.little);
        if (id === OPTION.done) {
          offset = data.u64('the offset of more options');
          break;
        }
        all.push({ id, data });
      }
    }
    return all;
  }

  /** The content of the section at an offset of the file. */
  private section(offset: number, id: number, what: string): ByteReader {
    const { file, head } = this;
    file.at = offset;
    const found = file.u16(`the section of ${what}`);
    if (found !== id) throw file.wrong(offset, `section ${id} (${what})`, `section ${found}`);
    const flags = file.u16('the flags of a section');
    file.u32('the description of a section');
    const size = file.u64('the size of a section');
    if ((flags & COMPRESSED) === 0) {
      const from = file.at;
      return new ByteReader(file.take(size, `the section of ${what}`), head.little, 0, from);
    }
    const compressed = file.u32('the size of compressed data');
    const whole = file.u32('the size of uncompressed data');
    const from = file.at;
    const bytes = this.inflate(file.take(compressed, `the section of ${what}`), whole, from);
    return new ByteReader(bytes, head.little);
  }

  private pointed(options: readonly Option[], id: number, name: string): ByteReader {
    const option = options.find((one) => one.id === id);
    if (option === undefined) throw new RecordingError(`it has no option ${name}`);
    return this.section(option.data.u64(`the offset of ${name}`), id, name);
  }

  /** The main buffer, or the only other one that has events. */
  private buffer(options: readonly Option[]): Buffer7 {
    const buffers = options
      .filter(({ id }) => id === OPTION.buffer)
      .map(({ data }) => this.bufferOption(data));
    const filled = buffers.filter(({ cpus }) => cpus.some(({ size }) => size > 0));
    const main = filled.find(({ name }) => name === '');
    if (main === undefined && filled.length > 1) {
      const names = filled.map(({ name }) => `'${name}'`).join(', ');
      throw new RecordingError(`it has several buffers (${names}); trace-cmd split takes one out`);
    }
    const chosen = main ?? filled[0] ?? buffers[0];
    if (chosen !== undefined) return this.filled(chosen);
    if (options.some(({ id }) => id === OPTION.bufferText)) throw latency();
    throw new RecordingError('it has no option BUFFER');
  }

  private bufferOption(data: ByteReader) {
    const offset = data.u64('the offset of a buffer');
    const name = data.text('the name of a buffer');
    const clock = data.text('the clock of a buffer');
    const pageSize = data.u32('the size of its pages');
    const count = data.u32('the number of its CPUs');
    const cpus = Array.from({ length: count }, () => ({
      cpu: data.u32('a CPU'),
      offset: data.u64('the offset of a CPU'),
      size: data.u64('the size of a CPU'),
    }));
    return { offset, name, clock, pageSize, cpus };
  }

  private filled(option: ReturnType<Version7['bufferOption']>): Buffer7 {
    const { file } = this;
    file.at = option.offset;
    const id = file.u16('a section of trace data');
    if (id !== OPTION.buffer) {
      throw file.wrong(option.offset, 'section 3 (trace data)', `section ${id}`);
    }
    const compressed = (file.u16('the flags of a section') & COMPRESSED) !== 0;
    const cpus = option.cpus.map(({ cpu, offset, size }): CpuBuffer => {
      file.at = offset;
      const what = `the events of CPU ${cpu}`;
      const bytes = compressed && size > 0 ? this.chunks(what) : file.take(size, what);
      return { cpu, bytes, fileOffset: offset };
    });
    return { cpus, clock: option.clock, pageSize: option.pageSize };
  }

  private chunks(what: string): Uint8Array {
    const { file } = this;
    const parts = Array.from({ length: file.u32('the number of chunks') }, () => {
      const compressed = file.u32('the size of a compressed chunk');
      const whole = file.u32('the size of a chunk');
      const from = file.at;
      return this.inflate(file.take(compressed, what), whole, from);
    });
    return Buffer.concat(parts);
  }
}

interface Buffer7 {
  readonly cpus: readonly CpuBuffer[];
  readonly clock: string;
  readonly pageSize: number;
}
