/* seq_file: what reads give, how the driver is called for it, and where kernels differ. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Code } from '../../../models/context.ts';
import { kernelNames, type KernelName } from '../../../models/era.ts';
import { errno } from '../../../models/errno.ts';
import { proc_create_seq } from '../../../models/fs/proc.ts';
import { SEEK_CUR, SEEK_END, SEEK_SET, lseek, pread } from '../../../models/fs/read_write.ts';
import { ErrPtr, SEQ_SKIP, seq_putc, type seq_operations } from '../../../models/fs/seq_file.ts';
import { UserBuffer } from '../../../models/fs/uio.ts';
import { mutex_is_locked } from '../../../models/locking/mutex.ts';
import { pthread_create } from '../../../models/user/spawn.ts';
import { usleep } from '../../../models/user/unistd.ts';
import { Bench } from '../user/bench.ts';
import { listOperations, openReader, readerOf, withFile, type Place, type Shown } from './files.ts';

const modern = ['linux-6.1', 'linux-6.12'] as const;
const canSkip = ['linux-2.6.32', ...modern] as const;

const texts = (count: number, bytes: number): Shown[] =>
  Array.from({ length: count }, (_, i) => ({ text: `${i}`.padEnd(bytes - 1, '.') + '\n' }));

/** What a reader of the whole file sees. */
const contents = (records: readonly Shown[]): string =>
  records.map(({ text, result = 0 }) => (result === 0 ? text : '')).join('');

/** Small reads, and a large one so that large records do not take for ever. */
const sizes = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }), fc.constantFrom(4096, 20_000))
  .map(([small, large]) => [...small, large]);

const lengths = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(4095, 4096, 9000)),
  {
    maxLength: 8,
  },
);

/** Records of these lengths, each with its own letter. */
const lettered = (all: readonly number[]): Shown[] =>
  all.map((length, i) => ({ text: String.fromCharCode(97 + (i % 26)).repeat(length) }));

describe('a sequence that does not change', () => {
  it.each(kernelNames)('reads as its records one after the other, in any sizes (%s)', (kernel) => {
    fc.assert(
      fc.property(lengths, sizes, (all, turns) => {
        const records = lettered(all);
        const ops = listOperations(records);
        expect(withFile(kernel, ops, (reader) => reader.readAll(turns))).toBe(contents(records));
      }),
      { numRuns: 40 },
    );
  });

  it.each(canSkip)('leaves out records that are empty or skipped (%s)', (kernel) => {
    const record = fc.record({
      text: fc.constantFrom('', 'ab', 'cdefgh', 'x'.repeat(5000)),
      result: fc.constantFrom(0, 0, SEQ_SKIP),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), sizes, (records, turns) => {
        const ops = listOperations(records);
        expect(withFile(kernel, ops, (reader) => reader.readAll(turns))).toBe(contents(records));
      }),
      { numRuns: 40 },
    );
  });

  it.each(kernelNames)('goes on from wherever lseek moves (%s)', (kernel) => {
    const offsets = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lengths, offsets, fc.integer({ min: 1, max: 20 }), (all, moves, size) => {
        const records = lettered(all);
        const whole = contents(records);
        const seen = withFile(kernel, listOperations(records), function* (reader) {
          const parts: unknown[] = [];
          for (const offset of moves) {
            parts.push(yield* lseek(reader.k, reader.fd, offset, SEEK_SET));
            parts.push(yield* reader.read(size));
            parts.push(yield* lseek(reader.k, reader.fd, 0, SEEK_CUR));
          }
          return parts;
        });
        for (const [i, offset] of moves.entries()) {
          const [at, got, end] = seen.slice(3 * i, 3 * i + 3);
          expect([at, end]).toEqual([offset, offset + (got as string).length]);
          expect(whole.startsWith(got as string, offset)).toBe(true);
          expect((got as string).length > 0).toBe(offset < whole.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(canSkip)('gives pread any part and leaves the position alone (%s)', (kernel) => {
    const records = texts(5, 10);
    const seen = withFile(kernel, listOperations(records), function* (reader) {
      const parts: unknown[] = [yield* reader.read(12)];
      for (const offset of [33, 0, 50, 7, -1]) {
        const buffer = new UserBuffer(8);
        const got = yield* pread(reader.k, reader.fd, buffer, offset);
        parts.push(got < 0 ? got : buffer.text(got));
      }
      parts.push(yield* reader.read(100));
      return parts;
    });
    const whole = contents(records);
    const part = (from: number, to: number): string => whole.slice(from, to);
    expect(seen).toEqual([
      part(0, 12),
      part(33, 41),
      part(0, 8),
      '',
      part(7, 15),
      -errno.EINVAL,
      part(12, 50),
    ]);
  });
});

/** The calls that reads of these sizes make on a file of such records. */
function callsOf(kernel: KernelName, records: readonly Shown[], reads: readonly number[]): string {
  const calls: string[] = [];
  withFile(kernel, listOperations(records, calls), function* (reader) {
    for (const size of reads) yield* reader.read(size);
  });
  return calls.join(' ');
}

describe('the calls of a driver', () => {
  it('next() follows every record shown since 4.19, before only when more is wanted', () => {
    expect(callsOf('linux-6.1', texts(4, 10), [20])).toBe(
      'start(0) show(0) next->1 show(1) next->2 stop(v)',
    );
    for (const kernel of ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'] as const) {
      expect(callsOf(kernel, texts(4, 10), [20, 20])).toBe(
        'start(0) show(0) next->1 show(1) stop(v) start(2) show(2) next->3 show(3) stop(v)',
      );
    }
  });

  it('a record that fills the buffer to its last byte is shown again into a larger one', () => {
    for (const kernel of kernelNames) {
      const shows = (bytes: number): number =>
        callsOf(kernel, texts(1, bytes), [100])
          .split(' ')
          .filter((call) => call === 'show(0)').length;
      expect([4095, 4096, 8191, 8192].map(shows)).toEqual([1, 2, 2, 3]);
    }
  });

  it('a read of no bytes makes none since 5.10, and shows a record before', () => {
    expect(callsOf('linux-6.1', texts(2, 10), [0])).toBe('');
    expect(callsOf('linux-2.6.32', texts(2, 10), [0])).toBe('start(0) show(0) stop(v)');
  });

  it('what is left in the buffer is served without them, even when the records are gone', () => {
    for (const kernel of kernelNames) {
      const records = texts(3, 10);
      const seen = withFile(kernel, listOperations(records), function* (reader) {
        const first = yield* reader.read(4);
        records.length = 0;
        return [first, yield* reader.read(100), yield* reader.read(100)];
      });
      expect(seen).toEqual(['0...', '.....\n', '']);
    }
  });

  it('seq_putc stops at the end of the buffer, so that the record is shown again', () => {
    const ops: seq_operations<Place> = {
      ...listOperations(texts(1, 10)),
      *show(_k, m) {
        yield 0;
        for (let i = 0; i < 5000; i++) seq_putc(m, 'c');
        return 0;
      },
    };
    const whole = withFile('linux-6.1', ops, (reader) => reader.readAll([10_000]));
    expect(whole).toBe('c'.repeat(5000));
  });

  it('a next() that does not move the index is noticed in the kernel log and cannot loop', () => {
    const bench = new Bench('linux-6.1');
    const records = texts(2, 10);
    const calls: string[] = [];
    const ops: seq_operations<Place> = {
      ...listOperations(records, calls),
      *next(_k, _m, { index }) {
        yield 0;
        return index + 1 < records.length ? { index: index + 1 } : null;
      },
    };
    proc_create_seq(bench.machine, 'f', 0o444, ops);
    const seen: unknown[] = [];
    bench.run('reader', function* (k) {
      seen.push(yield* (yield* openReader(k, '/proc/f')).readAll([100]));
    });
    bench.until();
    expect(seen).toEqual([contents(records)]);
    expect(bench.log).toEqual([
      'kernel: seq_file: buggy .next function did not update position index',
      'kernel: seq_file: buggy .next function did not update position index',
    ]);
  });
});

describe('errors of a driver', () => {
  it.each(kernelNames)('show(): what was shown before it is read first (%s)', (kernel) => {
    const records = [...texts(2, 10), { text: 'bad', result: -errno.EIO }];
    const seen = withFile(kernel, listOperations(records), function* (reader) {
      return [yield* reader.read(100), yield* reader.read(100), yield* reader.read(100)];
    });
    expect(seen).toEqual([contents(texts(2, 10)), -errno.EIO, -errno.EIO]);
  });

  it.each(kernelNames)('start(): is what read() and lseek() return (%s)', (kernel) => {
    const ops: seq_operations<Place> = {
      ...listOperations(texts(2, 10)),
      *start() {
        yield 0;
        return new ErrPtr(-errno.ENOMEM);
      },
    };
    const seen = withFile(kernel, ops, function* (reader) {
      return [yield* reader.read(10), yield* lseek(reader.k, reader.fd, 5, SEEK_SET)];
    });
    expect(seen).toEqual([-errno.ENOMEM, -errno.ENOMEM]);
  });
});

describe('memory that cannot be written', () => {
  it('takes what it can since 5.10: the rest stays for the next read', () => {
    for (const kernel of modern) {
      const seen = withFile(kernel, listOperations(texts(3, 10)), function* (reader) {
        return [
          yield* reader.read(30, 12),
          yield* reader.read(30, 0),
          yield* reader.read(30),
          yield* reader.read(30),
        ];
      });
      expect(seen).toEqual(['0........\n1.', -errno.EFAULT, '.......\n2........\n', '']);
    }
  });

  it('loses nothing of one record before that, and fails as a whole', () => {
    const seen = withFile('linux-2.6.32', listOperations(texts(1, 10)), function* (reader) {
      return [yield* reader.read(30, 4), yield* reader.read(30), yield* reader.read(30)];
    });
    expect(seen).toEqual([-errno.EFAULT, '0........\n', '']);
  });
});

describe('positions', () => {
  it('older kernels refuse pread, and all refuse to seek from the end or to before 0', () => {
    const refused = Object.fromEntries(
      kernelNames.map((kernel) => [
        kernel,
        withFile(kernel, listOperations(texts(2, 10)), function* ({ k, fd }) {
          return [
            yield* pread(k, fd, new UserBuffer(5), 0),
            yield* lseek(k, fd, 0, SEEK_END),
            yield* lseek(k, fd, -1, SEEK_SET),
          ];
        }),
      ]),
    );
    const seeks = [-errno.EINVAL, -errno.EINVAL];
    expect(refused).toEqual({
      'linux-2.4.27': [-errno.EPIPE, ...seeks],
      'linux-2.6.24': [-errno.ESPIPE, ...seeks],
      'linux-2.6.32': [5, ...seeks],
      'linux-6.1': [5, ...seeks],
      'linux-6.12': [5, ...seeks],
    });
  });
});

describe('threads that share a file', () => {
  /** Two threads read it byte by byte while the driver sleeps in show(). */
  function shared(kernel: KernelName): { bytes: string; atOnce: number } {
    const bench = new Bench(kernel, { cpus: 2 });
    const records = texts(6, 4);
    let inside = 0;
    let atOnce = 0;
    let locked = 1;
    const ops: seq_operations<Place> = {
      ...listOperations(records),
      *show(k, m, v): Code<number> {
        inside++;
        atOnce = Math.max(atOnce, inside);
        locked &= mutex_is_locked(m.lock);
        yield 50_000;
        inside--;
        return yield* listOperations(records).show(k, m, v);
      },
    };
    proc_create_seq(bench.machine, 'f', 0o444, ops);
    const parts: unknown[] = [];
    bench.run('main', function* (k) {
      const reader = yield* openReader(k, '/proc/f');
      yield* pthread_create(
        k,
        function* (on) {
          parts.push(yield* readerOf(on, reader.fd).readAll([1]));
          return 0;
        },
        { cpu: 1 },
      );
      parts.push(yield* reader.readAll([1]));
      yield* usleep(k, 10_000);
    });
    bench.until();
    expect(locked).toBe(1);
    return { bytes: parts.join(''), atOnce };
  }

  it('show() runs for one of them at a time, and since 3.14 no byte is read twice', () => {
    const whole = contents(texts(6, 4));
    for (const kernel of modern) {
      const { bytes, atOnce } = shared(kernel);
      expect(atOnce).toBe(1);
      expect([...bytes].sort().join('')).toBe([...whole].sort().join(''));
    }
  });
});
