/*
 * The finished runs of a sweep in a file that only grows: a line of JSON a run, in the order in
 * which they ended. Whatever kills the writer, what was appended is there; a line that it could not
 * finish is cut off when the file is opened again, and its run is made again.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { writing } from '../output/errors.ts';
import { SweepError } from './error.ts';
import { parseRecord, recordLine, type RunRecord } from './record.ts';

const BLOCK_BYTES = 0x10000;

interface Line {
  readonly at: number;
  readonly text: string;
  /** Where the next begins. */
  readonly next: number;
}

/** Records of runs in a file, to be read by their numbers. */
export class Records {
  protected readonly fd: number;
  private readonly lines = new Map<number, readonly [at: number, bytes: number]>();
  private failedRuns = 0;
  /** Behind the last whole record. */
  protected end = 0;

  /** @throws the system's error if there is no such file. */
  constructor(path: string, flags = 'r') {
    this.fd = openSync(path, flags);
  }

  get count(): number {
    return this.lines.size;
  }

  /** How many of them did not exit with 0. */
  get failed(): number {
    return this.failedRuns;
  }

  has(run: number): boolean {
    return this.lines.has(run);
  }

  /** The record of a run that is there. */
  read(run: number): RunRecord {
    const [at, bytes] = this.lines.get(run)!;
    const line = Buffer.alloc(bytes);
    readSync(this.fd, line, 0, bytes, at);
    // It was found to be a record when it came here.
    return JSON.parse(line.toString()) as RunRecord;
  }

  /** Finds the records, up to the first line that is none. */
  index(): this {
    for (const { at, text, next } of linesOf(this.fd, this.end)) {
      const record = parseRecord(text);
      if (record === undefined) break;
      this.note(record, at, next - at);
    }
    return this;
  }

  protected note({ run, exit }: RunRecord, at: number, bytes: number): void {
    if (!this.has(run) && exit !== 0) this.failedRuns++;
    this.lines.set(run, [at, bytes]);
    this.end = at + bytes;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** The records of a sweep that goes on. */
export class Journal extends Records {
  private readonly path: string;

  /**
   * @param head the first line, which says of which sweep the records are
   * @throws SweepError if the journal there is of another
   */
  constructor(path: string, head: string) {
    super(
      path,
      writing(path, () => flagsFor(path)),
    );
    this.path = path;
    const [first] = linesOf(this.fd, 0);
    if (first !== undefined && first.text !== head) {
      this.close();
      throw new SweepError(`${path} was begun by another version of lockstep; remove it`);
    }
    this.end = first?.next ?? 0;
    this.index();
    writing(path, () => ftruncateSync(this.fd, this.end));
    if (first === undefined) this.write(`${head}\n`);
  }

  append(record: RunRecord): void {
    const at = this.end;
    this.note(record, at, this.write(recordLine(record)));
  }

  private write(text: string): number {
    const bytes = Buffer.from(text);
    writing(this.path, () => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.fd, bytes, done, bytes.length - done, this.end + done);
      }
    });
    this.end += bytes.length;
    return bytes.length;
  }
}

/** To read and write a file from its beginning, which is made if it is not there. */
function flagsFor(path: string): string {
  closeSync(openSync(path, 'a'));
  return 'r+';
}

/** The whole lines of a file from `from` on; what is behind the last `\n` is none. */
function* linesOf(fd: number, from: number): Generator<Line> {
  const block = Buffer.alloc(BLOCK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let at = from;
  for (let read = from; ;) {
    const got = readSync(fd, block, 0, BLOCK_BYTES, read);
    if (got === 0) return;
    read += got;
    rest = Buffer.concat([rest, block.subarray(0, got)]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      const next = at + end + 1 - start;
      yield { at, text: rest.toString('utf8', start, end), next };
      at = next;
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}
