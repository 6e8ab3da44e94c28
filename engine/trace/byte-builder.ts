/**
 * A growing array of bytes, with the few things that a line of CSV is made of.
 *
 * Each text that is written leaves SLACK_BYTES free behind it, as does the start. So the few
 * numbers (17 bytes at most) and single bytes between two texts need no check of their own.
 */
const INITIAL_BYTES = 0x1000;
const SLACK_BYTES = 256;
const BILLION = 1_000_000_000;
const ZERO = 0x30;
const MINUS = 0x2d;

/** 1 for each ASCII character that a CSV field may hold without quotes. */
const PLAIN = new Uint8Array(128).fill(1);
for (const special of ',"\n\r') PLAIN[special.charCodeAt(0)] = 0;

export class ByteBuilder {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Everything written since the last call, as a view that the next write invalidates. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** One byte. */
  byte(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  /** A safe integer in decimal digits. */
  integer(n: number): void {
    if (n < 0) {
      this.byte(MINUS);
      n = -n;
    }
    // All below BILLION is a 32-bit integer; saying so (`| 0`) makes the divisions by 10 cheap.
    if (n < BILLION) {
      this.#digits(n | 0, digitCount(n | 0));
      return;
    }
    // Exact for every safe integer: a quotient just below an integer never rounds up to it.
    const high = (n / BILLION) | 0;
    this.#digits(high, digitCount(high));
    this.#digits((n - high * BILLION) | 0, 9);
  }

  /** The bytes from `start` to `end` that another builder holds. */
  copy(from: ByteBuilder, start: number, end: number): void {
    this.#reserve(end - start);
    const source = from.#bytes;
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = start; i < end; i++) bytes[at++] = source[i] as number;
    this.#length = at;
  }

  /** A text if it is ASCII and a field as it stands; otherwise writes nothing and says false. */
  plain(text: string): boolean {
    const length = text.length;
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127 || PLAIN[code] === 0) return false;
      bytes[start + i] = code;
    }
    this.#length = start + length;
    return true;
  }

  /** Any text, in UTF-8. */
  string(text: string): void {
    const encoded = Buffer.from(text, 'utf8');
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  /** The last `count` digits of a 32-bit integer. */
  #digits(n: number, count: number): void {
    const bytes = this.#bytes;
    const start = this.#length;
    for (let at = start + count - 1; at >= start; at--) {
      const tenth = (n / 10) | 0;
      bytes[at] = ZERO + n - tenth * 10;
      n = tenth;
    }
    this.#length = start + count;
  }

  #reserve(count: number): void {
    const needed = this.#length + count + SLACK_BYTES;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(needed * 2);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** How many digits an integer from 0 to 999,999,999 has. */
function digitCount(n: number): number {
  if (n < 1000) return n < 10 ? 1 : n < 100 ? 2 : 3;
  if (n < 1_000_000) return n < 10_000 ? 4 : n < 100_000 ? 5 : 6;
  return n < 10_000_000 ? 7 : n < 100_000_000 ? 8 : 9;
}
