/*
 * The system calls mmap, munmap and mprotect, arch/x86/kernel/sys_x86_64.c, mm/mmap.c and
 * mm/mprotect.c: anonymous memory, or what the driver of a device maps in its mmap() method. The
 * mapping keeps the file open. Left out: mmap_lock, a hint where to map, vm_operations_struct.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { MAP_ANONYMOUS, MAP_SHARED, PROT_WRITE, type MmStruct } from '../mm/mm.ts';
import { do_mmap, do_mprotect, do_munmap, type MmapOptions } from '../mm/mmap.ts';
import { AddressSpace, PAGE_SIZE } from '../mm/page.ts';
import { active_mm } from '../mm/pagefault.ts';
import { withFile } from '../user/file.ts';
import { systemCall } from '../user/signals.ts';
import { FMODE_READ, FMODE_WRITE, OpenedFile } from './file.ts';

export interface MmapArguments {
  readonly addr: number;
  readonly len: number;
  readonly prot: number;
  readonly flags: number;
  readonly fd: number;
  /** In bytes: whole pages. */
  readonly offset: number;
}

/** The address of the mapping, or a negative error number. */
export function mmap(k: Context, args: MmapArguments): Code<number> {
  return changing(k, 'mmap', function* (mm) {
    const { addr, len, prot, flags, fd, offset } = args;
    if (offset % PAGE_SIZE !== 0) return -errno.EINVAL;
    const options = { addr, len, prot, flags };
    if ((flags & MAP_ANONYMOUS) !== 0) return do_mmap(mm, options);
    const pgoff = offset / PAGE_SIZE;
    return yield* withFile(k, fd, (file) => mapFile(k, mm, file, { ...options, pgoff }));
  });
}

/** The part of do_mmap() and mmap_region() that is about the file. */
function* mapFile(k: Context, mm: MmStruct, file: unknown, options: MmapOptions): Code<number> {
  if (options.len <= 0) return -errno.EINVAL;
  if (!(file instanceof OpenedFile)) return -errno.ENODEV;
  const writes = (options.flags & MAP_SHARED) !== 0 && (options.prot & PROT_WRITE) !== 0;
  if (writes && (file.f_mode & FMODE_WRITE) === 0) return -errno.EACCES;
  if ((file.f_mode & FMODE_READ) === 0) return -errno.EACCES;
  const method = file.f_op.mmap;
  if (method === undefined) return -errno.ENODEV;
  // A page that the driver does not map is not there.
  const pages = new AddressSpace('device', 'device', 0);
  const start = do_mmap(mm, { ...options, file: pages, vm_file: file });
  if (start < 0) return start;
  const error = yield* method(k, file, mm.vmaAt(start)!);
  if (error >= 0) return start;
  do_munmap(mm, start, options.len);
  return error;
}

export function munmap(k: Context, addr: number, len: number): Code<number> {
  return changing(k, 'munmap', (mm) => do_munmap(mm, addr, len));
}

export function mprotect(k: Context, addr: number, len: number, prot: number): Code<number> {
  return changing(k, 'mprotect', (mm) => do_mprotect(mm, addr, len, prot));
}

/** A call that changes the address space; then it lets go of the files of what is gone. */
function changing(
  k: Context,
  name: string,
  change: (mm: MmStruct) => Code<number> | number,
): Code<number> {
  return systemCall(k, name, function* () {
    const mm = active_mm(k)!;
    yield k.step(mm, k.machine.costs.call);
    const started = change(mm);
    const result = typeof started === 'number' ? started : yield* started;
    for (const file of mm.fputs.splice(0)) yield* file.release(k);
    return result;
  });
}
