/*
 * From an open file to the methods of its entry, fs/proc/inode.c. Since 2.6.23 a method that runs
 * is counted, so that remove_proc_entry() can wait for it; 2.4 takes the methods from open files
 * when the entry goes, and does not care who is inside.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import { printk } from '../../printk.ts';
import type { PollTable } from '../../user/file.ts';
import { Completion, complete, wait_for_completion } from '../../sched/completion.ts';
import { fsEras } from '../era.ts';
import { DEFAULT_POLLMASK, FMODE_LSEEK, type Inode, type OpenedFile } from '../file.ts';
import type { Position, file_operations } from '../file.ts';
import { default_llseek } from '../read_write.ts';
import type { IovIter } from '../uio.ts';
import type { ProcDirEntry, proc_ops } from './entry.ts';
import { procEras } from './era.ts';
import { proc_file_lseek, proc_file_read, proc_file_write } from './read_proc.ts';

const inodes = new WeakMap<ProcDirEntry, Inode>();

/** proc_get_inode(). */
export function inodeOf(de: ProcDirEntry): Inode {
  let inode = inodes.get(de);
  if (inode === undefined) {
    const { mode } = de;
    if (de.subdir === null) inode = { type: 'regular', mode, i_fop: new RegularFile(de).methods };
    else inode = { type: 'directory', mode, i_fop: proc_dir_operations };
    inodes.set(de, inode);
  }
  return inode;
}

const proc_dir_operations: file_operations = {
  *read(k) {
    yield k.machine.costs.call;
    return -errno.EISDIR;
  },
};

/** proc_reg_file_ops, or in 2.4 the entry's own operations. */
class RegularFile {
  readonly methods: file_operations;
  private readonly de: ProcDirEntry;

  constructor(de: ProcDirEntry) {
    this.de = de;
    this.methods = {
      open: (k, file) => this.open(k, file),
      read: (k, file, to, pos) => this.use(k, () => this.read(k, file, to, pos)),
      write: (k, file, from, pos) => this.use(k, () => this.write(k, file, from, pos)),
      llseek: (k, file, offset, whence) => this.use(k, () => this.llseek(k, file, offset, whence)),
      poll: (k, file, table) => this.poll(k, file, table),
      release: (k, file) => this.release(k, file),
    };
  }

  private get ops(): proc_ops {
    return this.de.proc_ops ?? {};
  }

  /** use_pde() and unuse_pde() around a method. */
  private *use(k: Context, method: () => Code<number>): Code<number> {
    const { de } = this;
    const { countsUsers } = procEras[k.machine.era.name];
    yield k.step(de.footprint, k.machine.costs.lock);
    if (de.removed && countsUsers) return -errno.EIO;
    de.pde_users++;
    const result = yield* method();
    yield* pde_users_dec(k, de);
    return result;
  }

  private *open(k: Context, file: OpenedFile): Code<number> {
    const { de } = this;
    const { countsUsers, openError } = procEras[k.machine.era.name];
    if (de.removed && countsUsers) return openError === null ? 0 : -errno[openError];
    de.openers.add(file);
    const seeks = de.proc_ops === null || de.proc_ops.proc_lseek !== undefined;
    if (!seeks && !fsEras[k.machine.era.name].defaultLlseek) file.f_mode &= ~FMODE_LSEEK;
    const { proc_open } = this.ops;
    if (proc_open === undefined) return 0;
    const result = yield* this.use(k, () => proc_open(k, file));
    if (result < 0) de.openers.delete(file);
    return result;
  }

  /** It has read_proc and write_proc, as long as the kernel knows those. */
  private isOfOldKind(k: Context): boolean {
    return this.de.proc_ops === null && procEras[k.machine.era.name].readProc;
  }

  private read(k: Context, file: OpenedFile, to: IovIter, pos: Position): Code<number> {
    if (this.isOfOldKind(k)) return proc_file_read(k, this.de, to, pos);
    return (this.ops.proc_read ?? notSupported)(k, file, to, pos);
  }

  private write(k: Context, file: OpenedFile, from: IovIter, pos: Position): Code<number> {
    if (this.isOfOldKind(k)) return proc_file_write(k, this.de, file, from);
    return (this.ops.proc_write ?? notSupported)(k, file, from, pos);
  }

  private llseek(k: Context, file: OpenedFile, offset: number, whence: number): Code<number> {
    const llseek = this.isOfOldKind(k) ? proc_file_lseek : this.ops.proc_lseek;
    return (llseek ?? default_llseek)(k, file, offset, whence);
  }

  private poll(k: Context, file: OpenedFile, table: PollTable | null): number {
    const { proc_poll } = this.ops;
    if (this.de.removed || proc_poll === undefined) return DEFAULT_POLLMASK;
    return proc_poll(k, file, table);
  }

  /** Once: when the last descriptor is closed, or before that when the entry goes. */
  private *release(k: Context, file: OpenedFile): Code<number> {
    const { de } = this;
    yield k.step(de.footprint, k.machine.costs.lock);
    if (!de.openers.delete(file)) return 0;
    const result = de.removed ? 0 : yield* releaseMethod(k, de, file);
    if (de.deleted && de.openers.size === 0) {
      printk(k, `de_put: deferred delete of ${de.name}`);
      de.deleted = false;
    }
    return result;
  }
}

function* notSupported(k: Context): Code<number> {
  yield k.machine.costs.call;
  return -errno.EIO;
}

function* releaseMethod(k: Context, de: ProcDirEntry, file: OpenedFile): Code<number> {
  const proc_release = de.proc_ops?.proc_release;
  return proc_release === undefined ? 0 : yield* proc_release(k, file);
}

function* pde_users_dec(k: Context, de: ProcDirEntry): Code {
  yield k.step(de.footprint, k.machine.costs.lock);
  de.pde_users--;
  if (de.pde_users === 0 && de.pde_unload_completion !== null) {
    complete(k.cpu, de.pde_unload_completion);
  }
}

/**
 * The part of remove_proc_entry() that concerns open files: whoever is inside is waited for, and
 * nobody comes in any more.
 */
export function* proc_entry_rundown(k: Context, de: ProcDirEntry): Code {
  const era = procEras[k.machine.era.name];
  yield k.step(de.footprint, k.machine.costs.lock);
  de.removed = true;
  if (!era.countsUsers) {
    proc_kill_inodes(de);
    return;
  }
  if (de.pde_users > 0) {
    de.pde_unload_completion = new Completion(`${de.name} unused`);
    yield* wait_for_completion(k, de.pde_unload_completion);
  }
  if (!era.releasesOpeners) return;
  for (const file of [...de.openers]) {
    de.openers.delete(file);
    yield* releaseMethod(k, de, file);
  }
}

/** 2.4: open files have no methods any more; that the last one goes is still noticed (de_put). */
function proc_kill_inodes(de: ProcDirEntry): void {
  const { release } = inodeOf(de).i_fop;
  for (const file of de.openers) file.f_op = { release: release! };
}
