import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import { kernelNames, type KernelName } from '../../../models/era.ts';
import { PROT_READ } from '../../../models/mm/mm.ts';
import { do_mprotect } from '../../../models/mm/mmap.ts';
import { PAGE_SIZE } from '../../../models/mm/page.ts';
import { active_mm, pagefault_disable, pagefault_enable } from '../../../models/mm/pagefault.ts';
import * as user from '../../../models/mm/uaccess.ts';
import { inSyscall } from '../../../scenarios/conformance/in-syscall.ts';
import { anonymous, beforeBadPage, pattern } from './in-process.ts';

const kernel = fc.constantFrom(...kernelNames);
const size = fc.integer({ min: 0, max: 300 });
/** Kernel buffers are 0xee at first. */
const UNTOUCHED = 0xee;
/** Bytes of user memory that are looked at. */
const WINDOW = 400;

describe('a copy that runs into a page without access', () => {
  it('from user: copied and left add up, what was copied is exact, the rest is zero', () => {
    fc.assert(
      fc.property(kernel, size, size, fc.integer({ min: 0, max: 7 }), (era, n, good, align) => {
        const content = pattern(good);
        const to = new Uint8Array(align + n + 8).fill(UNTOUCHED).subarray(align);
        const left = beforeBadPage(
          content,
          (k, end) => user.copy_from_user(k, to, end - good, n),
          era,
        );
        const copied = n - left;
        expect(left).toBeGreaterThanOrEqual(n - Math.min(n, good));
        expect(copied).toBeGreaterThanOrEqual(Math.min(n, good) - 3);
        expect(to.subarray(0, copied)).toEqual(content.subarray(0, copied));
        expect(to.subarray(copied, n)).toEqual(new Uint8Array(left));
        expect(to.subarray(n)).toEqual(new Uint8Array(8).fill(UNTOUCHED));
      }),
    );
  });

  it('from user without zeroing: what was not copied stays as it was', () => {
    fc.assert(
      fc.property(kernel, size, size, (era, n, good) => {
        const to = new Uint8Array(n).fill(UNTOUCHED);
        const left = beforeBadPage(
          pattern(good),
          (k, end) => user.raw_copy_from_user(k, to, end - good, n),
          era,
        );
        expect(to.subarray(n - left)).toEqual(new Uint8Array(left).fill(UNTOUCHED));
      }),
    );
  });

  it('to user: exactly the copied bytes are written, none beside them', () => {
    fc.assert(
      fc.property(kernel, size, size, (era, n, good) => {
        const from = pattern(n);
        const [left, page] = beforeBadPage(
          new Uint8Array(WINDOW).fill(UNTOUCHED),
          function* (k, end, mm) {
            const rest = yield* user.copy_to_user(k, end - good, from, n);
            const bytes = new Uint8Array(WINDOW);
            mm.load(end - WINDOW, bytes);
            return [rest, bytes] as const;
          },
          era,
        );
        const expected = new Uint8Array(WINDOW).fill(UNTOUCHED);
        expected.set(from.subarray(0, n - left), WINDOW - good);
        expect(page).toEqual(expected);
        expect(left).toBeGreaterThanOrEqual(n - Math.min(n, good));
      }),
    );
  });

  it('on Linux 6.1 leaves exactly what cannot be accessed', () => {
    fc.assert(
      fc.property(size, size, (n, good) => {
        const left = beforeBadPage(pattern(good), (k, end) =>
          user.copy_from_user(k, new Uint8Array(n), end - good, n),
        );
        expect(left).toBe(Math.max(0, n - good));
      }),
    );
  });
});

describe('copy_from_user on i386', () => {
  const vectors = readFileSync('test/fixtures/mm/copy_from_user_i386.csv', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(',').map(Number) as [number, number, number, number]);

  it('leaves what the copy loop of 2.6 leaves, for each destination, size and fault', () => {
    expect(vectors).toHaveLength(292);
    for (const [align, n, good, left] of vectors) {
      const to = new Uint8Array(align + n).subarray(align);
      const found = beforeBadPage(
        pattern(good),
        (k, end) => user.copy_from_user(k, to, end - good, n),
        'linux-2.6.32',
      );
      expect([align, n, good, found]).toEqual([align, n, good, left]);
      const content = Uint8Array.from(pattern(good).subarray(0, n - left));
      expect(to).toEqual(Uint8Array.from([...content, ...new Uint8Array(left)]));
    }
  });

  it.each([
    ['linux-2.4.27', 5, 16, 6, 12],
    ['linux-2.6.24', 5, 16, 6, 13],
    ['linux-2.4.27', 0, 7, 3, 7],
    ['linux-2.6.24', 0, 7, 3, 4],
  ] as const)('%s to ...%i: of %i bytes with %i accessible leaves %i', (era, to, n, good, left) => {
    const buffer = new Uint8Array(to + n).subarray(to);
    const copy = beforeBadPage(
      pattern(good),
      (k, end) => user.copy_from_user(k, buffer, end - good, n),
      era,
    );
    expect(copy).toBe(left);
  });
});

describe('clear_user', () => {
  it.each<[KernelName, number, number, number]>([
    ['linux-6.1', 16, 12, 8],
    ['linux-6.1', 63, 50, 15],
    ['linux-6.1', 64, 62, 2],
    ['linux-6.12', 16, 12, 4],
    ['linux-2.6.32', 16, 13, 4],
    ['linux-2.4.27', 15, 13, 2],
  ])('on %s, of %i bytes with %i accessible, leaves %i', (era, n, good, left) => {
    const [found, rest] = beforeBadPage(
      pattern(good),
      function* (k, end, mm) {
        const result = yield* user.clear_user(k, end - good, n);
        const bytes = new Uint8Array(good);
        mm.load(end - good, bytes);
        return [result, bytes.findIndex((byte) => byte !== 0)] as const;
      },
      era,
    );
    expect([found, rest]).toEqual([left, n - left === good ? -1 : n - left]);
  });
});

describe('access_ok', () => {
  it.each<[KernelName, number, number, boolean]>([
    ['linux-6.1', 0, 16, true],
    ['linux-6.1', 2 ** 56 - 8192, 4096, true],
    ['linux-6.1', 2 ** 56 - 8192, 4097, false],
    ['linux-6.1', -1, 1, false],
    ['linux-6.1', 0, -1, false],
    ['linux-2.6.32', 0xbfffffff, 1, true],
    ['linux-2.6.32', 0xbfffffff, 2, false],
    ['linux-2.6.32', 0xc0000000, 0, true],
    ['linux-2.4.27', 0xc0000001, 0, false],
  ])('on %s at %i for %i bytes: %s', (era, address, n, ok) => {
    const found = inSyscall(function* (k) {
      yield 0;
      return user.access_ok(k, address, n);
    }, era);
    expect(found).toBe(ok);
  });

  it('refuses a copy from the kernel with the whole buffer set to zero', () => {
    const to = new Uint8Array(16).fill(UNTOUCHED);
    expect(inSyscall((k) => user.copy_from_user(k, to, -4096, 16))).toBe(16);
    expect(to).toEqual(new Uint8Array(16));
  });
});

describe('values', () => {
  it('come back as they were put, across a page border too', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom(1 as const, 2 as const, 4 as const),
        fc.integer({ min: 0, max: 12 }),
        (value, bytes, before) => {
          const found = inSyscall(function* (k) {
            const at = anonymous(active_mm(k)!, 2) + PAGE_SIZE - before;
            expect(yield* user.put_user(k, value, at, bytes)).toBe(0);
            return yield* user.get_user(k, at, bytes);
          });
          const kept = bytes === 4 ? value : value & (bytes === 1 ? 0xff : 0xffff);
          expect(found).toEqual({ error: 0, value: kept });
        },
      ),
    );
  });

  it('are written whole or not at all', () => {
    const [error, byte] = beforeBadPage(pattern(2), function* (k, end) {
      const result = yield* user.put_user(k, 77, end - 2);
      return [result, (yield* user.get_user(k, end - 2, 2)).value] as const;
    });
    expect([error, byte]).toEqual([-errno.EFAULT, 0x0201]);
  });
});

describe('demand paging', () => {
  it('reads zeros from a page that was never touched, and keeps what is written then', () => {
    const [first, second, faults] = inSyscall(function* (k) {
      const mm = active_mm(k)!;
      const at = anonymous(mm, 1);
      const before = yield* user.get_user(k, at);
      yield* user.put_user(k, 5, at);
      return [before, yield* user.get_user(k, at), mm.min_flt] as const;
    });
    expect(first).toEqual({ error: 0, value: 0 });
    expect(second).toEqual({ error: 0, value: 5 });
    expect(faults).toBe(2);
  });

  it('fails at once where page faults are disabled, and works again after', () => {
    for (const era of ['linux-6.1', 'linux-2.6.32'] as const) {
      const found = inSyscall(function* (k) {
        const at = anonymous(active_mm(k)!, 1);
        pagefault_disable(k);
        const off = yield* user.__copy_from_user_inatomic(k, new Uint8Array(16), at, 16);
        yield* pagefault_enable(k);
        const on = yield* user.copy_from_user(k, new Uint8Array(16), at, 16);
        return [off, on, k.cpu.preempt_count];
      }, era);
      expect([era, ...found]).toEqual([era, 16, 0, 0]);
    }
  });

  it('has no pagefault_disable in 2.4', () => {
    const call = (): unknown =>
      inSyscall(function* (k) {
        yield 0;
        pagefault_disable(k);
      }, 'linux-2.4.27');
    expect(call).toThrow('linux-2.4.27 has no pagefault_disable');
  });

  it('does not let the kernel write to what is read-only', () => {
    const left = inSyscall(function* (k) {
      const mm = active_mm(k)!;
      const at = anonymous(mm, 2);
      yield* user.put_user(k, 1, at);
      do_mprotect(mm, at, PAGE_SIZE, PROT_READ);
      return [
        yield* user.copy_to_user(k, at, pattern(16), 16),
        yield* user.copy_to_user(k, at + PAGE_SIZE, pattern(16), 16),
        (yield* user.get_user(k, at)).value,
      ];
    });
    expect(left).toEqual([16, 0, 1]);
  });
});
