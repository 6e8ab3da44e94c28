/*
 * What versions 6 and 7 of trace.dat have in common: the head of the file, the formats of events,
 * the options.
 */
import { decodeText, type ByteReader } from './byte-reader.ts';
import { parseEventFormat, type EventFormat } from './event-format.ts';
import { RecordingError } from './recording.ts';
import type { CpuBuffer, PageLayout } from './ring-buffer.ts';

/** What both versions say of the file. */
export interface TraceDatHead {
  readonly little: boolean;
  readonly longSize: number;
  readonly pageSize: number;
}

/** What both versions hold. */
export interface TraceDatParts {
  readonly layout: PageLayout;
  readonly formats: readonly EventFormat[];
  readonly cpus: readonly CpuBuffer[];
  readonly clock: string;
  /** Of the clock x86-tsc: ns = ticks * mult >> shift. */
  readonly tsc?: { readonly mult: bigint; readonly shift: bigint };
  readonly notes: readonly string[];
}

/** `header_page`, then `header_event`, which is the same in all kernels since 2.6.31. */
export function readHeaderInfo(file: ByteReader): Uint8Array {
  file.expect('header_page\0');
  const page = file.take(file.u64('the size of header_page'), 'header_page');
  file.expect('header_event\0');
  file.take(file.u64('the size of header_event'), 'header_event');
  return page;
}

function readFormat(file: ByteReader): EventFormat {
  const size = file.u64("the size of an event's format");
  const from = file.at;
  const text = decodeText(file.take(size, "an event's format"));
  return parseEventFormat(text, `the format at byte ${from}`);
}

/** Formats of events of the tracers themselves. */
export function readFtraceFormats(file: ByteReader): EventFormat[] {
  const count = file.u32('the number of ftrace formats');
  return Array.from({ length: count }, () => readFormat(file));
}

/** Formats of tracepoints, system by system. */
export function readEventFormats(file: ByteReader): EventFormat[] {
  const formats: EventFormat[] = [];
  for (let left = file.u32('the number of event systems'); left > 0; left--) {
    file.text('the name of an event system');
    for (let more = file.u32('the number of its events'); more > 0; more--) {
      formats.push(readFormat(file));
    }
  }
  return formats;
}

/** `local [global] counter`, as the file trace_clock has it, or the name alone. */
export function clockOf(text: string): string {
  return /\[([^\]]+)\]/.exec(text)?.[1] ?? text.trim();
}

/** A latency tracer leaves text in place of events. */
export function latency(): RecordingError {
  return new RecordingError('it holds the text of a latency tracer, not events (trace-cmd -e)');
}

export function textOf(data: Uint8Array): string {
  const end = data.indexOf(0);
  return decodeText(end < 0 ? data : data.subarray(0, end));
}

/** The option TSC2NSEC: how the ticks of a time stamp counter become nanoseconds. */
export function tscOf(data: Uint8Array, little: boolean): NonNullable<TraceDatParts['tsc']> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 8) throw new RecordingError('its option TSC2NSEC is too short');
  return {
    mult: BigInt(view.getUint32(0, little)),
    shift: BigInt(view.getUint32(4, little)),
  };
}
