/*
 * Integers as bytes: few for small ones, all of those that a number holds exactly. The first byte
 * has the sign in its lowest bit and six bits of the amount, the others seven bits each; the
 * highest bit says that more follows. Minus zero stands for a missing value.
 */
import { deflateSync } from 'node:zlib';
import type { Column } from './format.ts';

export class Packer {
  private bytes = new Uint8Array(0x10000);
  private at = 0;

  /** Each number as its distance from the one before, which is small where they are in order. */
  distances(values: ArrayLike<number>): Column {
    const { at } = this;
    let before = 0;
    for (let i = 0; i < values.length; i++) {
      this.put(values[i]! - before);
      before = values[i]!;
    }
    return { at, count: values.length };
  }

  numbers(values: ArrayLike<number>): Column {
    const { at } = this;
    for (let i = 0; i < values.length; i++) this.put(values[i]!);
    return { at, count: values.length };
  }

  /** Everything behind a header, deflated, in base64. */
  text(header: unknown): string {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const whole = Buffer.concat([length, json, this.bytes.subarray(0, this.at)]);
    return deflateSync(whole, { level: 6 }).toString('base64');
  }

  private put(value: number): void {
    if (this.at + 10 > this.bytes.length) this.grow();
    const { bytes } = this;
    if (value !== value) {
      bytes[this.at++] = 1;
      return;
    }
    const amount = value < 0 ? -value : value;
    const sign = value < 0 ? 1 : 0;
    let rest = amount < 64 ? 0 : Math.floor(amount / 64);
    bytes[this.at++] = ((amount % 64) << 1) | sign | (rest > 0 ? 0x80 : 0);
    while (rest > 0) {
      const more = rest < 128 ? 0 : Math.floor(rest / 128);
      bytes[this.at++] = (rest % 128) | (more > 0 ? 0x80 : 0);
      rest = more;
    }
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
