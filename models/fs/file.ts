/*
 * struct file and struct file_operations, include/linux/fs.h: an open file with a position, whose
 * methods a driver, procfs or seq_file provide; and the inodes that open() finds by their path.
 * Left out: directories, links, mounts; read_iter and write_iter are read and write here.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { Mutex } from '../locking/mutex.ts';
import type { Machine } from '../machine.ts';
import type { Vma } from '../mm/mm.ts';
import { EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from '../net/netlink/uapi.ts';
import { File, type PollTable } from '../user/file.ts';
import type { IovIter } from './uio.ts';

export const FMODE_READ = 0x1;
export const FMODE_WRITE = 0x2;
export const FMODE_LSEEK = 0x4;
export const FMODE_PREAD = 0x8;
export const FMODE_PWRITE = 0x10;
/** Threads take turns with f_pos. */
export const FMODE_ATOMIC_POS = 0x8000;

/** What poll() says of a file without a method: always ready. */
export const DEFAULT_POLLMASK = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;

/** A loff_t that a function gets by reference. */
export interface Position {
  value: number;
}

/** Methods return what the system call returns, errors as negative numbers. */
export interface file_operations {
  readonly open?: (k: Context, file: OpenedFile) => Code<number>;
  readonly read?: (k: Context, file: OpenedFile, to: IovIter, pos: Position) => Code<number>;
  readonly write?: (k: Context, file: OpenedFile, from: IovIter, pos: Position) => Code<number>;
  readonly llseek?: (k: Context, file: OpenedFile, offset: number, whence: number) => Code<number>;
  /** Maps what the process will see in `vma`, which takes no part of it otherwise. */
  readonly mmap?: (k: Context, file: OpenedFile, vma: Vma) => Code<number>;
  readonly unlocked_ioctl?: (
    k: Context,
    file: OpenedFile,
    cmd: number,
    arg: number,
  ) => Code<number>;
  readonly poll?: (k: Context, file: OpenedFile, table: PollTable | null) => number;
  readonly release?: (k: Context, file: OpenedFile) => Code<number>;
}

export interface Inode {
  /** S_ISREG (procfs), S_ISDIR, S_ISCHR (a device), S_ISFIFO (a pipe), S_ISSOCK. */
  readonly type: 'regular' | 'directory' | 'character' | 'fifo' | 'socket';
  /** Permissions, as 0o644. */
  readonly mode: number;
  readonly i_fop: file_operations;
}

/** struct file of an inode. */
export class OpenedFile extends File {
  /** 2.4 takes the methods away when an entry of /proc is removed. */
  f_op: file_operations;
  readonly f_flags: number;
  f_mode: number;
  f_pos = 0;
  /** Why pread() is refused without FMODE_PREAD. */
  preadError: number = errno.ESPIPE;
  readonly f_pos_lock = new Mutex('&f->f_pos_lock');
  private_data: unknown = null;

  constructor(inode: Inode, flags: number, mode: number) {
    super();
    this.f_op = inode.i_fop;
    this.f_flags = flags;
    this.f_mode = mode;
  }

  override poll(k: Context, table: PollTable | null): number {
    return this.f_op.poll?.(k, this, table) ?? DEFAULT_POLLMASK;
  }

  protected override *destroy(k: Context): Code {
    if (this.f_op.release !== undefined) yield* this.f_op.release(k, this);
  }
}

const trees = new WeakMap<Machine, Map<string, Inode>>();

/** Every path of a machine that can be opened. */
export function inodesOf(machine: Machine): Map<string, Inode> {
  let tree = trees.get(machine);
  if (tree === undefined) {
    tree = new Map();
    trees.set(machine, tree);
  }
  return tree;
}
