/*
 * Strings in user memory: lib/strncpy_from_user.c and lib/strnlen_user.c of 6.1.192, which read 8
 * bytes at a time; arch/i386/lib/usercopy.c (2.4) and arch/x86/lib/usercopy_32.c (2.6), which go
 * byte by byte.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { might_fault, mmEra } from './pagefault.ts';
import { access_ok, unsafe_get_user } from './uaccess.ts';

/** sizeof(unsigned long). */
const WORD = 8;

/**
 * Copies at most `count` bytes, the NUL included: the length of the string, `count` if it has no
 * NUL so far, or -EFAULT. Where words are read, zeros follow the NUL up to the end of its word.
 */
export function* strncpy_from_user(
  k: Context,
  dst: Uint8Array,
  src: number,
  count: number,
): Code<number> {
  yield* might_fault(k, 'strncpy_from_user');
  if (count <= 0) return 0;
  const max = maxOf(k, src, count);
  if (max === 0) return -errno.EFAULT;
  let res = 0;
  while (mmEra(k).stringWords && max - res >= WORD) {
    const word = yield* unsafe_get_user(k, src + res, WORD);
    if (word === null) break;
    const nul = word.indexOf(0);
    if (nul >= 0) word.fill(0, nul);
    dst.set(word, res);
    if (nul >= 0) return res + nul;
    res += WORD;
  }
  for (; res < max; res++) {
    const byte = yield* unsafe_get_user(k, src + res, 1);
    if (byte === null) return -errno.EFAULT;
    dst.set(byte, res);
    if (byte[0] === 0) return res;
  }
  return res >= count ? res : -errno.EFAULT;
}

/** How many of `count` bytes at `src` lie below TASK_SIZE. */
function maxOf(k: Context, src: number, count: number): number {
  if (!access_ok(k, src, 1)) return 0;
  return Math.min(count, mmEra(k).taskSize - src);
}

/** The length with its NUL; a larger number than `count` if that is too small; 0 for a fault. */
export function strnlen_user(k: Context, src: number, count: number): Code<number> {
  return mmEra(k).stringWords ? strnlen_words(k, src, count) : strnlen_bytes(k, src, count);
}

/** Reads whole aligned words, and so may find a NUL that lies beyond `count`. */
function* strnlen_words(k: Context, src: number, count: number): Code<number> {
  if (count <= 0) return 0;
  const max = maxOf(k, src, count);
  if (max === 0) return 0;
  const align = src % WORD;
  for (let res = 0; res < max + align; res += WORD) {
    const word = yield* unsafe_get_user(k, src - align + res, WORD);
    if (word === null) return 0;
    if (res === 0) word.fill(0xff, 0, align);
    const nul = word.indexOf(0);
    if (nul >= 0) return res + nul + 1 - align;
  }
  return max >= count ? count + 1 : 0;
}

function* strnlen_bytes(k: Context, src: number, count: number): Code<number> {
  yield* might_fault(k, 'strnlen_user');
  if (!access_ok(k, src, 1)) return 0;
  if (count === 0) return mmEra(k).strnlenOfNone;
  for (let length = 1; length <= count; length++) {
    const byte = yield* unsafe_get_user(k, src + length - 1, 1);
    if (byte === null) return 0;
    if (byte[0] === 0) return length;
  }
  return count + 1;
}
