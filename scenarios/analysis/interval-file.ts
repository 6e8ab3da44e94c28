/*
 * The intervals of a run's trace as a CSV file, for the database to read: a row for every few rows
 * of the trace. So its few texts are made once, by what makes all our CSV, and put together as
 * bytes.
 */
import { ByteBuilder } from '../../engine/trace/byte-builder.ts';
import { CsvFile } from '../../engine/trace/csv-file.ts';
import { EncodedTexts } from '../../engine/trace/encoded-texts.ts';
import { writing } from '../output/errors.ts';
import { csvRows } from '../output/tables.ts';
import { INTERVAL_COLUMNS, Intervals, type Interval } from './intervals.ts';
import { endOf, readTrace } from './run-folder.ts';

const CHUNK_BYTES = 0x40000;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** Writes them to the file `path`. @throws NoTraceFolder, OutputError */
export function writeIntervals(folder: string, path: string): void {
  const file = writing(path, () => new CsvFile(path));
  try {
    const rows = new IntervalRows((chunk) => writing(path, () => file.write(chunk)));
    const intervals = new Intervals((interval) => rows.add(interval));
    let lastNs = 0;
    readTrace(folder, (row) => {
      lastNs = row.timeNs;
      intervals.see(row);
    });
    intervals.end(Math.max(lastNs, endOf(folder)));
    rows.end();
  } finally {
    file.close();
  }
}

function csvField(text: string): string {
  return csvRows([[text]]).slice(0, -1);
}

class IntervalRows {
  private readonly out = new ByteBuilder();
  private readonly texts = new EncodedTexts();
  private readonly ids = new Map<string, number>();
  private readonly write: (chunk: Uint8Array) => void;

  constructor(write: (chunk: Uint8Array) => void) {
    this.write = write;
    this.out.string(csvRows([INTERVAL_COLUMNS]));
  }

  add({ kind, actor, pid, cpu, object, fromNs, toNs }: Interval): void {
    const { out } = this;
    this.text(kind);
    this.text(actor);
    out.integer(pid);
    out.byte(COMMA);
    if (cpu >= 0) out.integer(cpu);
    out.byte(COMMA);
    this.text(object);
    out.integer(fromNs);
    out.byte(COMMA);
    out.integer(toNs);
    out.byte(NEWLINE);
    if (out.length >= CHUNK_BYTES) this.end();
  }

  end(): void {
    this.write(this.out.take());
  }

  private text(text: string): void {
    let id = this.ids.get(text);
    if (id === undefined) {
      id = this.texts.add(text, csvField);
      this.ids.set(text, id);
    }
    this.texts.appendTo(this.out, id);
  }
}
