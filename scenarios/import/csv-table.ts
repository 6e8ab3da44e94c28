/*
 * A table of events in CSV (RFC 4180) with a header: `time_ns` and perhaps `event` and `cpu`; all
 * columns are fields. What `lockstep import` writes is one, and so is a run's trace.csv.
 */
import { decodeText } from './byte-reader.ts';
import { atLine, type RecordedEvent, type Recording } from './recording.ts';

const TIME = 'time_ns';

export function isTable(text: string): boolean {
  const header = text.slice(0, text.indexOf('\n') + 1 || text.length);
  return header
    .trimEnd()
    .split(',')
    .some((column) => column.replaceAll('"', '') === TIME);
}

export function openTable(bytes: Uint8Array): Recording {
  return new Table(decodeText(bytes));
}

class Table implements Recording {
  readonly format = 'CSV';
  readonly notes: readonly string[] = [];
  readonly only?: string;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    const [header] = rowsOf(text);
    if (!header!.cells.includes('event')) this.only = 'row';
  }

  each(see: (event: RecordedEvent) => void): void {
    let columns: readonly string[] | undefined;
    for (const { line, cells } of rowsOf(this.text)) {
      if (columns === undefined) {
        columns = cells;
        continue;
      }
      if (cells.length !== columns.length) {
        throw atLine(line, `${columns.length} cells, as the header has`, cells.join(','));
      }
      see(new TableEvent(columns, cells, line));
    }
  }
}

class TableEvent implements RecordedEvent {
  readonly name: string;
  readonly timeNs: number;
  readonly cpu: number;
  private readonly columns: readonly string[];
  private readonly cells: readonly string[];

  constructor(columns: readonly string[], cells: readonly string[], line: number) {
    this.columns = columns;
    this.cells = cells;
    const time = this.field(TIME)!;
    if (!/^\d{1,16}$/.test(time) || Number(time) > Number.MAX_SAFE_INTEGER) {
      throw atLine(line, `whole nanoseconds in the column ${TIME}`, time);
    }
    const cpu = this.field('cpu') ?? '';
    if (!/^\d{0,4}$/.test(cpu)) throw atLine(line, 'the number of a CPU', cpu);
    this.timeNs = Number(time);
    this.cpu = cpu === '' ? -1 : Number(cpu);
    this.name = this.field('event') ?? 'row';
  }

  field(name: string): string | undefined {
    return this.cells[this.columns.indexOf(name)];
  }

  fieldNames(): readonly string[] {
    return this.columns;
  }
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A cell in quotes (a quote in it is two) or without; then a comma or the end of the row. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function* rowsOf(text: string): Generator<Row> {
  let line = 1;
  let from = 1;
  let cells: string[] = [];
  CELL.lastIndex = 0;
  for (let at = 0; at < text.length || cells.length > 0; at = CELL.lastIndex) {
    CELL.lastIndex = at;
    const found = CELL.exec(text);
    if (found === null) throw atLine(line, 'a cell of CSV', text.slice(at).split('\n', 1)[0]!);
    const [whole, quoted, plain = '', end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    yield { line: from, cells };
    cells = [];
    from = line;
    // The end of the text is the end of a row, and matches again.
    if (CELL.lastIndex >= text.length) return;
    CELL.lastIndex = at + whole.length;
  }
}
