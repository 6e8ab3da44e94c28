/* Copies between a driver's array and its caller, by version; reads and writes at a position. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import type { KernelName } from '../../../models/era.ts';
import { errno } from '../../../models/errno.ts';
import {
  copyFromCaller,
  copyToCaller,
  simple_read_from_buffer,
  simple_write_to_buffer,
} from '../../../models/fs/libfs.ts';
import { IovIter, UserBuffer } from '../../../models/fs/uio.ts';
import { CharArray } from '../../../models/lib/string.ts';
import { bytesOfText, textOfBytes } from '../../../models/lib/text-bytes.ts';
import { Bench, ms } from '../user/bench.ts';

function see<T>(kernel: KernelName, body: (k: Context) => Code<T>): { result: T; log: string[] } {
  const bench = new Bench(kernel);
  const results: T[] = [];
  bench.run('usr', function* (k) {
    results.push(yield* body(k));
  });
  bench.until(10 * ms);
  return { result: results[0]!, log: bench.machine.findings.all.map(({ text }) => text) };
}

/** A caller's text of which so many bytes can be accessed. */
function offered(text: string, accessible = text.length): IovIter {
  const buffer = new UserBuffer(text.length, accessible);
  buffer.put(0, bytesOfText(text));
  return new IovIter(buffer, text.length);
}

const content = (k: Context, array: CharArray, length: number): string =>
  textOfBytes(array.load(k, 0, length, 'the test'));

describe('copyFromCaller', () => {
  it.each([
    ['linux-2.4.27', 8],
    ['linux-2.6.24', 8],
    ['linux-6.1', 6],
  ] as const)('fills with zeros what the page does not give (%s)', (kernel, left) => {
    const seen = see(kernel, function* (k) {
      const array = new CharArray('a', 16, bytesOfText('xxxxxxxxxxxxxxxx'));
      const result = yield* copyFromCaller(k, array, 0, 12, offered('0123456789ab', 6));
      return [result, content(k, array, 16)];
    });
    const copied = '012345'.slice(0, 12 - left);
    expect(seen).toEqual({ result: [left, `${copied.padEnd(12, '\0')}xxxx`], log: [] });
  });

  it('beyond the array is stopped where the compiler knows its size', () => {
    const seen = see('linux-6.1', function* (k) {
      const array = new CharArray('a', 4, bytesOfText('old'));
      return [yield* copyFromCaller(k, array, 0, 5, offered('12345')), content(k, array, 3)];
    });
    expect(seen).toEqual({ result: [5, 'old'], log: ['Buffer overflow detected (4 < 5)!'] });
  });

  it('beyond the array is done all the same before that', () => {
    const seen = see('linux-2.6.32', function* (k) {
      const array = new CharArray('a', 4);
      return [yield* copyFromCaller(k, array, 0, 5, offered('12345')), content(k, array, 4)];
    });
    expect(seen.result).toEqual([0, '1234']);
    expect(seen.log[0]).toContain('Write of size 5 at a+0, which has 4 bytes');
  });
});

describe('copyToCaller', () => {
  it('gives foreign bytes where the array has none', () => {
    const seen = see('linux-2.6.24', function* (k) {
      const to = new IovIter(new UserBuffer(6), 6);
      const array = new CharArray('a', 4, bytesOfText('abcd'));
      return [yield* copyToCaller(k, array, 2, 4, to), to.buffer.text(4)];
    });
    expect(seen.result).toEqual([0, 'cdZZ']);
    expect(seen.log).toHaveLength(1);
  });
});

describe('at a position', () => {
  it('reads go on where the last one ended, to the end', () => {
    const { result, log } = see('linux-6.1', function* (k) {
      const array = new CharArray('a', 8, bytesOfText('abcdefgh'));
      const pos = { value: 0 };
      const got: unknown[] = [];
      for (let i = 0; i < 4; i++) {
        const to = new IovIter(new UserBuffer(3), 3);
        const n = yield* simple_read_from_buffer(k, to, pos, array, 7);
        got.push(to.buffer.text(n));
      }
      const bad = new IovIter(new UserBuffer(3, 0), 3);
      return [...got, yield* simple_read_from_buffer(k, bad, { value: 0 }, array, 7)];
    });
    expect(result).toEqual(['abc', 'def', 'g', '', -errno.EFAULT]);
    expect(log).toEqual([]);
  });

  it('writes take what there is room for', () => {
    const { result } = see('linux-6.1', function* (k) {
      const array = new CharArray('a', 8);
      const pos = { value: 0 };
      const first = yield* simple_write_to_buffer(k, array, 7, pos, offered('abcd'));
      const second = yield* simple_write_to_buffer(k, array, 7, pos, offered('efgh'));
      const third = yield* simple_write_to_buffer(k, array, 7, pos, offered('ijkl'));
      return [first, second, third, content(k, array, 8)];
    });
    expect(result).toEqual([4, 3, 0, 'abcdefg\0']);
  });

  it('below 0 there is nothing', () => {
    const { result } = see('linux-6.1', function* (k) {
      const array = new CharArray('a', 8);
      return yield* simple_read_from_buffer(k, offered('x'), { value: -1 }, array, 8);
    });
    expect(result).toBe(-errno.EINVAL);
  });
});
