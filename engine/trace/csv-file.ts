/** A file that grows by whole chunks: what does not fit is taken back, so it stays readable. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export class CsvFile {
  readonly #fd: number;
  #bytes = 0;

  /** Creates or empties the file. @throws the system's error. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  /** Writes all of the chunk or nothing. @throws the system's error, a full disk for one. */
  write(chunk: Uint8Array): void {
    try {
      for (let done = 0; done < chunk.length;) {
        done += writeSync(this.#fd, chunk, done, chunk.length - done);
      }
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#bytes += chunk.length;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #takeBack(): void {
    try {
      ftruncateSync(this.#fd, this.#bytes);
    } catch {
      // A pipe or a device cannot be cut; the error that led here is the one to report.
    }
  }
}
