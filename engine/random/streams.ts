/**
 * Random streams: one master seed, one independent stream for each name.
 *
 * The generator is Johannes Baagøe's Alea as the package `seedrandom` implements it: multiply with
 * carry, in operations on doubles that ECMAScript specifies to the bit, hence the same numbers on
 * every engine. Each consumer asks for a stream by its own name, so that one more consumer, or one
 * more draw in any of them, changes no number that another one draws.
 */
import seedrandom from 'seedrandom';
import { shown } from './shown.ts';

const TWO_32 = 0x100000000;
const TWO_53 = 0x20000000000000;

/** All streams of one run. The same seed and name give the same numbers, in any order of asking. */
export class RandomStreams {
  readonly seed: string;
  readonly #streams = new Map<string, RandomStream>();

  /** @param seed any text; a number stands for its decimal form (42 and '42' are the same seed). */
  constructor(seed: string | number) {
    this.seed = String(seed);
  }

  /** The stream of that name: the same object each time, so a consumer continues where it was. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(`${this.seed}/${name}`);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

/** A sequence of random numbers that depends on its seed alone. */
export class RandomStream {
  readonly #next: () => number;

  constructor(seed: string) {
    this.#next = seedrandom.alea(seed).int32;
  }

  /** An integer from 0 to 2^32 - 1, all equally likely. */
  uint32(): number {
    return this.#next() >>> 0;
  }

  /**
   * An integer from 0 to n - 1, all equally likely.
   * @throws RangeError unless n is an integer from 1 to 2^53 - 1.
   */
  below(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new RangeError(`below() needs an integer from 1 to 2^53 - 1, got ${shown(n)}`);
    }
    // A draw from the incomplete last run of n values is thrown away: a bare remainder would prefer
    // the small values.
    const wide = n > TWO_32;
    const range = wide ? TWO_53 : TWO_32;
    const limit = range - (range % n);
    for (;;) {
      const draw = wide ? this.#uint53() : this.uint32();
      if (draw < limit) return draw % n;
    }
  }

  /**
   * True with probability numerator/denominator. It draws even where the answer is certain, so that
   * a probability of 0 or 1 does not shift the draws that follow.
   * @throws RangeError unless both are integers, 0 <= numerator <= denominator and
   * denominator >= 1.
   */
  chance(numerator: number, denominator: number): boolean {
    if (!Number.isSafeInteger(numerator) || numerator < 0 || numerator > denominator) {
      const got = `${shown(numerator)} of ${shown(denominator)}`;
      throw new RangeError(`chance() needs integers 0 <= numerator <= denominator, got ${got}`);
    }
    return this.below(denominator) < numerator;
  }

  /** A multiple of 2^-53 in [0, 1), all equally likely. */
  unit(): number {
    return this.#uint53() / TWO_53;
  }

  #uint53(): number {
    const high = this.uint32() >>> 11;
    return high * TWO_32 + this.uint32();
  }
}
