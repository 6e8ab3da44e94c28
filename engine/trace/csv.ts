/**
 * The CSV form of a trace: RFC 4180 with `\n`, UTF-8, a header, only integers, empty when missing.
 *
 * What a field looks like is csv-stringify's business: it makes the header and every text that is
 * not plain, once where it is interned. Here its results are only put together, as bytes,
 * which is several times faster than one call for each row. A test holds the two to the same bytes.
 */
import { stringify } from 'csv-stringify/sync';
import { ByteBuilder } from './byte-builder.ts';
import { EncodedTexts } from './encoded-texts.ts';
import type { EventTypes } from './event-types.ts';
import type { Texts } from './text-table.ts';

/** The columns, in their order. Later versions append; they never reorder. */
export const CSV_COLUMNS = [
  'seq',
  'time_ns',
  'cpu',
  'context',
  'pid',
  'comm',
  'flags',
  'event',
  'object',
  'value',
  'detail',
] as const;

const COMMA = 0x2c;
const NEWLINE = 0x0a;

/**
 * One line, or one field, as csv-stringify writes it, without the end of line. That is `\n` unless
 * told otherwise, and telling it so would also change which fields it quotes.
 */
function csvLine(fields: readonly string[]): string {
  return stringify([[...fields]], { quote_record_delimiter: true, eof: false });
}

function csvField(text: string): string {
  return csvLine([text]);
}

/** Formats rows of numbers into bytes, which gather until they are taken. */
export class CsvFormatter {
  readonly #out = new ByteBuilder();
  readonly #texts: Texts;
  readonly #types: EventTypes;
  readonly #formatFlags: (flags: number) => string;
  readonly #encodedTexts = new EncodedTexts();
  readonly #encodedEvents = new EncodedTexts();
  readonly #encodedFlags = new EncodedTexts();
  readonly #flagsIndex = new Map<number, number>();

  /** @param formatFlags is called once for each value. */
  constructor(texts: Texts, types: EventTypes, formatFlags: (flags: number) => string) {
    this.#texts = texts;
    this.#types = types;
    this.#formatFlags = formatFlags;
    this.#out.string(csvLine(CSV_COLUMNS));
    this.#out.byte(NEWLINE);
  }

  /** Bytes formatted and not yet taken; at first, the header's. */
  get length(): number {
    return this.#out.length;
  }

  /** The bytes formatted since the last call: a view, valid until the next row. */
  take(): Uint8Array {
    return this.#out.take();
  }

  /** Appends one row. -1 as cpu or pid and NaN as value make an empty field. */
  row(
    seq: number,
    timeNs: number,
    cpu: number,
    context: number,
    pid: number,
    comm: number,
    flags: number,
    event: number,
    object: number,
    value: number,
    detail: string,
  ): void {
    const out = this.#out;
    const flagsIndex = this.#flags(flags);
    out.integer(seq);
    out.byte(COMMA);
    out.integer(timeNs);
    out.byte(COMMA);
    if (cpu !== -1) out.integer(cpu);
    out.byte(COMMA);
    this.#text(context);
    if (pid !== -1) out.integer(pid);
    out.byte(COMMA);
    this.#text(comm);
    this.#encodedFlags.appendTo(out, flagsIndex);
    this.#event(event);
    this.#text(object);
    if (value === value) out.integer(value);
    out.byte(COMMA);
    if (detail !== '' && !out.plain(detail)) out.string(csvField(detail));
    out.byte(NEWLINE);
  }

  /** Appends an interned text, after encoding all that are new. */
  #text(id: number): void {
    const encoded = this.#encodedTexts;
    if (id >= encoded.size) {
      for (let next = encoded.size; next <= id; next++) {
        encoded.add(this.#texts.text(next), csvField);
      }
    }
    encoded.appendTo(this.#out, id);
  }

  /** Appends the name of an event, after encoding all that are new. */
  #event(id: number): void {
    const encoded = this.#encodedEvents;
    for (let next = encoded.size; next <= id; next++) encoded.add(this.#types.name(next), csvField);
    encoded.appendTo(this.#out, id);
  }

  /** The index of the encoded text of `flags`. */
  #flags(flags: number): number {
    let index = this.#flagsIndex.get(flags);
    if (index === undefined) {
      index = this.#encodedFlags.add(this.#formatFlags(flags), csvField);
      this.#flagsIndex.set(flags, index);
    }
    return index;
  }
}
