import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errno } from '../../../models/errno.ts';
import { kernelNames } from '../../../models/era.ts';
import { mmEras } from '../../../models/mm/era.ts';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MmStruct,
  PROT_NONE,
  PROT_READ,
} from '../../../models/mm/mm.ts';
import {
  do_brk,
  do_mmap,
  do_mprotect,
  do_munmap,
  dup_mm,
  exit_mmap,
} from '../../../models/mm/mmap.ts';
import { PAGE_SIZE, Page } from '../../../models/mm/page.ts';
import { RW, anonymous } from './in-process.ts';

const newMm = (): MmStruct => new MmStruct(mmEras['linux-6.1']);

function ranges(mm: MmStruct): number[][] {
  return mm.vmas.map(({ start, end, prot }) => [start / PAGE_SIZE, end / PAGE_SIZE, prot]);
}

describe('an address space', () => {
  it('holds mappings in order and without overlap, whatever is asked of it', () => {
    const page = fc.integer({ min: 16, max: 40 });
    const pages = fc.integer({ min: 0, max: 6 });
    const call = fc.tuple(fc.constantFrom('mmap', 'munmap', 'mprotect', 'any'), page, pages);
    fc.assert(
      fc.property(fc.constantFrom(...kernelNames), fc.array(call), (kernel, calls) => {
        const mm = new MmStruct(mmEras[kernel]);
        const model = new Set<number>();
        for (const [name, at, count] of calls) {
          const [addr, len] = [at * PAGE_SIZE, count * PAGE_SIZE];
          const range = Array.from({ length: count }, (_, i) => at + i);
          if (name === 'mmap' && do_mmap(mm, { addr, len, prot: RW, flags: MAP_FIXED }) >= 0) {
            for (const one of range) model.add(one);
          } else if (name === 'munmap' && do_munmap(mm, addr, len) === 0) {
            for (const one of range) model.delete(one);
          } else if (name === 'mprotect') {
            const holes = range.some((one) => !model.has(one));
            expect(do_mprotect(mm, addr, len, PROT_READ)).toBe(holes ? -errno.ENOMEM : 0);
          } else if (name === 'any' && count > 0) {
            const chosen = anonymous(mm, count);
            expect(chosen).toBeGreaterThan(0x1000000);
            do_munmap(mm, chosen, len);
          }
          const mapped = ranges(mm).flatMap(([start, end]) =>
            Array.from({ length: end! - start! }, (_, i) => start! + i),
          );
          expect(mapped).toEqual([...model].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('places mappings below each other, in 2.4 above each other', () => {
    const mm = newMm();
    const [a, b] = [anonymous(mm, 2), anonymous(mm, 1)];
    expect(b).toBe(a - PAGE_SIZE);
    const old = new MmStruct(mmEras['linux-2.4.27']);
    expect([anonymous(old, 2), anonymous(old, 1)]).toEqual([0x40000000, 0x40002000]);
  });

  it('refuses no length, a crooked address and what lies beyond user space', () => {
    const mm = newMm();
    const flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS;
    expect(do_mmap(mm, { len: 0, prot: RW, flags })).toBe(-errno.EINVAL);
    expect(do_mmap(mm, { addr: 5, len: 1, prot: RW, flags })).toBe(-errno.EINVAL);
    expect(do_mmap(mm, { addr: 2 ** 56, len: 1, prot: RW, flags })).toBe(-errno.ENOMEM);
    expect(do_mmap(mm, { addr: -PAGE_SIZE, len: 1, prot: RW, flags })).toBe(-errno.ENOMEM);
    expect(do_munmap(mm, 1, PAGE_SIZE)).toBe(-errno.EINVAL);
  });

  it('loses the protection of part of a mapping only there', () => {
    const mm = newMm();
    const at = anonymous(mm, 3);
    do_mprotect(mm, at + PAGE_SIZE, PAGE_SIZE, PROT_NONE);
    const first = at / PAGE_SIZE;
    expect(ranges(mm)).toEqual([
      [first, first + 1, RW],
      [first + 1, first + 2, PROT_NONE],
      [first + 2, first + 3, RW],
    ]);
  });

  it('grows and shrinks the heap, and keeps it where it cannot', () => {
    const mm = newMm();
    const start = mm.brk;
    expect(do_brk(mm, start + 10_000)).toBe(start + 10_000);
    expect(mm.vmaAt(start + 9_999)).not.toBeNull();
    expect(do_brk(mm, start - 1)).toBe(start + 10_000);
    expect(do_brk(mm, start)).toBe(start);
    expect(mm.vmas).toEqual([]);
    do_mmap(mm, { addr: 0x8050000, len: 1, prot: RW, flags: MAP_FIXED });
    expect(do_brk(mm, 0x8052000)).toBe(start);
  });
});

describe('fork', () => {
  it('shares private pages until one side writes, and shared ones for good', () => {
    const parent = newMm();
    const own = anonymous(parent, 1);
    parent.set_pte(own, { page: new Page(), writable: true });
    parent.store(own, Uint8Array.of(1));
    const shared = do_mmap(parent, { len: 1, prot: RW, flags: MAP_SHARED });
    const { file } = parent.vmaAt(shared)!;
    parent.set_pte(shared, { page: file!.page(0)!, writable: true });
    const child = dup_mm(parent);
    for (const mm of [parent, child]) {
      expect(mm.isAccessible(own, false)).toBe(true);
      expect(mm.isAccessible(own, true)).toBe(false);
      expect(mm.isAccessible(shared, true)).toBe(true);
    }
    child.store(shared, Uint8Array.of(7));
    const seen = new Uint8Array(1);
    parent.load(shared, seen);
    expect(seen[0]).toBe(7);
  });

  it('counts the users of a page down to none when all have gone', () => {
    const parent = newMm();
    const own = anonymous(parent, 1);
    const page = new Page();
    parent.set_pte(own, { page, writable: true });
    const child = dup_mm(parent);
    expect(page.users).toBe(2);
    exit_mmap(parent);
    expect(page.users).toBe(1);
    exit_mmap(child);
    expect([page.users, child.vmas, child.ptes.size]).toEqual([0, [], 0]);
  });
});
