/*
 * Reads what packer.ts writes.
 */
import type { Column } from '../format.ts';

/** A block of base64 that is deflated. */
export async function inflate(text: string): Promise<Uint8Array> {
  const chars = atob(text);
  const packed = new Uint8Array(chars.length);
  for (let i = 0; i < packed.length; i++) packed[i] = chars.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export class Unpacker {
  private readonly bytes: Uint8Array;
  private at = 0;

  /** @param bytes the columns, without the header */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Numbers that are kept as their distances. */
  distances({ at, count }: Column): Float64Array {
    const values = new Float64Array(count);
    this.at = at;
    let value = 0;
    for (let i = 0; i < count; i++) values[i] = value += this.next();
    return values;
  }

  numbers({ at, count }: Column): Float64Array {
    const values = new Float64Array(count);
    this.at = at;
    for (let i = 0; i < count; i++) values[i] = this.next();
    return values;
  }

  /** Places in a list of `of`, in as few bytes as hold them. */
  places({ at, count }: Column, of: number): Uint8Array | Uint16Array | Uint32Array {
    const values =
      of <= 0x100
        ? new Uint8Array(count)
        : of <= 0x10000
          ? new Uint16Array(count)
          : new Uint32Array(count);
    this.at = at;
    for (let i = 0; i < count; i++) values[i] = this.next();
    return values;
  }

  private next(): number {
    const { bytes } = this;
    const first = bytes[this.at++]!;
    let amount = (first & 0x7f) >> 1;
    if (first >= 0x80) {
      let unit = 64;
      let byte: number;
      do {
        byte = bytes[this.at++]!;
        amount += (byte & 0x7f) * unit;
        unit *= 128;
      } while (byte >= 0x80);
    }
    if ((first & 1) === 0) return amount;
    return amount === 0 ? NaN : -amount;
  }
}

/** The header, and the columns behind it. */
export function open<Header>(bytes: Uint8Array): { header: Header; unpacker: Unpacker } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
  return { header, unpacker: new Unpacker(bytes.subarray(4 + length)) };
}
