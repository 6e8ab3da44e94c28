/*
 * The user memory of a read or write, after include/linux/uio.h and lib/iov_iter.c: one buffer of
 * the program, of which the bytes up to some point can be accessed, and an iterator over it.
 * Left out: several segments; pages that fault and are then there.
 */
import type { Context } from '../context.ts';

/** Room that is made at once; a buffer grows as bytes come, whatever size the program says. */
const FIRST_ROOM = 4096;

/** A buffer of a user program. */
export class UserBuffer {
  /** How long the program says it is. */
  readonly size: number;
  /** How many of its bytes are mapped: the one after them faults for good. */
  readonly accessible: number;
  private memory: Uint8Array;

  constructor(size: number, accessible = size) {
    this.size = size;
    this.accessible = accessible;
    this.memory = new Uint8Array(Math.min(size, FIRST_ROOM));
  }

  /** A buffer that holds these bytes. */
  static of(bytes: Uint8Array): UserBuffer {
    const buffer = new UserBuffer(bytes.length);
    buffer.memory = bytes.slice();
    return buffer;
  }

  put(offset: number, bytes: Uint8Array): void {
    const end = offset + bytes.length;
    if (end > this.memory.length) {
      const grown = new Uint8Array(Math.max(end, Math.min(this.size, 2 * this.memory.length)));
      grown.set(this.memory);
      this.memory = grown;
    }
    this.memory.set(bytes, offset);
  }

  /** A copy of `length` bytes from `offset`; bytes never written are zero. */
  bytes(offset: number, length: number): Uint8Array {
    const copy = new Uint8Array(length);
    copy.set(this.memory.subarray(offset, offset + length));
    return copy;
  }

  /** The first `length` bytes as text, a character a byte. */
  text(length: number): string {
    return String.fromCharCode(...this.bytes(0, length));
  }
}

/** struct iov_iter: what is left of the memory that a call may fill or read. */
export class IovIter {
  readonly buffer: UserBuffer;
  count: number;
  private offset = 0;

  constructor(buffer: UserBuffer, count: number) {
    this.buffer = buffer;
    this.count = count;
  }

  /** Moves on by at most `length`, as far as the memory can be accessed; returns the old place. */
  advance(length: number): { offset: number; taken: number } {
    const { offset } = this;
    const taken = Math.max(0, Math.min(length, this.count, this.buffer.accessible - offset));
    this.offset += taken;
    this.count -= taken;
    return { offset, taken };
  }
}

export function iov_iter_count(iter: IovIter): number {
  return iter.count;
}

/** How many of the bytes it copied: as many as fit, or until the memory faults. */
export function copy_to_iter(k: Context, bytes: Uint8Array, iter: IovIter): number {
  const { offset, taken } = iter.advance(bytes.length);
  iter.buffer.put(offset, bytes.subarray(0, taken));
  spendCopy(k, taken);
  return taken;
}

/** At most `length` bytes of the program's; fewer where it gave fewer or the memory faults. */
export function copy_from_iter(k: Context, length: number, iter: IovIter): Uint8Array {
  const { offset, taken } = iter.advance(length);
  spendCopy(k, taken);
  return iter.buffer.bytes(offset, taken);
}

function spendCopy(k: Context, bytes: number): void {
  k.spend(Math.floor((bytes * k.machine.costs.copy_per_kib) / 1024));
}
