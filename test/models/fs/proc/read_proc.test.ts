/* read_proc in its three styles, and what proc_file_read makes of drivers that get it wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../../models/context.ts';
import type { KernelName } from '../../../../models/era.ts';
import { errno } from '../../../../models/errno.ts';
import { O_RDWR, open } from '../../../../models/fs/open.ts';
import type { ReadProcCall } from '../../../../models/fs/proc/entry.ts';
import { makeEntry } from '../../../../models/fs/proc.ts';
import { SEEK_END, SEEK_SET, lseek, pread, write } from '../../../../models/fs/read_write.ts';
import { UserBuffer } from '../../../../models/fs/uio.ts';
import { bytesOfText } from '../../../../models/lib/text-bytes.ts';
import { Bench, ms } from '../../user/bench.ts';
import { openReader, type Reader } from '../files.ts';

const KERNELS = ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'] as const;

/** What a driver does with a call of its read_proc(); it returns what that returns. */
type Driver = (k: Context, call: ReadProcCall) => number;

/** Prints a part of its text at a place of the page. */
function put(k: Context, { page }: ReadProcCall, at: number, text: string): void {
  page.store(k, at, bytesOfText(text), 'the driver');
}

/** *start == NULL: the whole file lies in the page, where the offset finds it. */
const fromBeginning =
  (text: string): Driver =>
  (k, call) => {
    put(k, call, 0, text);
    if (call.off + call.count >= text.length) call.eof = true;
    return text.length;
  };

/** *start = page + at: the bytes of this call. */
const atStart =
  (text: string, at: number): Driver =>
  (k, call) => {
    const part = text.slice(call.off, call.off + Math.min(call.count, 4096 - at));
    put(k, call, at, part);
    call.start = { style: 2, value: at };
    if (call.off + part.length >= text.length) call.eof = true;
    return part.length;
  };

/** *start = 1: one record for each step of the offset. */
const inRecords =
  (records: readonly string[]): Driver =>
  (k, call) => {
    const record = records[call.off];
    if (record === undefined) return 0;
    put(k, call, 0, record);
    call.start = { style: 1, value: 1 };
    return record.length;
  };

interface Seen<T> {
  readonly result: T;
  readonly log: readonly string[];
  readonly findings: readonly string[];
}

function see<T>(kernel: KernelName, driver: Driver, main: (reader: Reader) => Code<T>): Seen<T> {
  const bench = new Bench(kernel);
  makeEntry(bench.machine, 'f', { mode: 0o444 }).read_proc = function* (k, call) {
    yield 0;
    return driver(k, call);
  };
  const results: T[] = [];
  bench.run('reader', function* (k) {
    results.push(yield* main(yield* openReader(k, '/proc/f')));
  });
  bench.until(1000 * ms);
  const findings = bench.machine.findings.all.map(({ text }) => text);
  return { result: results[0]!, log: bench.log, findings };
}

const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 });
const texts = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'abcdefgh\n'), maxLength, size: 'max' });

describe.each(KERNELS)('a correct driver on %s gives its text whatever the reads', (kernel) => {
  const runs = { numRuns: 25 };

  it('with *start == NULL', () => {
    fc.assert(
      fc.property(texts(4096), sizes, (text, some) => {
        const seen = see(kernel, fromBeginning(text), (reader) => reader.readAll(some));
        expect(seen).toEqual({ result: text, log: [], findings: [] });
      }),
      runs,
    );
  });

  it('with *start in the page', () => {
    fc.assert(
      fc.property(texts(9000), sizes, fc.integer({ min: 0, max: 1000 }), (text, some, at) => {
        const seen = see(kernel, atStart(text, at), (reader) => reader.readAll(some));
        expect(seen).toEqual({ result: text, log: [], findings: [] });
      }),
      runs,
    );
  });

  it('with *start as a number, one record a read', () => {
    const records = fc.array(fc.string({ minLength: 1, maxLength: 50 }), { maxLength: 30 });
    fc.assert(
      fc.property(records, (some) => {
        const driver = inRecords(some.map((record) => record.replaceAll(/[^ -~]/g, '.')));
        const seen = see(
          kernel,
          (k, call) => ((call.eof = true), driver(k, call)),
          (reader) => reader.readAll([50]),
        );
        const whole = some.map((record) => record.replaceAll(/[^ -~]/g, '.')).join('');
        expect(seen).toEqual({ result: whole, log: [], findings: [] });
      }),
      runs,
    );
  });
});

describe('what a driver gets wrong', () => {
  it('the bytes of this call with *start == NULL are the end after the first read', () => {
    const driver: Driver = (k, call) => {
      const part = 'x'.repeat(30).slice(call.off, call.off + call.count);
      put(k, call, call.off, part);
      return part.length;
    };
    expect(see('linux-2.6.24', driver, (reader) => reader.readAll([10])).result).toBe(
      'x'.repeat(10),
    );
  });

  it('an error is heard of, but in 2.4 only with *start', () => {
    const failing: Driver = () => -errno.EIO;
    const withStart: Driver = (_k, call) => {
      call.start = { style: 2, value: 0 };
      return -errno.EIO;
    };
    const read = (reader: Reader): Code<string | number> => reader.read(10);
    expect(see('linux-2.4.27', failing, read).result).toBe('');
    expect(see('linux-2.4.27', withStart, read).result).toBe(-errno.EIO);
    expect(see('linux-2.6.24', failing, read).result).toBe(-errno.EIO);
  });

  it('more than a page is cut, with a message, and the damage is reported', () => {
    const driver: Driver = (k, call) => {
      put(k, call, 0, 'y'.repeat(4200));
      call.start = { style: 2, value: 0 };
      return 4200;
    };
    const seen = see('linux-2.6.24', driver, (reader) => reader.read(3000));
    expect(seen.result).toBe('y'.repeat(3000));
    expect(seen.log).toEqual(['kernel: proc_file_read: Apparent buffer overflow!']);
    expect(seen.findings[0]).toBe(
      'BUG: KASAN: out-of-bounds in the driver: Write of size 4200 at page+0, which has 4096 bytes',
    );
  });

  it('a record larger than the read goes beyond the memory of the reader', () => {
    const seen = see('linux-2.6.24', inRecords(['0123456789']), (reader) => reader.read(4));
    expect(seen.result).toBe('0123');
    expect(seen.log).toEqual(['kernel: proc_file_read: Read count exceeded']);
    expect(seen.findings).toEqual([
      'BUG: KASAN: out-of-bounds in copy_to_user: Write of size 10 ' +
        'where the reader of /proc/f has room for 4',
    ]);
  });

  it('without *eof and without an end the reader stops when it has enough', () => {
    let calls = 0;
    const driver: Driver = (k, call) => {
      calls++;
      put(k, call, 0, 'z'.repeat(100));
      call.start = { style: 2, value: 0 };
      return 100;
    };
    expect(see('linux-2.6.24', driver, (reader) => reader.read(350)).result).toHaveLength(350);
    expect(calls).toBe(4);
  });
});

describe('the file', () => {
  it('is asked for at most a page less 1024 bytes at a time', () => {
    const counts: number[] = [];
    const text = 'w'.repeat(5000);
    const driver: Driver = (k, call) => {
      counts.push(call.count);
      return atStart(text, 0)(k, call);
    };
    expect(see('linux-2.4.27', driver, (reader) => reader.read(5000)).result).toBe(text);
    expect(counts).toEqual([3072, 1928]);
  });

  it('gives -EFAULT where nothing can be copied, else what could be', () => {
    const driver = fromBeginning('0123456789');
    expect(see('linux-2.6.24', driver, (reader) => reader.read(10, 0)).result).toBe(-errno.EFAULT);
    expect(see('linux-2.6.24', driver, (reader) => reader.read(10, 4)).result).toBe('0123');
  });

  it('has no end to count from but in 2.4, and none beyond 2 GiB', () => {
    const seek = (reader: Reader): Code<number> => lseek(reader.k, reader.fd, 0, SEEK_END);
    expect(see('linux-2.4.27', fromBeginning('a'), seek).result).toBe(0);
    expect(see('linux-2.6.24', fromBeginning('a'), seek).result).toBe(-errno.EINVAL);
    const far = (reader: Reader): Code<number> =>
      pread(reader.k, reader.fd, new UserBuffer(10), 0x80000000);
    expect(see('linux-2.6.24', fromBeginning('a'), far).result).toBe(0);
  });

  it('calls write_proc once for each write, wherever the position is', () => {
    const bench = new Bench('linux-2.6.24');
    const written: string[] = [];
    const entry = makeEntry(bench.machine, 'f', { mode: 0o666 });
    entry.data = 7;
    entry.write_proc = function* (_k, _file, from, count, data) {
      yield 0;
      written.push(`${from.buffer.text(count)} ${data}`);
      return count;
    };
    let results: number[] = [];
    bench.run('writer', function* (k) {
      const fd = yield* open(k, '/proc/f', O_RDWR);
      const text = (what: string): UserBuffer => UserBuffer.of(bytesOfText(what));
      results = [
        yield* write(k, fd, text('one')),
        yield* lseek(k, fd, 100, SEEK_SET),
        yield* write(k, fd, text('two')),
        yield* pread(k, fd, new UserBuffer(1), 0),
      ];
    });
    bench.until(100 * ms);
    expect({ written, results }).toEqual({ written: ['one 7', 'two 7'], results: [3, 100, 3, 0] });
  });

  it('says -EIO to who writes where nobody takes it', () => {
    const seen = see('linux-2.6.24', fromBeginning('a'), function* ({ k }) {
      const fd = yield* open(k, '/proc/f', O_RDWR);
      return yield* write(k, fd, UserBuffer.of(bytesOfText('x')));
    });
    expect(seen.result).toBe(-errno.EIO);
  });
});
