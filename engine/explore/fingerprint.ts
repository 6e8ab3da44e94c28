/*
 * The state of a run as one number: everything that decides how it can go on is fed in a fixed
 * order. Two states with different numbers differ; two with the same number are taken for the same
 * (53 bits: about one error in 10^4 for a million states).
 */

/** Two independent 32-bit hashes, mixed as in MurmurHash3 (A. Appleby, public domain). */
export class Fingerprint {
  private low = 0;
  private high = 0;

  reset(): void {
    this.low = 0x9747b28c;
    this.high = 0x3c6ef372;
  }

  /** Feeds an integer; of one beyond 32 bits, both halves. */
  add(value: number): void {
    this.mix(value | 0);
    if (value !== (value | 0)) this.mix(Math.floor(value / 0x100000000) | 0);
  }

  private mix(value: number): void {
    let k = Math.imul(value, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    let h = this.low ^ k;
    h = (h << 13) | (h >>> 19);
    this.low = (Math.imul(h, 5) + 0xe6546b64) | 0;
    h = this.high ^ Math.imul(k, 0x85ebca6b);
    h = (h << 17) | (h >>> 15);
    this.high = (Math.imul(h, 9) + 0x52dce729) | 0;
  }

  /** A safe integer from 0. */
  get value(): number {
    return (finish(this.low) >>> 0) * 0x200000 + (finish(this.high ^ this.low) >>> 11);
  }
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
