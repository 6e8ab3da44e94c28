/*
 * The state of a run as one number: everything that decides how it can go on is fed in a fixed
 * order. Two states with different numbers differ; two with the same number are taken for the same
 * (53 bits: about one error in 10^4 for a million states). What nobody knows how to feed makes the
 * whole state unknown, and an unknown state is never the same as another.
 */

/** Something that has state. What is only counted or timed is none. */
export interface Stateful {
  feed(into: Fingerprint): void;
}

/** Two independent 32-bit hashes, mixed as in MurmurHash3 (A. Appleby, public domain). */
export class Fingerprint {
  private low = 0;
  private high = 0;
  /** Everything that was met could be fed. */
  known = true;

  reset(): void {
    this.low = 0x9747b28c;
    this.high = 0x3c6ef372;
    this.known = true;
  }

  /** Feeds an integer; of one beyond 32 bits, both halves. */
  add(value: number): void {
    this.mix(value | 0);
    if (value !== (value | 0)) this.mix(Math.floor(value / 0x100000000) | 0);
  }

  /** Feeds a list with its length, so that its end does not run into what comes next. */
  list(values: readonly number[]): void {
    this.add(values.length);
    for (const value of values) this.add(value);
  }

  /** Feeds an object that may or may not know how. */
  object(object: unknown): void {
    if (isStateful(object)) object.feed(this);
    else this.known = false;
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

function isStateful(object: unknown): object is Stateful {
  return typeof object === 'object' && object !== null && 'feed' in object;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** `hash` after one more integer: for what is hashed as it happens. */
export function mixed(hash: number, value: number): number {
  const k = Math.imul(value, 0xcc9e2d51);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

const hashes = new Map<string, number>();

/** A name as a number that is the same in every run. */
export function hashOf(text: string): number {
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = text.length;
    for (let i = 0; i < text.length; i++) hash = mixed(hash, text.charCodeAt(i));
    hashes.set(text, hash);
  }
  return hash;
}
