/*
 * read, write, lseek, pread and pwrite, fs/read_write.c. A call works on a copy of the file's
 * position and stores it back, so calls of several threads may see the same one; since 3.14 those
 * on a regular file take turns. Left out: readv and writev.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { mutex_lock, mutex_unlock } from '../locking/mutex.ts';
import { processOf, withFile } from '../user/file.ts';
import { systemCall } from '../user/signals.ts';
import { ThreadGroup } from '../user/thread-group.ts';
import {
  FMODE_ATOMIC_POS,
  FMODE_LSEEK,
  FMODE_PREAD,
  FMODE_PWRITE,
  FMODE_READ,
  FMODE_WRITE,
  OpenedFile,
  type Position,
} from './file.ts';
import { IovIter, type UserBuffer } from './uio.ts';

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;

/** The longest transfer of one call. */
const MAX_RW_COUNT = 0x7ffff000;

type Transfer = 'read' | 'write';

/** vfs_read() and vfs_write(). */
function* transfer(
  k: Context,
  file: OpenedFile,
  what: Transfer,
  buffer: UserBuffer,
  pos: Position,
): Code<number> {
  const needed = what === 'read' ? FMODE_READ : FMODE_WRITE;
  if ((file.f_mode & needed) === 0) return -errno.EBADF;
  const method = file.f_op[what];
  if (method === undefined) return -errno.EINVAL;
  if (buffer.size < 0) return -errno.EINVAL;
  return yield* method(k, file, new IovIter(buffer, Math.min(buffer.size, MAX_RW_COUNT)), pos);
}

/** The number of bytes read, 0 at the end; fewer than asked is no error. */
export function read(k: Context, fd: number, buffer: UserBuffer): Code<number> {
  return atFilePosition(k, 'read', fd, (file, pos) => transfer(k, file, 'read', buffer, pos));
}

export function write(k: Context, fd: number, buffer: UserBuffer): Code<number> {
  return atFilePosition(k, 'write', fd, (file, pos) => transfer(k, file, 'write', buffer, pos));
}

/** Reads at `offset` and leaves the file's position alone. */
export function pread(k: Context, fd: number, buffer: UserBuffer, offset: number): Code<number> {
  return atOffset(k, 'pread64', fd, offset, FMODE_PREAD, (file, pos) =>
    transfer(k, file, 'read', buffer, pos),
  );
}

export function pwrite(k: Context, fd: number, buffer: UserBuffer, offset: number): Code<number> {
  return atOffset(k, 'pwrite64', fd, offset, FMODE_PWRITE, (file, pos) =>
    transfer(k, file, 'write', buffer, pos),
  );
}

/** The new position. */
export function lseek(k: Context, fd: number, offset: number, whence: number): Code<number> {
  return fileCall(k, 'lseek', fd, (file) =>
    takingTurns(k, file, () => vfs_llseek(k, file, offset, whence)),
  );
}

function* vfs_llseek(k: Context, file: OpenedFile, offset: number, whence: number): Code<number> {
  yield k.machine.costs.call;
  if ((file.f_mode & FMODE_LSEEK) === 0) return -errno.ESPIPE;
  return yield* (file.f_op.llseek ?? default_llseek)(k, file, offset, whence);
}

/** Any position from 0 on; the files here have no size, so their end is 0. */
export function* default_llseek(
  _k: Context,
  file: OpenedFile,
  offset: number,
  whence: number,
): Code<number> {
  if (whence < SEEK_SET || whence > SEEK_END) return -errno.EINVAL;
  const target = whence === SEEK_CUR ? file.f_pos + offset : offset;
  if (target < 0) return -errno.EINVAL;
  file.f_pos = target;
  return target;
}

function fileCall(
  k: Context,
  name: string,
  fd: number,
  body: (file: OpenedFile) => Code<number>,
): Code<number> {
  return systemCall(k, name, () =>
    withFile(k, fd, (file) => (file instanceof OpenedFile ? body(file) : -errno.EINVAL)),
  );
}

/** What is done with a file at a position, which it moves. */
type AtPosition = (file: OpenedFile, pos: Position) => Code<number>;

function atFilePosition(k: Context, name: Transfer, fd: number, body: AtPosition): Code<number> {
  return fileCall(k, name, fd, (file) => takingTurns(k, file, () => movingPosition(k, file, body)));
}

function* movingPosition(k: Context, file: OpenedFile, body: AtPosition): Code<number> {
  yield k.machine.costs.call;
  const pos = { value: file.f_pos };
  const result = yield* body(file, pos);
  if (result >= 0) file.f_pos = pos.value;
  return result;
}

function atOffset(
  k: Context,
  name: string,
  fd: number,
  offset: number,
  needed: number,
  body: AtPosition,
): Code<number> {
  return fileCall(k, name, fd, (file) => fromOffset(k, file, offset, needed, body));
}

function* fromOffset(
  k: Context,
  file: OpenedFile,
  offset: number,
  needed: number,
  body: AtPosition,
): Code<number> {
  yield k.machine.costs.call;
  if (offset < 0) return -errno.EINVAL;
  if ((file.f_mode & needed) === 0)
    return -(needed === FMODE_PREAD ? file.preadError : errno.ESPIPE);
  return yield* body(file, { value: offset });
}

/** fdget_pos(): only a file that several threads share needs the lock. */
function* takingTurns(k: Context, file: OpenedFile, body: () => Code<number>): Code<number> {
  const process = processOf(k);
  const shared = process instanceof ThreadGroup && process.size > 1;
  if (!shared || (file.f_mode & FMODE_ATOMIC_POS) === 0) return yield* body();
  yield* mutex_lock(k, file.f_pos_lock);
  const result = yield* body();
  yield* mutex_unlock(k, file.f_pos_lock);
  return result;
}
