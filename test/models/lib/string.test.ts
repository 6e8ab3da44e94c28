/* Arrays of characters: what is in them, and what is said of those who leave them. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import {
  CharArray,
  memcpy,
  memset,
  setByte,
  sprintf,
  stringAt,
  strlen,
} from '../../../models/lib/string.ts';
import { bytesOfText, textOfBytes } from '../../../models/lib/text-bytes.ts';
import { Bench, ms } from '../user/bench.ts';

interface Seen {
  readonly result: unknown;
  readonly findings: string[];
}

function see(body: (k: Context) => Code<unknown> | unknown): Seen {
  const bench = new Bench('linux-2.6.24');
  let result: unknown = 'did not end';
  bench.run('usr', function* (k) {
    yield 0;
    const started = body(k);
    const isCode = typeof started === 'object' && started !== null && 'next' in started;
    result = isCode ? yield* started as Code<unknown> : started;
  });
  bench.until(10 * ms);
  const findings = bench.machine.findings.all.map(({ kind, text }) => `${kind}: ${text}`);
  return { result, findings };
}

const clean = (result: unknown): Seen => ({ result, findings: [] });

describe('an array', () => {
  it('holds a text and the zeros that follow it', () => {
    const array = new CharArray('a', 8, bytesOfText('abc'));
    expect(see((k) => [strlen(k, array), textOfBytes(array.load(k, 0, 5, 'x'))])).toEqual(
      clean([3, 'abc\0\0']),
    );
  });

  it('is written by sprintf, memset and assignments', () => {
    const array = new CharArray('a', 8);
    expect(
      see((k) => {
        memset(k, array, 0x78, 7);
        const printed = sprintf(k, array, 2, 'yz');
        const before = stringAt(k, array);
        setByte(k, array, 4, 0x21);
        return [printed, before, stringAt(k, array)];
      }),
    ).toEqual(clean([2, 'xxyz', 'xxyz!xx']));
  });

  it('is copied from another one', () => {
    const from = new CharArray('from', 4, bytesOfText('abcd'));
    const to = new CharArray('to', 8);
    expect(
      see(function* (k) {
        yield* memcpy(k, to, 1, from, 2, 2);
        return textOfBytes(to.load(k, 0, 4, 'x'));
      }),
    ).toEqual(clean('\0cd\0'));
  });
});

describe('who leaves an array', () => {
  const array = new CharArray('a', 4, bytesOfText('abcd'));

  it('reads what is not its own, and is reported', () => {
    expect(see((k) => textOfBytes(array.load(k, 2, 4, 'f')))).toEqual({
      result: 'cdZZ',
      findings: [
        'out-of-bounds: BUG: KASAN: out-of-bounds in f: Read of size 4 at a+2, which has 4 bytes',
      ],
    });
  });

  it('by a string without an end', () => {
    expect(see((k) => strlen(k, array)).findings).toEqual([
      'out-of-bounds: BUG: KASAN: out-of-bounds in strlen: ' +
        'Read of size 1 at a+4, which has 4 bytes',
    ]);
  });

  it('by an index below 0', () => {
    expect(see((k) => setByte(k, array, -1, 0)).findings).toEqual([
      'out-of-bounds: BUG: KASAN: out-of-bounds in an assignment: ' +
        'Write of size 1 at a-1, which has 4 bytes',
    ]);
  });

  it('by a size below 0, which is a huge one, dies of it', () => {
    const { result, findings } = see((k) => memcpy(k, array, 0, array, 0, -1));
    expect(result).toBe('did not end');
    expect(findings[0]).toContain('Write of size 4294967295 at a+0');
    expect(findings[1]).toMatch(/^bad-user-access: BUG: unable to handle kernel paging request/);
  });

  it('is told of bytes that nobody has written', () => {
    const fresh = new CharArray('fresh', 4);
    fresh.poison(0xaa);
    const seen = see((k) => {
      setByte(k, fresh, 3, 0);
      return stringAt(k, fresh).length;
    });
    expect(seen.result).toBe(3);
    expect(seen.findings).toEqual([
      'use-before-init: BUG: KMSAN: uninit-value in string: fresh is printed as it came',
    ]);
  });
});
