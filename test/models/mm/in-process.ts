/* A user process with memory, for tests of what the kernel does to it. */
import type { Code, Context } from '../../../models/context.ts';
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  type MmStruct,
} from '../../../models/mm/mm.ts';
import { do_mmap, do_mprotect } from '../../../models/mm/mmap.ts';
import { PAGE_SIZE } from '../../../models/mm/page.ts';
import { active_mm } from '../../../models/mm/pagefault.ts';
import { copy_to_user } from '../../../models/mm/uaccess.ts';
import type { KernelName } from '../../../models/era.ts';
import { inSyscall } from '../../../scenarios/conformance/in-syscall.ts';

export const RW = PROT_READ | PROT_WRITE;

export function anonymous(mm: MmStruct, pages: number, prot = RW): number {
  return do_mmap(mm, { len: pages * PAGE_SIZE, prot, flags: MAP_PRIVATE | MAP_ANONYMOUS });
}

/** Different bytes, none of them 0. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i % 251) + 1);
}

/**
 * Runs `body` in a system call of a process with three pages, the last inaccessible; `end` is
 * where that begins, and the bytes before it hold `content`.
 */
export function beforeBadPage<T>(
  content: Uint8Array,
  body: (k: Context, end: number, mm: MmStruct) => Code<T>,
  kernel: KernelName = 'linux-6.1',
): T {
  return inSyscall(function* (k) {
    const mm = active_mm(k)!;
    const end = anonymous(mm, 3) + 2 * PAGE_SIZE;
    do_mprotect(mm, end, PAGE_SIZE, PROT_NONE);
    yield* copy_to_user(k, end - content.length, content, content.length);
    return yield* body(k, end, mm);
  }, kernel);
}
