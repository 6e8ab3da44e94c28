/*
 * The form of an event as /sys/kernel/tracing/events/SYSTEM/EVENT/format describes it: name, number
 * and fields (kernel/trace/trace_events.c: f_show). The print format is not looked at.
 */
import { decodeText } from './byte-reader.ts';
import { RecordingError } from './recording.ts';

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly kind: 'integer' | 'unsigned' | 'chars' | 'bytes' | 'located' | 'relative';
}

export interface EventFormat {
  readonly id: number;
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

const FIELD = /^\s*field:\s*(.*?);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(\d);)?/;
const DECLARATION = /^(.*?)\s*\b(\w+)\s*(\[[^\]]*\])?$/;

/** Reads the text of a format file. */
export function parseEventFormat(text: string, what: string): EventFormat {
  const name = /^name: (.+)$/m.exec(text)?.[1];
  const id = /^ID: (\d+)$/m.exec(text)?.[1];
  if (name === undefined || id === undefined) {
    throw new RecordingError(`${what}: expected the 'name:' and 'ID:' of an event, got none`);
  }
  const fields = new Map<string, Field>();
  for (const line of text.split('\n')) {
    const found = FIELD.exec(line);
    if (found === null) continue;
    const [, declaration = '', offset, size, signed] = found;
    const [, type = '', field = '', array] = DECLARATION.exec(declaration) ?? [];
    fields.set(field, {
      name: field,
      offset: Number(offset),
      size: Number(size),
      kind: kindOf(type, array !== undefined, Number(size), signed === '1'),
    });
  }
  return { id: Number(id), name, fields };
}

function kindOf(type: string, array: boolean, size: number, signed: boolean): Field['kind'] {
  if (type.startsWith('__data_loc')) return 'located';
  if (type.startsWith('__rel_loc')) return 'relative';
  if (array && /\bchar\b/.test(type)) return 'chars';
  if (array || ![1, 2, 4, 8].includes(size)) return 'bytes';
  return signed ? 'integer' : 'unsigned';
}

/** A field of an event's data as text; undefined if the data are too short for it. */
export function fieldText(
  { name, offset, size, kind }: Field,
  data: DataView,
  little: boolean,
): string | undefined {
  if (offset + size > data.byteLength) return undefined;
  switch (kind) {
    case 'integer':
    case 'unsigned':
      return integerText(data, offset, size, kind === 'integer', little);
    case 'chars':
      return charsText(data, offset, size);
    case 'bytes':
      return bytesText(data, offset, size);
    case 'located':
    case 'relative': {
      // Offset and length in a word; a relative one counts from behind the word.
      const word = data.getUint32(offset, little);
      const from = (word & 0xffff) + (kind === 'relative' ? offset + 4 : 0);
      const length = word >>> 16;
      if (from + length > data.byteLength) {
        throw new RecordingError(`the field '${name}' of an event points outside of its data`);
      }
      return charsText(data, from, length);
    }
  }
}

function integerText(
  data: DataView,
  at: number,
  size: number,
  signed: boolean,
  little: boolean,
): string {
  if (size === 8) {
    return String(signed ? data.getBigInt64(at, little) : data.getBigUint64(at, little));
  }
  if (size === 4) return String(signed ? data.getInt32(at, little) : data.getUint32(at, little));
  if (size === 2) return String(signed ? data.getInt16(at, little) : data.getUint16(at, little));
  return String(signed ? data.getInt8(at) : data.getUint8(at));
}

function bytesOf(data: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset + at, size);
}

function charsText(data: DataView, at: number, size: number): string {
  const bytes = bytesOf(data, at, size);
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}

function bytesText(data: DataView, at: number, size: number): string {
  return Buffer.from(bytesOf(data, at, size)).toString('hex');
}
