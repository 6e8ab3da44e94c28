/*
 * The loops of the user copies, and how many bytes one says it left when it faults: what the fix-up
 * code computes from the registers at the faulting instruction. The bytes before have been copied.
 *
 * Sources: __copy_user and __copy_user_zeroing of asm-i386/uaccess.h (2.4) and of
 * arch/x86/lib/usercopy_32.c (2.6), copy_user_64.S and clear_user_erms of 6.1.192. The variant of
 * 2.6 for Intel processors (CONFIG_X86_INTEL_USERCOPY, 64 bytes and more that are not aligned to
 * each other) and the special cases of sizes 1, 2 and 4 that the compiler knows are left out.
 */

/** Instructions of a loop that one entry of __ex_table covers. */
export interface Part {
  readonly bytes: number;
  /** What one iteration copies: of an iteration that faults, nothing has been copied. */
  readonly unit: number;
  /** The labels of the instruction and of its fix-up code. */
  readonly insn: number;
  readonly fixup: number;
}

/** How `size` bytes are copied to `to`. */
export type CopyLoop = (to: number, size: number) => readonly Part[];

/** `size` bytes were to go to `to`, of which the first `good` can be accessed; good < size. */
export type BytesLeft = (to: number, size: number, good: number) => number;

export function bytesLeft(loop: CopyLoop): BytesLeft {
  return (to, size, good) => {
    let before = 0;
    for (const { bytes, unit } of loop(to, size)) {
      const into = good - before;
      if (into < bytes) return size - before - (into - (into % unit));
      before += bytes;
    }
    return size - good;
  };
}

/** `rep movsb` of copy_user_64.S: its fix-up code goes on byte by byte to where it faults. */
export const everyByte: CopyLoop = (_to, size) => [{ bytes: size, unit: 1, insn: 1, fixup: 12 }];

/** `rep movsl`, then `rep movsb`. */
export function wordsThenBytes(word: number): CopyLoop {
  return (_to, size) => [
    { bytes: size - (size % word), unit: word, insn: 0, fixup: 3 },
    { bytes: size % word, unit: 1, insn: 1, fixup: 4 },
  ];
}

/** Bytes up to a destination on 8 bytes, then words of 4, then the rest. */
export const alignedWords: CopyLoop = (to, size) => {
  const head = size <= 7 ? 0 : (8 - (to & 7)) & 7;
  const words = size <= 7 ? 0 : size - head - ((size - head) % 4);
  return [
    { bytes: head, unit: 1, insn: 4, fixup: 5 },
    { bytes: words, unit: 4, insn: 0, fixup: 3 },
    { bytes: size - head - words, unit: 1, insn: 1, fixup: 6 },
  ];
};

/** Less than `limit` bytes in words and a rest of bytes, more with `rep stosb`. */
export function shortInWords(word: number, limit: number): CopyLoop {
  const inWords = wordsThenBytes(word);
  return (to, size) => (size < limit ? inWords : everyByte)(to, size);
}
