/** A trace whose CSV is kept in memory, and rows for it as objects. */
import fc from 'fast-check';
import { stringify } from 'csv-stringify/sync';
import { CSV_COLUMNS } from '../../../engine/trace/csv.ts';
import { TextTable } from '../../../engine/trace/text-table.ts';
import { Trace } from '../../../engine/trace/trace.ts';

export interface Row {
  timeNs: number;
  cpu: number;
  context: string;
  pid: number;
  comm: string;
  flags: number;
  event: string;
  object: string;
  value: number;
  /** What the event's formatter makes of it is `detail` itself: argument a is its text id. */
  detail: string;
}

export const plainRow: Row = {
  timeNs: 1000,
  cpu: 0,
  context: 'kernel',
  pid: 7,
  comm: 'worker',
  flags: 0,
  event: 'start',
  object: 'lock',
  value: 5,
  detail: '',
};

/** A formatter of flags whose texts need quoting now and then. */
export function flagsText(flags: number): string {
  return flags % 3 === 0 ? '' : flags % 3 === 1 ? `f${flags}` : `"${flags}",`;
}

/** Records rows, given as objects, and keeps the chunks of CSV. */
export class Recorder {
  readonly chunks: { text: string; rows: number }[] = [];
  readonly texts = new TextTable();
  readonly trace: Trace;

  constructor() {
    this.trace = new Trace(this.texts, flagsText, {
      write: (chunk, rows) => this.chunks.push({ text: Buffer.from(chunk).toString(), rows }),
    });
  }

  record(row: Row): void {
    const id = (text: string): number => this.texts.intern(text);
    const event = this.trace.eventId(row.event) ?? this.define(row.event);
    const detail = id(row.detail);
    this.trace.record(
      row.timeNs,
      row.cpu,
      id(row.context),
      row.pid,
      id(row.comm),
      row.flags,
      event,
      id(row.object),
      row.value,
      detail,
      0,
      0,
    );
  }

  define(name: string): number {
    return this.trace.defineEvent(name, (a, _b, _c, texts) => texts.text(a));
  }

  /** Everything recorded so far. */
  csv(): string {
    this.trace.flush();
    return this.chunks.map(({ text }) => text).join('');
  }
}

/** The CSV of rows as csv-stringify alone makes it. */
export function referenceCsv(rows: readonly Row[]): string {
  const records = rows.map((row, i) => [
    i + 1,
    row.timeNs,
    row.cpu === -1 ? undefined : row.cpu,
    row.context,
    row.pid === -1 ? undefined : row.pid,
    row.comm,
    flagsText(row.flags),
    row.event,
    row.object,
    Number.isNaN(row.value) ? undefined : row.value,
    row.detail,
  ]);
  return stringify([[...CSV_COLUMNS], ...records]);
}

/** Texts with all that CSV, UTF-8 and a hurried implementation might stumble over. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(...['"', ',', '\n', '\r', ' ', ';', '\t', '\0'], ...'aé€😀\ufeff'),
    maxLength: 12,
  }),
);

const int32 = fc.oneof(fc.constant(-1), fc.nat(9), fc.integer());

export const anyRow: fc.Arbitrary<Row> = fc.record({
  timeNs: fc.oneof(fc.nat(), fc.maxSafeNat()),
  cpu: int32,
  context: anyText,
  pid: int32,
  comm: anyText,
  flags: fc.nat(20),
  event: anyText.filter((name) => name !== ''),
  object: anyText,
  value: fc.oneof(fc.constant(NaN), fc.constant(-0), fc.integer(), fc.maxSafeInteger()),
  detail: anyText,
});
