/*
 * Facts about seq_file (test/conformance/kernel/seqfile.json): each experiment is repeated by a
 * user process that reads the driver's files in /proc, and the driver notes how it is called.
 */
import type { Code, Context } from '../../models/context.ts';
import { O_RDONLY, open } from '../../models/fs/open.ts';
import { SEEK_END, SEEK_SET, lseek, pread, read } from '../../models/fs/read_write.ts';
import { UserBuffer } from '../../models/fs/uio.ts';
import type { Machine } from '../../models/machine.ts';
import { close } from '../../models/user/unistd.ts';
import { factFormat, type Fact, type FactRun } from './facts.ts';
import { MANY, SINGLE, SeqDriver } from './seq-driver.ts';
import { numberOf, recordedMachine, runUser } from './user-run.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Room of the recorder's buffer, and where the shown text of the driver's calls ends. */
const BUFFER = 4096;
const SHOWN_OPS = 3000;
/** Fields that say how an experiment was set up. */
const INPUTS = [
  'records',
  'record_bytes',
  'lines_of_5_bytes',
  'read_size',
  'deleted_index',
  'offset',
] as const;
/** What the experiments without these fields were set up with. */
const RECORDS = 3;
const RECORD_BYTES = 10;

/** Runs one process on a machine with the driver; `program` returns the fields that came out. */
function experiment(
  fact: Fact,
  records: number,
  program: (user: Reader, driver: SeqDriver) => Code<Fields>,
): Fields {
  const machine: Machine = recordedMachine();
  const driver = new SeqDriver(machine);
  driver.configure(records, numberOf(fact, 'record_bytes', RECORD_BYTES));
  let fields: Fields = {};
  runUser(machine, function* (k) {
    fields = yield* program(new Reader(k), driver);
  });
  const given = INPUTS.filter((name) => name in fact).map((name) => [name, fact[name]]);
  return { ...Object.fromEntries(given), ops: driver.log, ...fields };
}

/** A process with one file open. */
class Reader {
  private readonly k: Context;
  private fd = -1;

  constructor(k: Context) {
    this.k = k;
  }

  *open(name: string): Code {
    this.fd = yield* open(this.k, `/proc/${name}`, O_RDONLY);
    if (this.fd < 0) throw new Error(`open: ${this.fd}`);
  }

  read(size: number): Code<number> {
    return read(this.k, this.fd, new UserBuffer(size));
  }

  /** What read() put into the buffer. */
  *text(size: number): Code<string> {
    const buffer = new UserBuffer(size);
    const got = yield* read(this.k, this.fd, buffer);
    return buffer.text(Math.max(0, got));
  }

  /** read() into memory that is not there. */
  readIntoBadMemory(size: number): Code<number> {
    return read(this.k, this.fd, new UserBuffer(size, 0));
  }

  pread(size: number, offset: number): Code<number> {
    return pread(this.k, this.fd, new UserBuffer(size), offset);
  }

  lseek(offset: number, whence: number): Code<number> {
    return lseek(this.k, this.fd, offset, whence);
  }

  close(): Code<number> {
    return close(this.k, this.fd);
  }
}

/** Reads to the end; tells the first `most` results. */
function toTheEnd(
  fact: Fact,
  file: string,
  most: number,
): (user: Reader, driver: SeqDriver) => Code<Fields> {
  const size = numberOf(fact, 'read_size');
  return function* (user, driver) {
    const returns: number[] = [];
    yield* user.open(file);
    do returns.push(yield* user.read(size));
    while (returns.at(-1)! > 0);
    yield* user.close();
    return {
      file: file === SINGLE ? 'single_open' : 'seq_open',
      read_calls: returns.length,
      total: returns.reduce((sum, got) => sum + Math.max(0, got), 0),
      returns: returns.slice(0, most),
      ops: driver.log.length > SHOWN_OPS ? `${driver.log.slice(0, SHOWN_OPS)}...` : driver.log,
    };
  };
}

const seqRead: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records'), toTheEnd(fact, MANY, 100));

const singleRead: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'lines_of_5_bytes'), toTheEnd(fact, SINGLE, 100));

const SKIP_CASE = 'seq-show-returns-SEQ_SKIP-for-record-';

function skipRead(record: number): FactRun {
  return (fact) =>
    experiment(fact, numberOf(fact, 'records'), function* (user, driver) {
      driver.skip = record;
      return yield* toTheEnd(fact, MANY, 20)(user, driver);
    });
}

/** The first field is named for the size of the first read, `first_read_20_bytes`. */
const deletedBetween: FactRun = (fact) => {
  const field = Object.keys(fact).find((name) => /^first_read_\d+_bytes$/.test(name)) ?? '';
  const size = Number(/\d+/.exec(field)?.[0]);
  const step = numberOf(fact, 'record_bytes');
  return experiment(fact, numberOf(fact, 'records'), function* (user, driver) {
    yield* user.open(MANY);
    const first = yield* user.text(size);
    driver.remove(numberOf(fact, 'deleted_index'));
    const second = yield* user.text(BUFFER);
    yield* user.close();
    return { [field]: starts(first, step), second_read: starts(second, step) };
  });
};

/** The first four characters of each record. */
function starts(text: string, step: number): string {
  const shown: string[] = [];
  for (let at = 0; at < text.length; at += step) shown.push(`${text.slice(at, at + 4)} `);
  return shown.join('');
}

const deletedAfterPartial: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', 4), function* (user, driver) {
    yield* user.open(MANY);
    const first = yield* user.read(numberOf(fact, 'first_read'));
    driver.remove(numberOf(fact, 'deleted_index'));
    const second = yield* user.text(BUFFER);
    yield* user.close();
    return { first_read: first, second_read: second.replaceAll('\n', '/') };
  });

const preadAtOffset: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records'), function* (user) {
    yield* user.open(MANY);
    const ret = yield* user.pread(BUFFER, numberOf(fact, 'offset'));
    yield* user.close();
    return { ret };
  });

const lseekRereads: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', RECORDS), function* (user) {
    yield* user.open(MANY);
    const first = yield* user.read(numberOf(fact, 'first'));
    const moved = yield* user.lseek(numberOf(fact, 'lseek'), SEEK_SET);
    const second = yield* user.read(BUFFER);
    const end = yield* user.lseek(0, SEEK_END);
    yield* user.close();
    return {
      first,
      lseek: moved,
      second,
      lseek_end: end < 0 ? -1 : end,
      lseek_end_err: Math.min(0, end),
    };
  });

/** As many reads as were recorded. */
const afterEof: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', RECORDS), function* (user) {
    const returns: number[] = [];
    yield* user.open(MANY);
    while (returns.length < (fact['returns'] as unknown[]).length) {
      returns.push(yield* user.read(BUFFER));
    }
    yield* user.close();
    return { returns };
  });

const growsAfterRead: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', RECORDS), function* (user, driver) {
    yield* user.open(MANY);
    const first = yield* user.read(BUFFER);
    driver.configure(5, numberOf(fact, 'record_bytes', RECORD_BYTES));
    const second = yield* user.read(BUFFER);
    yield* user.close();
    return { returns: [first, second] };
  });

const badBuffer: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', RECORDS), function* (user) {
    yield* user.open(MANY);
    const first = yield* user.readIntoBadMemory(10);
    const good = yield* user.read(10);
    yield* user.close();
    return { first, then_good: good };
  });

const sizeZero: FactRun = (fact) =>
  experiment(fact, numberOf(fact, 'records', RECORDS), function* (user) {
    yield* user.open(MANY);
    const returns = [yield* user.read(0), yield* user.read(BUFFER)];
    yield* user.close();
    return { returns };
  });

export const seqfileFormat = factFormat({
  'seq-read': seqRead,
  'single-read': singleRead,
  ...Object.fromEntries(
    Array.from({ length: 100 }, (_, record) => [`${SKIP_CASE}${record}`, skipRead(record)]),
  ),
  'seq-record-deleted-between-reads': deletedBetween,
  'seq-record-deleted-after-partial-record-read': deletedAfterPartial,
  'seq-pread-at-offset': preadAtOffset,
  'seq-lseek-0-rereads': lseekRereads,
  'seq-read-after-eof': afterEof,
  'seq-grows-after-first-read': growsAfterRead,
  'seq-read-into-bad-buffer': badBuffer,
  'seq-read-size-0': sizeZero,
});
