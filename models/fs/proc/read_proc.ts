/*
 * The file of an entry with read_proc() and write_proc(), fs/proc/generic.c of 2.4.27, 2.6.24 and
 * 2.6.32: proc_file_read() calls read_proc() until the reader has enough, and takes what *start
 * says of the page. Left out: get_info, which is read_proc without *eof.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import { kmalloc } from '../../mm/slab.ts';
import { might_fault } from '../../mm/pagefault.ts';
import { printk } from '../../printk.ts';
import type { OpenedFile, Position } from '../file.ts';
import { SEEK_CUR, SEEK_SET } from '../read_write.ts';
import { PAGE_SIZE } from '../seq_file.ts';
import { copy_to_iter, iov_iter_count, type IovIter } from '../uio.ts';
import type { ProcDirEntry, ReadProcCall } from './entry.ts';
import { procEras } from './era.ts';
import { ProcPage } from './page.ts';

/** One page, but output routines use some slack for overruns. */
export const PROC_BLOCK_SIZE = PAGE_SIZE - 1024;
/** The last position that a file has which was not opened with O_LARGEFILE. */
const MAX_NON_LFS = 0x7fffffff;

/** The bytes of the page that go to the reader, and how far the position moves for them. */
interface Taken {
  readonly offset: number;
  readonly n: number;
  /** Null: by what was copied. */
  readonly advance: number | null;
}

/** The reader's memory is `to`, the position moves with what it gets. */
export function* proc_file_read(
  k: Context,
  dp: ProcDirEntry,
  to: IovIter,
  pos: Position,
): Code<number> {
  if (pos.value > MAX_NON_LFS) return 0;
  to.count = Math.min(to.count, MAX_NON_LFS - pos.value);
  if ((yield* kmalloc(k, 'GFP_KERNEL', null)) === 0) return -errno.ENOMEM;
  const page = new ProcPage();
  let retval = 0;
  let eof = false;
  while (iov_iter_count(to) > 0 && !eof) {
    const count = Math.min(PROC_BLOCK_SIZE, iov_iter_count(to));
    if (dp.read_proc === null) break;
    const { data } = dp;
    const call: ReadProcCall = { page, off: pos.value, count, data, start: { style: 0 }, eof };
    const result = yield* dp.read_proc(k, call);
    ({ eof } = call);
    const taken = takenOf(k, result, call);
    if (typeof taken === 'number') {
      if (retval === 0) retval = taken;
      break;
    }
    yield* might_fault(k, 'copy_to_user');
    const bytes = page.taken(k, taken.offset, taken.n);
    reportExcess(k, dp, taken.n, to);
    const n = copy_to_iter(k, bytes, to);
    if (n === 0) {
      if (retval === 0) retval = -errno.EFAULT;
      break;
    }
    pos.value += taken.advance ?? n;
    retval += n;
  }
  yield k.machine.costs.call;
  return retval;
}

/** What a call of read_proc() has provided; a number: the end (0) or an error. */
function takenOf(k: Context, result: number, { start, off, count }: ReadProcCall): Taken | number {
  const era = procEras[k.machine.era.name];
  if (result === 0) return 0;
  if (result < 0 && (era.readErrors || start.style !== 0)) return result;
  if (start.style === 0) {
    const n = (era.checksPage ? withinPage(k, result, 0) : result) - off;
    return n <= 0 ? 0 : { offset: off, n: Math.min(n, count), advance: null };
  }
  if (start.style === 1) {
    const n = era.checksPage ? withinPage(k, result, 0) : result;
    if (era.checksPage && n > count) printk(k, 'proc_file_read: Read count exceeded');
    return { offset: 0, n, advance: start.value };
  }
  const n = era.checksPage ? Math.min(withinPage(k, result, start.value), count) : result;
  return { offset: start.value, n, advance: null };
}

/** Too late: what was written beyond the page has been written. */
function withinPage(k: Context, n: number, start: number): number {
  if (n <= PAGE_SIZE - start) return n;
  printk(k, 'proc_file_read: Apparent buffer overflow!');
  return PAGE_SIZE - start;
}

/** More than the reader has asked for goes to its memory: what follows its buffer is damaged. */
function reportExcess(k: Context, dp: ProcDirEntry, n: number, to: IovIter): void {
  const room = iov_iter_count(to);
  if (n <= room) return;
  const text =
    `BUG: KASAN: out-of-bounds in copy_to_user: Write of size ${n} ` +
    `where the reader of /proc/${dp.path} has room for ${room}`;
  k.machine.findings.report(k.cpu, 'out-of-bounds', text, dp.name);
}

/** The position counts for nothing: each write() is one call of write_proc(). */
export function* proc_file_write(
  k: Context,
  dp: ProcDirEntry,
  file: OpenedFile,
  from: IovIter,
): Code<number> {
  yield k.machine.costs.call;
  if (dp.write_proc === null) return -errno.EIO;
  return yield* dp.write_proc(k, file, from, iov_iter_count(from), dp.data);
}

export function* proc_file_lseek(
  k: Context,
  file: OpenedFile,
  offset: number,
  whence: number,
): Code<number> {
  yield k.machine.costs.call;
  const target = whence === SEEK_CUR ? file.f_pos + offset : offset;
  const fromEnd = whence !== SEEK_CUR && whence !== SEEK_SET;
  // 2.4 counts from the size, which is 0.
  if (fromEnd && procEras[k.machine.era.name].checksPage) return -errno.EINVAL;
  if (target < 0 || target > MAX_NON_LFS) return -errno.EINVAL;
  file.f_pos = target;
  return target;
}
