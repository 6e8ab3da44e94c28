/*
 * What drivers do in read() and write() with an array of theirs and the memory of the caller:
 * copy_from_user(), copy_to_user(), and simple_read_from_buffer() and simple_write_to_buffer() of
 * fs/libfs.c. A size is an unsigned long: one below 0 is a huge one.
 *
 * Sources: include/linux/uaccess.h and thread_info.h (check_copy_size) of 6.1; lib/usercopy.c of
 * 2.4 and arch/x86/lib/usercopy_32.c of 2.6.32, which fill the destination with zeros when the
 * range of the source is refused.
 */
import { copyOverflowText } from '../checks/out-of-bounds.ts';
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { ACCESS_WRITE } from '../instrumented.ts';
import { END_OF_MODULE, type CharArray } from '../lib/string.ts';
import { mmEras } from '../mm/era.ts';
import { bytesLeft } from '../mm/fixup.ts';
import { page_fault_oops } from '../mm/fault.ts';
import { might_fault } from '../mm/pagefault.ts';
import { printk } from '../printk.ts';
import type { Position } from './file.ts';
import { copy_to_iter, iov_iter_count, type IovIter } from './uio.ts';

/** check_copy_size(): the compiler knows how long an array is (2.6.33). False: do not copy. */
function fits(k: Context, array: CharArray, offset: number, n: number): boolean {
  const { copyChecksSize } = mmEras[k.machine.era.name];
  const room = array.size - offset;
  if (!copyChecksSize || (n >= 0 && n <= room)) return true;
  const text = copyOverflowText(room, n);
  k.machine.findings.report(k.cpu, 'out-of-bounds', text, array.name);
  printk(k, text);
  return false;
}

/** copy_from_user(to + offset, buffer, n) in a write(): bytes that could not be copied. */
export function* copyFromCaller(
  k: Context,
  to: CharArray,
  offset: number,
  n: number,
  from: IovIter,
): Code<number> {
  yield* might_fault(k, 'copy_from_user');
  if (!fits(k, to, offset, n)) return n;
  to.instrument(k, ACCESS_WRITE);
  if (n < 0) {
    // The range ends beyond user space: "the destination is zeroed", all 4 GiB of it.
    to.report(k, offset, n >>> 0, 'memset', 'Write');
    to.store(k, offset, new Uint8Array(to.size - offset), 'memset');
    yield* page_fault_oops(k, END_OF_MODULE);
  }
  const { buffer } = from;
  const good = Math.min(n, Math.max(0, buffer.accessible));
  const left = good === n ? 0 : bytesLeft(mmEras[k.machine.era.name].copyLoop)(0, n, good);
  const bytes = new Uint8Array(n);
  bytes.set(buffer.bytes(0, n - left));
  yield Math.floor((n * k.machine.costs.copy_per_kib) / 1024);
  to.store(k, offset, bytes, 'copy_from_user');
  return left;
}

/** copy_to_user(buffer, from + offset, n) in a read(): bytes that could not be copied. */
export function* copyToCaller(
  k: Context,
  from: CharArray,
  offset: number,
  n: number,
  to: IovIter,
): Code<number> {
  yield* might_fault(k, 'copy_to_user');
  if (!fits(k, from, offset, n)) return n;
  if (n < 0) return n;
  from.instrument(k, 0);
  return n - copy_to_iter(k, from.load(k, offset, n, 'copy_to_user'), to);
}

/** The bytes read, from the first `available` of the array; -EFAULT if none could be copied. */
export function* simple_read_from_buffer(
  k: Context,
  to: IovIter,
  pos: Position,
  from: CharArray,
  available: number,
): Code<number> {
  if (pos.value < 0) return -errno.EINVAL;
  const count = Math.min(iov_iter_count(to), available - pos.value);
  if (count <= 0) return 0;
  const left = yield* copyToCaller(k, from, pos.value, count, to);
  if (left === count) return -errno.EFAULT;
  pos.value += count - left;
  return count - left;
}

/** The bytes written, to at most the first `available` of the array. */
export function* simple_write_to_buffer(
  k: Context,
  to: CharArray,
  available: number,
  pos: Position,
  from: IovIter,
): Code<number> {
  if (pos.value < 0) return -errno.EINVAL;
  const count = Math.min(iov_iter_count(from), available - pos.value);
  if (count <= 0) return 0;
  const left = yield* copyFromCaller(k, to, pos.value, count, from);
  if (left === count) return -errno.EFAULT;
  pos.value += count - left;
  return count - left;
}
