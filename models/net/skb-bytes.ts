/*
 * The bytes of a socket buffer's data area, kept only up to the last byte ever written. Clones
 * share them, as clones share the data area (include/linux/skbuff.h, dataref).
 */
const empty = new Uint8Array(0);

export class SkbBytes {
  private stored: Uint8Array = empty;

  /** How many leading bytes may differ from zero. */
  get length(): number {
    return this.stored.length;
  }

  /** A copy of `length` bytes from `offset`; bytes never written are zero. */
  read(offset: number, length: number): Uint8Array {
    const copy = new Uint8Array(length);
    copy.set(this.stored.subarray(offset, offset + length));
    return copy;
  }

  write(offset: number, bytes: Uint8Array): void {
    const needed = offset + bytes.length;
    if (needed > this.stored.length) {
      const grown = new Uint8Array(needed);
      grown.set(this.stored);
      this.stored = grown;
    }
    this.stored.set(bytes, offset);
  }
}
