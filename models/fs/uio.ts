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
  /** Where it is in the address space, for drivers that copy there; null: it has no address. */
  readonly address: number | null;
  private memory: Uint8Array;

  constructor(size: number, accessible = size, address: number | null = null) {
    this.size = size;
    this.accessible = accessible;
    this.address = address;
    this.memory = new Uint8Array(Math.min(Math.max(0, size), FIRST_ROOM));
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
  /** How far it has moved. */
  offset = 0;

  constructor(buffer: UserBuffer, count: number) {
    this.buffer = buffer;
    this.count = count;
  }

  /** Moves on by at most `length`, as far as the memory can be accessed; returns how far. */
  advance(length: number): number {
    const taken = Math.max(0, Math.min(length, this.count, this.buffer.accessible - this.offset));
    this.offset += taken;
    this.count -= taken;
    return taken;
  }
}

export function iov_iter_count(iter: IovIter): number {
  return iter.count;
}

/** How many of the bytes it copied: as many as fit, or until the memory faults. */
export function copy_to_iter(k: Context, bytes: Uint8Array, iter: IovIter): number {
  const { offset } = iter;
  const taken = iov_iter_advance(k, bytes.length, iter);
  iter.buffer.put(offset, bytes.subarray(0, taken));
  return taken;
}

/** At most `length` bytes of the program's; fewer where it gave fewer or the memory faults. */
export function copy_from_iter(k: Context, length: number, iter: IovIter): Uint8Array {
  const { offset } = iter;
  return iter.buffer.bytes(offset, iov_iter_advance(k, length, iter));
}

/** Moves on as a copy of `length` bytes does, where nobody looks at them; how many it was. */
export function iov_iter_advance(k: Context, length: number, iter: IovIter): number {
  const taken = iter.advance(length);
  k.spend(Math.floor((taken * k.machine.costs.copy_per_kib) / 1024));
  return taken;
}
