/*
 * A user process: file descriptors and standard output, shared by its threads.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { MmStruct } from '../mm/mm.ts';
import { exit_mmap } from '../mm/mmap.ts';

/** What a descriptor refers to. */
export interface OpenFile {
  /** One more user of it. */
  get(): this;
  /** One user less: a descriptor that is closed, a mapping that is gone. */
  release(k: Context): Code;
}

/** RLIMIT_NOFILE as usual. */
const MAX_FILES = 1024;

export class UserProcess {
  readonly tgid: number;
  /** Its address space; null until something in it is used. */
  mm: MmStruct | null = null;
  private readonly files: (OpenFile | null)[] = [null, null, null];
  private readonly standard = 3;

  constructor(tgid: number) {
    this.tgid = tgid;
  }

  /** Of memory and open files nothing is known here. */
  feed(into: Fingerprint): void {
    if (this.mm !== null || this.files.length > this.standard) into.known = false;
  }

  /** The lowest free descriptor, 3 at first; -EMFILE when there are too many. */
  install(file: OpenFile): number {
    let fd = this.files.indexOf(null, this.standard);
    if (fd < 0) fd = this.files.length;
    if (fd >= MAX_FILES) return -errno.EMFILE;
    this.files[fd] = file;
    return fd;
  }

  file(fd: number): OpenFile | null {
    return this.files[fd] ?? null;
  }

  /** Takes the descriptor away; null if it was not open. */
  remove(fd: number): OpenFile | null {
    const file = this.file(fd);
    if (file !== null) this.files[fd] = null;
    return file;
  }

  /** Gives its memory back and closes everything, when the process ends. */
  *release(k: Context): Code {
    if (this.mm !== null) {
      exit_mmap(this.mm);
      for (const file of this.mm.fputs.splice(0)) yield* file.release(k);
    }
    this.mm = null;
    for (let fd = 0; fd < this.files.length; fd++) {
      const file = this.remove(fd);
      if (file !== null) yield* file.release(k);
    }
  }
}
