/*
 * Pipes, fs/pipe.c: a ring of pages, filled at the head and emptied at the tail. A write of up to
 * PIPE_BUF bytes is never torn; a longer one may be, and waits for room as often as it must.
 * Left out: splice, packets (O_DIRECT), SIGIO, fcntl's F_SETPIPE_SZ, the limits of users; that the
 * one page of 2.4 is a ring of bytes, with room again for each byte that was read.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import {
  FMODE_READ,
  FMODE_WRITE,
  OpenedFile,
  type Inode,
  type file_operations,
} from '../fs/file.ts';
import { O_RDONLY, O_WRONLY, O_NONBLOCK } from '../fs/open.ts';
import { copy_from_iter, copy_to_iter, type IovIter } from '../fs/uio.ts';
import { Mutex, mutex_lock, mutex_unlock } from '../locking/mutex.ts';
import type { Machine } from '../machine.ts';
import { PAGE_SIZE } from '../mm/page.ts';
import { EPOLLERR, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from '../net/netlink/uapi.ts';
import { TASK_INTERRUPTIBLE } from '../sched/task.ts';
import { WaitQueueHead, __wake_up, wait_event_common } from '../sched/wait.ts';
import { send_sig } from '../signal/send.ts';
import { signal_pending, signals } from '../signal/signal.ts';
import { fileOf, processOf, type PollTable } from '../user/file.ts';
import { EPOLLHUP } from '../user/poll.ts';
import { systemCall } from '../user/signals.ts';
import { ipcEras } from './era.ts';

/** A write of so many bytes is atomic. */
export const PIPE_BUF = 4096;

/** struct pipe_buffer: the bytes of a page that are not read yet. */
interface PipeBuffer {
  offset: number;
  len: number;
  readonly bytes: Uint8Array;
}

/** struct pipe_inode_info */
export class Pipe {
  readonly name: string;
  readonly mutex: Mutex;
  readonly rd_wait: WaitQueueHead;
  readonly wr_wait: WaitQueueHead;
  readonly bufs: PipeBuffer[] = [];
  readonly max_usage: number;
  readonly exclusive: boolean;
  readers = 0;
  writers = 0;

  constructor(
    name: string,
    era: { readonly pipeBuffers: number; readonly pipeExclusive: boolean },
  ) {
    this.name = name;
    this.mutex = new Mutex(`${name} lock`);
    this.mutex.className = '&pipe->mutex';
    this.max_usage = era.pipeBuffers;
    this.exclusive = era.pipeExclusive;
    this.rd_wait = new WaitQueueHead(`${name} read`);
    this.wr_wait = era.pipeExclusive ? new WaitQueueHead(`${name} write`) : this.rd_wait;
  }

  get empty(): boolean {
    return this.bufs.length === 0;
  }

  get full(): boolean {
    return this.bufs.length >= this.max_usage;
  }

  /** Bytes that can be read, FIONREAD. */
  get length(): number {
    return this.bufs.reduce((sum, { len }) => sum + len, 0);
  }
}

const READABLE = EPOLLIN | EPOLLRDNORM;
const WRITABLE = EPOLLOUT | EPOLLWRNORM;

function wakeReaders(k: Context, pipe: Pipe): void {
  __wake_up(k.cpu, pipe.rd_wait, TASK_INTERRUPTIBLE, 1, pipe.exclusive ? READABLE : 0);
}

function wakeWriters(k: Context, pipe: Pipe): void {
  __wake_up(k.cpu, pipe.wr_wait, TASK_INTERRUPTIBLE, 1, pipe.exclusive ? WRITABLE : 0);
}

/** Sleeps, without the pipe's lock, until `ready`; false if a signal ended it. */
function* pipe_wait(
  k: Context,
  pipe: Pipe,
  queue: WaitQueueHead,
  ready: () => boolean,
): Code<boolean> {
  const how = { state: TASK_INTERRUPTIBLE, exclusive: pipe.exclusive };
  return (yield* wait_event_common(k, queue, ready, how)) >= 0;
}

/** The bytes read, 0 when there is nothing and no writer; -EAGAIN, -ERESTARTSYS. */
export function* pipe_read(k: Context, pipe: Pipe, to: IovIter, nonblock: boolean): Code<number> {
  if (to.count === 0) return 0;
  let ret = 0;
  let waited = false;
  yield* mutex_lock(k, pipe.mutex);
  let wakes = pipe.exclusive && pipe.full;
  for (;;) {
    const buf = pipe.bufs[0];
    if (buf !== undefined) {
      const chars = Math.min(buf.len, to.count);
      const written = copy_to_iter(k, buf.bytes.subarray(buf.offset, buf.offset + chars), to);
      if (written < chars) {
        if (ret === 0) ret = -errno.EFAULT;
        break;
      }
      ret += chars;
      buf.offset += chars;
      buf.len -= chars;
      if (buf.len === 0) {
        pipe.bufs.shift();
        if (!pipe.exclusive) wakes = true;
      }
      if (to.count === 0) break;
      if (!pipe.empty) continue;
    }
    if (pipe.writers === 0 || ret !== 0) break;
    if (nonblock) {
      ret = -errno.EAGAIN;
      break;
    }
    yield* mutex_unlock(k, pipe.mutex);
    if (wakes) wakeWriters(k, pipe);
    if (!(yield* pipe_wait(k, pipe, pipe.rd_wait, () => !pipe.empty || pipe.writers === 0))) {
      return -errno.ERESTARTSYS;
    }
    yield* mutex_lock(k, pipe.mutex);
    wakes = pipe.exclusive && pipe.full;
    waited = true;
  }
  const more = !pipe.empty;
  yield* mutex_unlock(k, pipe.mutex);
  if (wakes) wakeWriters(k, pipe);
  if (pipe.exclusive && waited && more) wakeReaders(k, pipe);
  return ret;
}

/** Appends to the page that was filled last, if all that is not a whole page fits there. */
function merge(k: Context, pipe: Pipe, from: IovIter): number {
  const chars = from.count % PAGE_SIZE;
  const last = pipe.bufs.at(-1);
  if (chars === 0 || last === undefined) return 0;
  const at = last.offset + last.len;
  if (at + chars > PAGE_SIZE) return 0;
  const bytes = copy_from_iter(k, chars, from);
  last.bytes.set(bytes, at);
  last.len += bytes.length;
  return bytes.length < chars ? -errno.EFAULT : bytes.length;
}

/** Fills one more page; false if the program's memory ends before. */
function fill(k: Context, pipe: Pipe, from: IovIter): number {
  const bytes = new Uint8Array(PAGE_SIZE);
  const wanted = Math.min(PAGE_SIZE, from.count);
  const got = copy_from_iter(k, wanted, from);
  bytes.set(got);
  if (got.length < wanted) return -errno.EFAULT;
  pipe.bufs.push({ offset: 0, len: got.length, bytes });
  return got.length;
}

function* broken(k: Context): Code<number> {
  send_sig(k.cpu, signals.SIGPIPE, k.current);
  yield 0;
  return -errno.EPIPE;
}

/** The bytes written; -EPIPE with SIGPIPE when nobody can read any more; -EAGAIN, -ERESTARTSYS. */
export function* pipe_write(
  k: Context,
  pipe: Pipe,
  from: IovIter,
  nonblock: boolean,
): Code<number> {
  if (from.count === 0) return 0;
  yield* mutex_lock(k, pipe.mutex);
  let ret = 0;
  let waited = false;
  let wakes = !pipe.exclusive || pipe.empty;
  if (pipe.readers > 0) ret = merge(k, pipe, from);
  while (ret >= 0 && from.count > 0) {
    if (pipe.readers === 0) {
      const error = yield* broken(k);
      if (ret === 0) ret = error;
      break;
    }
    if (!pipe.full) {
      const filled = fill(k, pipe, from);
      if (filled < 0 && ret === 0) ret = filled;
      if (filled < 0) break;
      ret += filled;
      continue;
    }
    if (nonblock || signal_pending(k.current)) {
      if (ret === 0) ret = nonblock ? -errno.EAGAIN : -errno.ERESTARTSYS;
      break;
    }
    yield* mutex_unlock(k, pipe.mutex);
    if (wakes) wakeReaders(k, pipe);
    yield* pipe_wait(k, pipe, pipe.wr_wait, () => !pipe.full || pipe.readers === 0);
    yield* mutex_lock(k, pipe.mutex);
    wakes = !pipe.exclusive || pipe.empty;
    waited = true;
  }
  const room = !pipe.full;
  yield* mutex_unlock(k, pipe.mutex);
  if (wakes) wakeReaders(k, pipe);
  if (pipe.exclusive && waited && room) wakeWriters(k, pipe);
  return ret;
}

function pipe_poll(pipe: Pipe, mode: number, table: PollTable | null): number {
  let mask = 0;
  if ((mode & FMODE_READ) !== 0) {
    table?.wait(pipe.rd_wait);
    if (!pipe.empty) mask |= READABLE;
    if (pipe.writers === 0) mask |= EPOLLHUP;
  }
  if ((mode & FMODE_WRITE) !== 0) {
    table?.wait(pipe.wr_wait);
    if (!pipe.full) mask |= WRITABLE;
    if (pipe.readers === 0) mask |= EPOLLERR;
  }
  return mask;
}

/** The last reader or the last writer goes: all who wait for it look again. */
function* pipe_release(k: Context, pipe: Pipe, mode: number): Code<number> {
  yield* mutex_lock(k, pipe.mutex);
  if ((mode & FMODE_READ) !== 0) pipe.readers--;
  if ((mode & FMODE_WRITE) !== 0) pipe.writers--;
  if ((pipe.readers === 0) !== (pipe.writers === 0)) {
    __wake_up(k.cpu, pipe.rd_wait, TASK_INTERRUPTIBLE, 0, 0);
    if (pipe.exclusive) __wake_up(k.cpu, pipe.wr_wait, TASK_INTERRUPTIBLE, 0, 0);
  }
  yield* mutex_unlock(k, pipe.mutex);
  return 0;
}

function operations(pipe: Pipe): file_operations {
  const nonblock = (file: OpenedFile): boolean => (file.f_flags & O_NONBLOCK) !== 0;
  return {
    read: (k, file, to) => pipe_read(k, pipe, to, nonblock(file)),
    write: (k, file, from) => pipe_write(k, pipe, from, nonblock(file)),
    poll: (_k, file, table) => pipe_poll(pipe, file.f_mode, table),
    release: (k, file) => pipe_release(k, pipe, file.f_mode),
  };
}

/** Opens one end of a pipe for the calling process: a descriptor. */
function install_end(k: Context, pipe: Pipe, mode: number, flags: number): number {
  const inode: Inode = { type: 'fifo', mode: 0o600, i_fop: operations(pipe) };
  const access = mode === FMODE_READ ? O_RDONLY : O_WRONLY;
  const file = new OpenedFile(inode, access | flags, mode);
  file.private_data = pipe;
  const fd = processOf(k).install(file);
  if (fd < 0) return fd;
  if (mode === FMODE_READ) pipe.readers++;
  else pipe.writers++;
  return fd;
}

export interface PipeEnds {
  readonly error: number;
  readonly read: number;
  readonly write: number;
}

const made = new WeakMap<Machine, number>();

function nextName(machine: Machine): string {
  const number = (made.get(machine) ?? 0) + 1;
  made.set(machine, number);
  return `pipe:${number}`;
}

/** pipe2(): two descriptors. With `of`, those that the process has from a common parent. */
export function* pipe2(k: Context, flags: number, of: Pipe | null): Code<PipeEnds> {
  let read = -1;
  let write = -1;
  const error = yield* systemCall(k, 'pipe2', function* () {
    yield k.machine.costs.call;
    const pipe = of ?? new Pipe(nextName(k.machine), ipcEras[k.machine.era.name]);
    read = install_end(k, pipe, FMODE_READ, flags);
    if (read < 0) return read;
    write = install_end(k, pipe, FMODE_WRITE, flags);
    if (write < 0) yield* processOf(k).remove(read)!.release(k);
    return Math.min(write, 0);
  });
  return { error, read, write };
}

/** The pipe behind a descriptor of the calling process, if it is one. */
export function pipeOf(k: Context, fd: number): Pipe | null {
  const file = fileOf(k, fd);
  const data = file instanceof OpenedFile ? file.private_data : null;
  return data instanceof Pipe ? data : null;
}
