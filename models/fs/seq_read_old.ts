/*
 * seq_read() and traverse() of fs/seq_file.c before 4.19, as in 2.4, 2.6.24 and 2.6.32: next() is
 * called only when more records are wanted, so the index is that of the record in the buffer until
 * its last byte has been read; a fault loses the place of what has been shown.
 * Left out: the semaphore of 2.4 (a mutex here), m->version.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { fsEras } from './era.ts';
import { ErrPtr, type Element, type SeqFile } from './seq_file.ts';
import { copy_to_iter, iov_iter_count, type IovIter } from './uio.ts';

/** Before 2.6.27 there is no SEQ_SKIP, before 2.6.30 no position but the file's own. */
function isPositioned(k: Context): boolean {
  return fsEras[k.machine.era.name].seqRead === 'positioned';
}

/** Without the lock and what follows the label Done. */
export function* seq_read_old(k: Context, m: SeqFile, iter: IovIter, pos: number): Code<number> {
  if (isPositioned(k) && pos !== m.read_pos) {
    m.read_pos = pos;
    let error: number;
    do error = yield* traverse_old(k, m, pos);
    while (error === -errno.EAGAIN);
    if (error !== 0) {
      m.read_pos = 0;
      m.rewind();
      return error;
    }
  }
  let flushed = 0;
  if (m.count > 0) {
    flushed = copyOut(k, m, m.from, iter);
    if (flushed < 0) return flushed;
    m.from += flushed;
    if (m.count === 0) m.index.value++;
    if (iov_iter_count(iter) === 0) return flushed;
  }
  m.allocate();
  const at = { value: m.index.value };
  const first = yield* firstRecord(k, m, at);
  if (typeof first === 'number') return flushed > 0 ? flushed : first;
  yield* fill(k, m, first.element, at, iov_iter_count(iter));
  const copied = copyOut(k, m, 0, iter);
  if (copied < 0) return flushed > 0 ? flushed : copied;
  if (m.count > 0) m.from = copied;
  else at.value++;
  m.index.value = at.value;
  return flushed + copied;
}

/** All that is wanted of what the buffer holds, or -EFAULT and nothing has happened. */
function copyOut(k: Context, m: SeqFile, from: number, iter: IovIter): number {
  const n = Math.min(m.count, iov_iter_count(iter));
  if (copy_to_iter(k, m.allocate().subarray(from, from + n), iter) < n) return -errno.EFAULT;
  m.count -= n;
  return n;
}

type Index = { value: number };

/** A record in the buffer; 0 at the end of the sequence, or what went wrong. */
function* firstRecord(k: Context, m: SeqFile, at: Index): Code<{ element: unknown } | number> {
  const { op } = m;
  const skips = isPositioned(k);
  let p = yield* op.start(k, m, at);
  let result = 0;
  while (p !== null) {
    result = p instanceof ErrPtr ? p.error : yield* op.show(k, m, p);
    if (result < 0 || (result > 0 && !skips)) break;
    if (result > 0) m.count = 0;
    result = 0;
    if (m.count === 0 && skips) {
      p = yield* op.next(k, m, p, at);
      m.index.value = at.value;
      continue;
    }
    if (m.count < m.size) return { element: p };
    yield* op.stop(k, m, p);
    m.grow();
    at.value = m.index.value;
    p = yield* op.start(k, m, at);
  }
  yield* op.stop(k, m, p);
  m.count = 0;
  return result;
}

/** Shows more records while they fit and fewer than `size` bytes are there. */
function* fill(k: Context, m: SeqFile, first: unknown, at: Index, size: number): Code {
  const { op } = m;
  let p: Element<unknown> = first;
  while (m.count < size) {
    const fits = m.count;
    const next = { value: at.value };
    p = yield* op.next(k, m, p, next);
    if (p === null || p instanceof ErrPtr) break;
    const shown = yield* op.show(k, m, p);
    if (shown !== 0 || m.count === m.size) {
      m.count = fits;
      if (shown <= 0 || !isPositioned(k)) break;
    }
    at.value = next.value;
  }
  yield* op.stop(k, m, p);
}

/** Shows all records before `offset` anew; leaves what is left of the one that holds it. */
export function* traverse_old(k: Context, m: SeqFile, offset: number): Code<number> {
  const { op, index } = m;
  let pos = 0;
  let error = 0;
  m.rewind();
  m.from = 0;
  if (offset === 0) return 0;
  m.allocate();
  let p = yield* op.start(k, m, index);
  while (p !== null) {
    error = p instanceof ErrPtr ? p.error : yield* op.show(k, m, p);
    if (error < 0 || (error > 0 && !isPositioned(k))) break;
    if (error > 0) m.count = 0;
    error = 0;
    if (m.count === m.size) {
      yield* op.stop(k, m, p);
      m.grow();
      return -errno.EAGAIN;
    }
    if (pos + m.count > offset) {
      m.from = offset - pos;
      m.count -= m.from;
      break;
    }
    pos += m.count;
    m.count = 0;
    if (pos === offset) {
      index.value++;
      break;
    }
    p = yield* op.next(k, m, p, index);
  }
  yield* op.stop(k, m, p);
  return error;
}
