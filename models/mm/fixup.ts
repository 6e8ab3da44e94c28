/*
 * How many bytes a user copy says it left when it faults: what the fix-up code computes from the
 * registers at the faulting instruction. The bytes before them have been copied.
 *
 * Sources: __copy_user and __copy_user_zeroing of asm-i386/uaccess.h (2.4) and of
 * arch/x86/lib/usercopy_32.c (2.6), copy_user_64.S and clear_user_erms of 6.1.192. The variant of
 * 2.6 for Intel processors (CONFIG_X86_INTEL_USERCOPY, 64 bytes and more that are not aligned to
 * each other) and the special cases of sizes 1, 2 and 4 that the compiler knows are left out.
 */

/** `size` bytes were to go to `to`, of which the first `good` can be accessed; good < size. */
export type BytesLeft = (to: number, size: number, good: number) => number;

/** Every path of copy_user_64.S ends in .Lcopy_user_handle_tail, which goes byte by byte. */
export const everyByte: BytesLeft = (_to, size, good) => size - good;

/** `rep movsl`, then `rep movsb`: a word that faults has not been copied at all. */
export function wordsThenBytes(word: number): BytesLeft {
  return (_to, size, good) => {
    const words = size - (size % word);
    return good < words ? size - (good - (good % word)) : size - good;
  };
}

/** Copies the bytes up to a destination on 8 bytes, then words of 4, then the rest. */
export const alignedWords: BytesLeft = (to, size, good) => {
  if (size <= 7) return size - good;
  const head = (8 - (to & 7)) & 7;
  if (good < head) return size - good;
  return wordsThenBytes(4)(to, size - head, good - head);
};

/** Less than `limit` bytes in words and a rest of bytes, more with `rep stosb`. */
export function shortInWords(word: number, limit: number): BytesLeft {
  const inWords = wordsThenBytes(word);
  return (to, size, good) => (size < limit ? inWords : everyByte)(to, size, good);
}
