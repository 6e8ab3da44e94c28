/**
 * A sink that counts and hashes the CSV, and hands the bytes on if anyone wants them. A run's
 * digest is the SHA-256 of all its bytes, so a run can be compared without a file.
 */
import { createHash } from 'node:crypto';
import type { TraceSink } from './trace.ts';

/**
 * Rows, bytes and digest of what was written successfully. Once a write has failed, every later one
 * throws the same error and nothing is written: the output ends with a whole row and has no gap.
 */
export class CsvDigest implements TraceSink {
  readonly #write: (chunk: Uint8Array) => void;
  readonly #hash = createHash('sha256');
  #failure: { readonly error: unknown } | undefined;
  #rows = 0;
  #bytes = 0;

  /** @param write must be done with the chunk when it returns; `record` throws what it throws. */
  constructor(write: (chunk: Uint8Array) => void = () => {}) {
    this.#write = write;
  }

  /** Rows so far, the header not counted. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256 of the bytes so far, in hexadecimal. */
  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  write(chunk: Uint8Array, rows: number): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      this.#write(chunk);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    this.#hash.update(chunk);
    this.#rows += rows;
    this.#bytes += chunk.length;
  }
}
