/*
 * The file of an export while it is written. It has a name of its own until it is whole; what waits
 * for its end is in files beside it, as with trace-cmd record.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OutputError, writing } from '../output/errors.ts';
import { ByteSink } from './byte-sink.ts';
import type { Spool, Target } from './exporter.ts';

const BLOCK_BYTES = 0x100000;

export class Draft implements Target {
  readonly sink: ByteSink;
  private readonly path: string;
  private readonly draft: string;
  /** A pipe or a device: it is written to as it is. */
  readonly stream: boolean;
  private readonly spools: { readonly path: string; readonly sink: ByteSink }[] = [];

  /** @throws OutputError */
  constructor(path: string) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      throw new OutputError(path, Object.assign(new Error(), { syscall: 'open', code: 'EISDIR' }));
    }
    this.path = path;
    this.stream = stat !== undefined && !stat.isFile();
    const folder = this.stream ? tmpdir() : dirname(path);
    this.draft = join(folder, `.draft-${randomUUID()}`);
    this.sink = new ByteSink(this.stream ? path : this.draft, path);
  }

  spool(name: string): Spool {
    const path = `${this.draft}.${name}`;
    const sink = new ByteSink(path, this.path);
    this.spools.push({ path, sink });
    return {
      sink,
      finish: () => {
        sink.close();
        return sink.length;
      },
      pour: () => this.pour(path),
    };
  }

  /** Gives the file its name. @throws OutputError */
  complete(): void {
    this.sink.close();
    if (!this.stream) writing(this.path, () => renameSync(this.draft, this.path));
  }

  /** Removes what is not wanted any more: of a failed export, all. */
  discard(): void {
    for (const { sink } of [this, ...this.spools]) sink.abandon();
    for (const { path } of [{ path: this.draft }, ...this.spools]) rmSync(path, { force: true });
  }

  private pour(path: string): void {
    const fd = openSync(path, 'r');
    try {
      const block = new Uint8Array(BLOCK_BYTES);
      for (let got = readSync(fd, block); got > 0; got = readSync(fd, block)) {
        this.sink.put(block.subarray(0, got));
      }
    } finally {
      closeSync(fd);
    }
  }
}
