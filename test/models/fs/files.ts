/* Programs that read, and drivers made of records, for the tests of files. */
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import { O_RDONLY, open } from '../../../models/fs/open.ts';
import { proc_create_seq } from '../../../models/fs/proc.ts';
import { read } from '../../../models/fs/read_write.ts';
import { seq_puts, type Element, type seq_operations } from '../../../models/fs/seq_file.ts';
import { UserBuffer } from '../../../models/fs/uio.ts';
import { Bench, ms } from '../user/bench.ts';

/** A record: its text, what show() returns for it. */
export interface Shown {
  readonly text: string;
  readonly result?: number;
}

/** An element of the sequence: a place in the list. */
export interface Place {
  readonly index: number;
}

/** Iterates over a list that may change; notes the calls. */
export function listOperations(
  records: readonly Shown[],
  calls: string[] = [],
): seq_operations<Place> {
  const at = (index: number): Element<Place> => (index < records.length ? { index } : null);
  return {
    *start(_k, _m, pos) {
      calls.push(`start(${pos.value})`);
      yield 0;
      return at(pos.value);
    },
    *next(_k, _m, _v, pos) {
      pos.value++;
      calls.push(`next->${pos.value}`);
      yield 0;
      return at(pos.value);
    },
    *stop(_k, _m, v) {
      calls.push(v === null ? 'stop(NULL)' : 'stop(v)');
      yield 0;
    },
    *show(_k, m, { index }) {
      calls.push(`show(${index})`);
      yield 0;
      seq_puts(m, records[index]!.text);
      return records[index]!.result ?? 0;
    },
  };
}

export interface Reader {
  readonly k: Context;
  readonly fd: number;
  /** The bytes of one read() as text, or its error. */
  read(size: number, accessible?: number): Code<string | number>;
  /** Reads in turns of these sizes until nothing more comes or an error does. */
  readAll(sizes: readonly number[]): Code<string | number>;
}

/** A process that opens the file. */
export function* openReader(k: Context, path: string): Code<Reader> {
  return readerOf(k, yield* open(k, path, O_RDONLY));
}

/** A process, or a thread of one, with the file open. */
export function readerOf(k: Context, fd: number): Reader {
  function* readText(size: number, accessible = size): Code<string | number> {
    const buffer = new UserBuffer(size, accessible);
    const got = yield* read(k, fd, buffer);
    return got < 0 ? got : buffer.text(got);
  }
  return {
    k,
    fd,
    read: readText,
    *readAll(sizes) {
      let all = '';
      for (let turn = 0; ; turn++) {
        const got = yield* readText(sizes[turn % sizes.length]!);
        if (typeof got === 'number') return got;
        if (got === '') return all;
        all += got;
      }
    },
  };
}

/** Runs one program that has opened `/proc/f` over these operations; what it returns. */
export function withFile<T, R>(
  kernel: KernelName,
  ops: seq_operations<T>,
  program: (reader: Reader) => Code<R>,
): R {
  const bench = new Bench(kernel);
  proc_create_seq(bench.machine, 'f', 0o444, ops);
  const results: R[] = [];
  bench.run('reader', function* (k) {
    results.push(yield* program(yield* openReader(k, '/proc/f')));
  });
  bench.until(100 * ms);
  if (results.length === 0) throw new Error('the program did not end');
  return results[0]!;
}
