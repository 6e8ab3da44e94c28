/*
 * seq_file, fs/seq_file.c: a file made of records that a driver's iterator shows one by one. Here:
 * opening one, and what show() prints with; seq_read.ts reads it. Left out: allocations that fail.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { Mutex } from '../locking/mutex.ts';
import { fsEras } from './era.ts';
import { FMODE_PREAD, FMODE_PWRITE, type OpenedFile, type Position } from './file.ts';
import { bytesOfText } from '../lib/text-bytes.ts';

export const PAGE_SIZE = 4096;

/** What show() returns to have a record left out. */
export const SEQ_SKIP = 1;

/** ERR_PTR(): an error where an element was expected. */
export class ErrPtr {
  readonly error: number;

  /** `error` is negative. */
  constructor(error: number) {
    this.error = error;
  }
}

/** An element of the sequence, null at its end. */
export type Element<T> = T | null | ErrPtr;

/** start() gets the index of the record to begin with, next() must advance it. */
export interface seq_operations<T = unknown> {
  readonly start: (k: Context, m: SeqFile, pos: Position) => Code<Element<T>>;
  readonly next: (k: Context, m: SeqFile, v: T, pos: Position) => Code<Element<T>>;
  readonly stop: (k: Context, m: SeqFile, v: Element<T>) => Code;
  readonly show: (k: Context, m: SeqFile, v: T) => Code<number>;
}

/** struct seq_file. */
export class SeqFile {
  buf: Uint8Array | null = null;
  /** Where in the buffer the bytes begin that are left to read, and how many those are. */
  from = 0;
  count = 0;
  /** The record that comes next. */
  readonly index: Position = { value: 0 };
  /** The position in the file that the next read is expected to have. */
  read_pos = 0;
  readonly lock = new Mutex('&p->lock');
  readonly op: seq_operations;
  readonly file: OpenedFile;
  private: unknown = null;

  constructor(file: OpenedFile, op: seq_operations) {
    this.file = file;
    this.op = op;
  }

  get size(): number {
    return this.buf?.length ?? 0;
  }

  /** The first buffer is a page. */
  allocate(): Uint8Array {
    this.buf ??= new Uint8Array(PAGE_SIZE);
    return this.buf;
  }

  grow(): void {
    this.count = 0;
    this.buf = new Uint8Array(this.size * 2);
  }

  /** At the first record, with nothing in the buffer. */
  rewind(): void {
    this.index.value = 0;
    this.count = 0;
  }
}

/** The file's records come from `op`; returns 0. */
export function seq_open<T>(k: Context, file: OpenedFile, op: seq_operations<T>): number {
  file.private_data = new SeqFile(file, op as seq_operations);
  const { seqRead, seqPreadError } = fsEras[k.machine.era.name];
  file.f_mode &= ~FMODE_PWRITE;
  if (seqRead === 'sequential') file.f_mode &= ~FMODE_PREAD;
  file.preadError = errno[seqPreadError];
  return 0;
}

export function seqFileOf(file: OpenedFile): SeqFile {
  if (file.private_data instanceof SeqFile) return file.private_data;
  throw new Error('seq_open() was not called for this file');
}

/** The release() of such a file; returns 0. */
export function* seq_release(k: Context, file: OpenedFile): Code<number> {
  yield k.machine.costs.call;
  file.private_data = null;
  return 0;
}

/** A file of one record, which `show` makes. */
export function single_open(
  k: Context,
  file: OpenedFile,
  show: (k: Context, m: SeqFile) => Code<number>,
  data: unknown = null,
): number {
  const result = seq_open<typeof SEQ_START_TOKEN>(k, file, {
    *start(on, _m, pos) {
      yield on.machine.costs.call;
      return pos.value === 0 ? SEQ_START_TOKEN : null;
    },
    *next(on, _m, _v, pos) {
      yield on.machine.costs.call;
      pos.value++;
      return null;
    },
    *stop(on) {
      yield on.machine.costs.call;
    },
    show,
  });
  seqFileOf(file).private = data;
  return result;
}

const SEQ_START_TOKEN = 1;

/** Nothing more fits: what was shown last is shown again later. */
export function seq_has_overflowed(m: SeqFile): boolean {
  return m.count === m.size;
}

/** Appends bytes; -1 if they do not fit or fill the buffer, which is marked as full. */
export function seq_write(m: SeqFile, bytes: Uint8Array): number {
  if (m.buf === null || m.count + bytes.length >= m.size) {
    m.count = m.size;
    return -1;
  }
  m.buf.set(bytes, m.count);
  m.count += bytes.length;
  return 0;
}

/** Appends text, a byte a character. */
export function seq_puts(m: SeqFile, text: string): void {
  seq_write(m, bytesOfText(text));
}

export function seq_putc(m: SeqFile, character: string): void {
  if (m.buf !== null && m.count < m.size) m.buf[m.count++] = character.charCodeAt(0);
}
