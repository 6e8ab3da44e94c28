/*
 * Reading and seeking in a seq_file, fs/seq_file.c since 4.19. A read serves what the buffer
 * holds, else shows at least one record into it, doubling it while that does not fit, and then more
 * as long as they fit and are asked for. For the kernels before see seq_read_old.ts.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { mutex_lock, mutex_unlock } from '../locking/mutex.ts';
import { printk } from '../printk.ts';
import { fsEras } from './era.ts';
import type { OpenedFile, Position } from './file.ts';
import { SEEK_CUR, SEEK_SET } from './read_write.ts';
import { ErrPtr, seqFileOf, seq_has_overflowed, type Element, type SeqFile } from './seq_file.ts';
import { seq_read_old, traverse_old } from './seq_read_old.ts';
import { copy_to_iter, iov_iter_count, type IovIter } from './uio.ts';

/** The read() of a file that seq_open() has prepared. */
export function* seq_read(
  k: Context,
  file: OpenedFile,
  iter: IovIter,
  pos: Position,
): Code<number> {
  const m = seqFileOf(file);
  const iterating = isIterating(k);
  if (iterating && iov_iter_count(iter) === 0) return 0;
  yield* mutex_lock(k, m.lock);
  const result = yield* (iterating ? seq_read_iter : seq_read_old)(k, m, iter, pos.value);
  if (result > 0) {
    pos.value += result;
    m.read_pos += result;
  }
  yield* mutex_unlock(k, m.lock);
  return result;
}

function isIterating(k: Context): boolean {
  return fsEras[k.machine.era.name].seqRead === 'iterating';
}

/** Without the lock and what follows the label Done. */
function* seq_read_iter(k: Context, m: SeqFile, iter: IovIter, pos: number): Code<number> {
  if (pos === 0) m.rewind();
  if (pos !== m.read_pos) {
    const error = yield* traverseTo(k, m, pos);
    m.read_pos = error < 0 ? 0 : pos;
    if (error < 0) {
      m.rewind();
      return error;
    }
  }
  const buf = m.allocate();
  const flushed = m.count === 0 ? 0 : serve(k, m, buf, iter);
  if (m.count > 0) return flushed > 0 ? flushed : -errno.EFAULT;
  m.from = 0;
  const first = yield* firstRecord(k, m);
  if (typeof first === 'number') return flushed > 0 ? flushed : first;
  yield* fill(k, m, first.element, iter);
  const copied = flushed + serve(k, m, m.allocate(), iter);
  return copied > 0 ? copied : -errno.EFAULT;
}

/** Copies out what the buffer holds; what the memory does not take stays. */
function serve(k: Context, m: SeqFile, buf: Uint8Array, iter: IovIter): number {
  const n = copy_to_iter(k, buf.subarray(m.from, m.from + m.count), iter);
  m.count -= n;
  m.from += n;
  return n;
}

/** Gets a record that is not empty into the buffer; 0 at the end of the sequence, or an error. */
function* firstRecord(k: Context, m: SeqFile): Code<{ element: unknown } | number> {
  const { op } = m;
  let p = yield* op.start(k, m, m.index);
  let error = 0;
  while (p !== null) {
    if (p instanceof ErrPtr) {
      ({ error } = p);
      break;
    }
    const shown = yield* op.show(k, m, p);
    if (shown < 0) {
      error = shown;
      break;
    }
    if (shown > 0) m.count = 0;
    if (m.count === 0) {
      p = yield* op.next(k, m, p, m.index);
      continue;
    }
    if (!seq_has_overflowed(m)) return { element: p };
    yield* op.stop(k, m, p);
    m.grow();
    p = yield* op.start(k, m, m.index);
  }
  yield* op.stop(k, m, p);
  m.count = 0;
  return error;
}

/**
 * Shows more records while they fit and are wanted; next() is called for every one shown. An error
 * waits for the next read, which begins with the record that gave it.
 */
function* fill(k: Context, m: SeqFile, first: unknown, iter: IovIter): Code {
  const { op } = m;
  let p: Element<unknown> = first;
  for (;;) {
    const fits = m.count;
    const index = m.index.value;
    p = yield* op.next(k, m, p, m.index);
    if (m.index.value === index) {
      printk(k, 'seq_file: buggy .next function did not update position index');
      m.index.value++;
    }
    if (p === null || p instanceof ErrPtr || m.count >= iov_iter_count(iter)) break;
    const shown = yield* op.show(k, m, p);
    if (shown === 0 && !seq_has_overflowed(m)) continue;
    m.count = fits;
    if (shown <= 0) break;
  }
  yield* op.stop(k, m, p);
}

/** traverse() until the buffer is large enough. */
function* traverseTo(k: Context, m: SeqFile, offset: number): Code<number> {
  const once = isIterating(k) ? traverse : traverse_old;
  let error: number;
  do error = yield* once(k, m, offset);
  while (error === -errno.EAGAIN);
  return error;
}

/** Shows all records before `offset` anew; leaves what is left of the one that holds it. */
function* traverse(k: Context, m: SeqFile, offset: number): Code<number> {
  const { op } = m;
  let pos = 0;
  m.rewind();
  m.from = 0;
  if (offset === 0) return 0;
  m.allocate();
  let error = 0;
  let p = yield* op.start(k, m, m.index);
  while (p !== null) {
    if (p instanceof ErrPtr) {
      ({ error } = p);
      break;
    }
    error = yield* op.show(k, m, p);
    if (error < 0) break;
    if (error > 0) m.count = 0;
    error = 0;
    if (seq_has_overflowed(m)) {
      yield* op.stop(k, m, p);
      m.grow();
      return -errno.EAGAIN;
    }
    p = yield* op.next(k, m, p, m.index);
    if (pos + m.count > offset) {
      m.from = offset - pos;
      m.count -= m.from;
      break;
    }
    pos += m.count;
    m.count = 0;
    if (pos === offset) break;
  }
  yield* op.stop(k, m, p);
  return error;
}

/** The llseek() of such a file: absolute or relative, not from the end. */
export function* seq_lseek(
  k: Context,
  file: OpenedFile,
  offset: number,
  whence: number,
): Code<number> {
  const m = seqFileOf(file);
  yield* mutex_lock(k, m.lock);
  const result = yield* seekLocked(k, m, file, offset, whence);
  yield* mutex_unlock(k, m.lock);
  return result;
}

function* seekLocked(
  k: Context,
  m: SeqFile,
  file: OpenedFile,
  offset: number,
  whence: number,
): Code<number> {
  const { seqRead } = fsEras[k.machine.era.name];
  const target = whence === SEEK_CUR ? file.f_pos + offset : offset;
  if ((whence !== SEEK_SET && whence !== SEEK_CUR) || target < 0) return -errno.EINVAL;
  const at = seqRead === 'sequential' ? file.f_pos : m.read_pos;
  if (target === at) {
    if (seqRead === 'iterating') file.f_pos = target;
    return target;
  }
  const error = yield* traverseTo(k, m, target);
  file.f_pos = error === 0 ? target : 0;
  m.read_pos = file.f_pos;
  if (error === 0) return target;
  m.rewind();
  return error;
}
