/*
 * Words for files: the system calls of programs, and what a device's methods do with the memory of
 * the program that called.
 */
import type { Code, Context } from '../../models/context.ts';
import { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY, open } from '../../models/fs/open.ts';
import {
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  lseek,
  pread,
  pwrite,
  read,
  write,
} from '../../models/fs/read_write.ts';
import { UserBuffer, iov_iter_advance, iov_iter_count, type IovIter } from '../../models/fs/uio.ts';
import { copy_from_user, copy_to_user } from '../../models/mm/uaccess.ts';
import { currentFileCall } from '../run/file-calls.ts';
import {
  flags,
  int,
  op,
  optional,
  symbol,
  text,
  userMode,
  type Op,
  type Result,
} from './define.ts';

import { memory, placeOf, type Place } from './user-place.ts';

const READ_WRITE = 'fs/read_write.c';
const IOV_ITER = 'lib/iov_iter.c';

const fd = int('fd');
const size = int('size');
const offset = int('offset');
const openFlags = flags('flags', { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK });
const whence = symbol('whence', { SEEK_SET, SEEK_CUR, SEEK_END });

/** The buffer of a call: declared memory, an address, or one that nobody looks into. */
function bufferAt(k: Context, n: number, place: Place | undefined): UserBuffer {
  return new UserBuffer(n, n, place === undefined ? null : placeOf(k, place));
}

const calls: readonly Op[] = [
  op(
    'open',
    [text('path'), optional(openFlags)],
    'int',
    'Opens `/dev/NAME` or `/proc/NAME`, to read if no flags are given; the descriptor.',
    'fs/open.c',
    (k, path, how) => open(k, path, how ?? O_RDONLY),
  ),
  op(
    'read',
    [fd, size, optional(memory)],
    'int',
    'Reads at most size bytes; 0 at the end. A driver can copy to the memory that is named.',
    READ_WRITE,
    (k, f, n, place) => read(k, f, bufferAt(k, n, place)),
  ),
  op(
    'pread',
    [fd, size, offset],
    'int',
    'As read, at an offset; the position stays.',
    READ_WRITE,
    (k, f, n, at) => pread(k, f, new UserBuffer(n), at),
  ),
  op(
    'write',
    [fd, size, optional(memory)],
    'int',
    'Writes size bytes, which a driver can copy from the memory that is named.',
    READ_WRITE,
    (k, f, n, place) => write(k, f, bufferAt(k, n, place)),
  ),
  op('pwrite', [fd, size, offset], 'int', 'As write, at an offset.', READ_WRITE, (k, f, n, at) =>
    pwrite(k, f, new UserBuffer(n), at),
  ),
  op('lseek', [fd, offset, whence], 'int', 'Moves the position; the new one.', READ_WRITE, lseek),
];

/** Does something with the memory of the program; outside of read() and write() that is an oops. */
function withIter(k: Context, where: string, act: (iter: IovIter) => number): number {
  const iter = currentFileCall(k)?.iter;
  return iter === undefined ? oops(k, where) : act(iter);
}

/**
 * Copies to or from the program. Memory with an address is that of the process: its pages may have
 * to be fetched, or be bad. What goes there consists of the letter k.
 */
function copyWith(k: Context, where: 'copy_to_iter' | 'copy_from_iter', n: number): Result {
  const iter = currentFileCall(k)?.iter;
  const address = iter?.buffer.address ?? null;
  if (iter === undefined || address === null) {
    return withIter(k, where, (one) => iov_iter_advance(k, n, one));
  }
  return copyAt(k, iter, address + iter.offset, where, Math.max(0, Math.min(n, iter.count)));
}

function* copyAt(
  k: Context,
  iter: IovIter,
  address: number,
  where: 'copy_to_iter' | 'copy_from_iter',
  n: number,
): Code<number> {
  const bytes = new Uint8Array(n).fill(0x6b);
  const copy = where === 'copy_to_iter' ? copy_to_user(k, address, bytes, n) : null;
  const left = yield* copy ?? copy_from_user(k, bytes, address, n);
  return iter.advance(n - left);
}

/** A method that uses what its call does not have. */
export function oops(k: Context, where: string): number {
  const text = `BUG: kernel NULL pointer dereference in ${where}`;
  k.machine.findings.report(k.cpu, 'use-before-init', text);
  return 0;
}

const methods: readonly Op[] = [
  op(
    'iov_iter_count',
    [],
    'int',
    'How many bytes the program still wants to read or has still to write.',
    IOV_ITER,
    (k) => withIter(k, 'iov_iter_count', iov_iter_count),
  ),
  op(
    'copy_to_iter',
    [size],
    'int',
    'Copies bytes to the program that reads: how many it took.',
    IOV_ITER,
    (k, n) => copyWith(k, 'copy_to_iter', n),
  ),
  op(
    'copy_from_iter',
    [size],
    'int',
    'Copies bytes from the program that writes: how many there were.',
    IOV_ITER,
    (k, n) => copyWith(k, 'copy_from_iter', n),
  ),
  op(
    'nonblocking',
    [],
    'int',
    'Whether the file was opened with O_NONBLOCK.',
    'of the simulator',
    (k) => {
      const call = currentFileCall(k);
      if (call?.file === undefined) return oops(k, 'a method without a file');
      return (call.file.f_flags & O_NONBLOCK) === 0 ? 0 : 1;
    },
  ),
];

/** System calls of programs. */
export const fileOps: readonly Op[] = calls.map(userMode);
/** What the methods of a device call. */
export const deviceOps: readonly Op[] = methods;
