/*
 * struct proc_dir_entry, include/linux/proc_fs.h and fs/proc/internal.h: an entry of /proc with
 * its methods, and the tree of a machine's entries. Left out: links, owners and sizes.
 */
import type { Fingerprint } from '../../../engine/index.ts';
import type { Code, Context } from '../../context.ts';
import type { Machine } from '../../machine.ts';
import type { Completion } from '../../sched/completion.ts';
import type { OpenedFile, file_operations } from '../file.ts';
import type { IovIter } from '../uio.ts';
import type { ProcPage } from './page.ts';

/** What read_proc() gets and sets beside its page. */
export interface ReadProcCall {
  readonly page: ProcPage;
  readonly off: number;
  readonly count: number;
  readonly data: number;
  /** *start: NULL; a number below the page's address; or an address within it, as an offset. */
  start: { readonly style: 0 } | { readonly style: 1 | 2; readonly value: number };
  eof: boolean;
}

export type read_proc_t = (k: Context, call: ReadProcCall) => Code<number>;
/** `from` is the memory that the caller offers, `count` bytes of it. */
export type write_proc_t = (
  k: Context,
  file: OpenedFile,
  from: IovIter,
  count: number,
  data: number,
) => Code<number>;

/** struct proc_ops; before 5.6 the same members of struct file_operations. */
export interface proc_ops {
  readonly proc_open?: file_operations['open'];
  readonly proc_read?: file_operations['read'];
  readonly proc_write?: file_operations['write'];
  readonly proc_lseek?: file_operations['llseek'];
  readonly proc_poll?: file_operations['poll'];
  readonly proc_release?: file_operations['release'];
}

export class ProcDirEntry {
  readonly name: string;
  /** Permissions, as 0o644. */
  readonly mode: number;
  readonly parent: ProcDirEntry | null;
  /** Null: it is no directory. The newest entry first. */
  readonly subdir: ProcDirEntry[] | null;
  /** Others touch it through this in an explored run. */
  readonly footprint: object;
  read_proc: read_proc_t | null = null;
  write_proc: write_proc_t | null = null;
  /** Null: read_proc and write_proc decide. */
  proc_ops: proc_ops | null = null;
  data = 0;
  /** It has been taken out of the tree: no new callers. */
  removed = false;
  /** 2.4: gone when its last file is closed. */
  deleted = false;
  /** How many of its methods are running. */
  pde_users = 0;
  pde_unload_completion: Completion | null = null;
  readonly openers = new Set<OpenedFile>();

  constructor(
    name: string,
    mode: number,
    parent: ProcDirEntry | null,
    isDirectory: boolean,
    footprint: object | null,
  ) {
    this.name = name;
    this.mode = mode;
    this.parent = parent;
    this.subdir = isDirectory ? [] : null;
    this.footprint = footprint ?? this;
  }

  /** Its name below /proc. */
  get path(): string {
    if (this.parent === null) return '';
    return this.parent.parent === null ? this.name : `${this.parent.path}/${this.name}`;
  }

  feed(into: Fingerprint): void {
    into.add((this.removed ? 1 : 0) | (this.deleted ? 2 : 0) | (this.read_proc === null ? 4 : 0));
    into.add((this.write_proc === null ? 0 : 1) | (this.proc_ops === null ? 0 : 2));
    into.add(this.pde_users);
    into.add(this.openers.size);
  }

  child(name: string): ProcDirEntry | undefined {
    return this.subdir?.find((entry) => entry.name === name);
  }
}

/** /proc of a machine. */
export class ProcTree {
  readonly root = new ProcDirEntry('/proc', 0o555, null, true, null);

  /** The entry with this name below /proc. */
  find(path: string, from: ProcDirEntry = this.root): ProcDirEntry | null {
    let entry: ProcDirEntry | undefined = from;
    for (const name of path.split('/')) entry = entry?.child(name);
    return entry ?? null;
  }

  /** xlate_proc_name(): the directory of a name, and what is left of it; null: there is none. */
  translate(
    name: string,
    parent: ProcDirEntry | null,
  ): { readonly parent: ProcDirEntry; readonly name: string } | null {
    const cut = name.lastIndexOf('/');
    const from = parent ?? this.root;
    if (cut < 0) return { parent: from, name };
    const directory = this.find(name.slice(0, cut), from);
    return directory?.subdir ? { parent: directory, name: name.slice(cut + 1) } : null;
  }
}

const trees = new WeakMap<Machine, ProcTree>();

export function procOf(machine: Machine): ProcTree {
  let tree = trees.get(machine);
  if (tree === undefined) trees.set(machine, (tree = new ProcTree()));
  return tree;
}
