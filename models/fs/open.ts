/*
 * open(), fs/open.c: finds the inode of a path, checks permissions, lets the file's own open()
 * decide, and installs a descriptor. Left out: O_CREAT and other flags that change files.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { might_sleep } from '../sched/core.ts';
import { processOf } from '../user/file.ts';
import { systemCall } from '../user/signals.ts';
import { ThreadGroup } from '../user/thread-group.ts';
import { fsEras } from './era.ts';
import {
  FMODE_ATOMIC_POS,
  FMODE_LSEEK,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_READ,
  FMODE_WRITE,
  OpenedFile,
  inodesOf,
  type Inode,
} from './file.ts';
import { procOf } from './proc/entry.ts';
import { inodeOf } from './proc/inode.ts';
import { mountProc } from './proc/root.ts';

const PROC = '/proc/';

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;

/** The lowest free descriptor, or a negative error number. */
export function open(k: Context, path: string, flags: number): Code<number> {
  return systemCall(k, 'open', () => do_sys_open(k, path, flags));
}

function* do_sys_open(k: Context, path: string, flags: number): Code<number> {
  yield* might_sleep(k, 'open');
  yield k.step(null, k.machine.costs.call);
  const inode = yield* lookup(k, path);
  if (inode === null) return -errno.ENOENT;
  const mode = (flags + 1) & (FMODE_READ | FMODE_WRITE);
  if (!permitted(k, inode, mode)) return -errno.EACCES;
  const file = new OpenedFile(inode, flags, fileMode(k, inode, mode));
  const error = inode.i_fop.open === undefined ? 0 : yield* inode.i_fop.open(k, file);
  if (error < 0) return error;
  const fd = processOf(k).install(file);
  if (fd < 0) yield* file.release(k);
  return fd;
}

/** link_path_walk(): the inode of a path. In /proc others may make and remove entries meanwhile. */
function* lookup(k: Context, path: string): Code<Inode | null> {
  if (!path.startsWith(PROC)) return inodesOf(k.machine).get(path) ?? null;
  mountProc(k.machine);
  const tree = procOf(k.machine);
  yield k.step(tree, 0);
  const de = tree.find(path.slice(PROC.length));
  k.saw(de === null ? 0 : 1);
  return de === null ? null : inodeOf(de);
}

/** The bits for all others: the files here belong to root, who may do everything. */
function permitted(k: Context, inode: Inode, mode: number): boolean {
  const process = processOf(k);
  if (!(process instanceof ThreadGroup) || process.uid === 0) return true;
  const may =
    ((inode.mode & 4) !== 0 ? FMODE_READ : 0) | ((inode.mode & 2) !== 0 ? FMODE_WRITE : 0);
  return (mode & ~may) === 0;
}

/** do_dentry_open(). */
function fileMode(k: Context, inode: Inode, mode: number): number {
  const era = fsEras[k.machine.era.name];
  const seekable = inode.i_fop.llseek !== undefined || era.defaultLlseek ? FMODE_LSEEK : 0;
  const atomic = inode.type === 'regular' && era.atomicPosition ? FMODE_ATOMIC_POS : 0;
  return mode | FMODE_PREAD | FMODE_PWRITE | seekable | atomic;
}
