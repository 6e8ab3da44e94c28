/*
 * Arrays of characters in the kernel's memory and what lib/string.c and vsprintf() do with them. An
 * access beyond the end is reported as KASAN reports it (mm/kasan/report.c) and goes on as on a
 * kernel without: it reads bytes of somebody else's, and writes are lost here. The race detector
 * sees an array as one thing; as with the recorded kernel, memcpy() is invisible to it.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { reportOutOfBounds, type Direction } from '../checks/out-of-bounds.ts';
import { ACCESS_WRITE, instrument_access } from '../instrumented.ts';
import { page_fault_oops } from '../mm/fault.ts';
import { bytesOfText, textOfBytes } from './text-bytes.ts';

/** What memory of others looks like: POISON_INUSE of include/linux/poison.h. */
const FOREIGN = 0x5a;

/** Where the pages of a module end, and with them what a huge size can write to, on i386. */
export const END_OF_MODULE = 0xd0841000;

export class CharArray {
  readonly name: string;
  readonly size: number;
  private readonly memory: Uint8Array;
  /** Of each byte: somebody has written it. */
  private readonly written: Uint8Array;

  /** A static array: zeros follow the bytes that it begins with. */
  constructor(name: string, size: number, bytes: Uint8Array | null = null) {
    this.name = name;
    this.size = size;
    this.memory = new Uint8Array(size);
    if (bytes !== null) this.memory.set(bytes);
    this.written = new Uint8Array(size).fill(1);
  }

  feed(into: Fingerprint): void {
    for (const byte of this.memory) into.add(byte);
  }

  /** Fresh memory: all bytes are this, and count as not written. */
  poison(byte: number): void {
    this.memory.fill(byte);
    this.written.fill(0);
  }

  /** `where` is the function that reads. */
  load(k: Context, offset: number, length: number, where: string): Uint8Array {
    this.check(k, offset, length, where, 'Read');
    const bytes = new Uint8Array(length).fill(FOREIGN);
    const from = Math.max(0, offset);
    const to = Math.min(this.size, offset + length);
    if (to > from) bytes.set(this.memory.subarray(from, to), from - offset);
    return bytes;
  }

  store(k: Context, offset: number, bytes: Uint8Array, where: string): void {
    this.check(k, offset, bytes.length, where, 'Write');
    const from = Math.max(0, offset);
    const to = Math.min(this.size, offset + bytes.length);
    if (to <= from) return;
    this.memory.set(bytes.subarray(from - offset, to - offset), from);
    this.written.fill(1, from, to);
  }

  /** Nobody has written this byte since it was allocated. */
  isUninitialised(offset: number): boolean {
    return offset >= 0 && offset < this.size && this.written[offset] === 0;
  }

  /** The race detector hears of it. */
  instrument(k: Context, how: number): void {
    const { machine } = k;
    if (machine.trace.on) instrument_access(k.cpu, machine.texts.intern(this.name), how);
  }

  private check(k: Context, offset: number, length: number, where: string, how: Direction): void {
    if (length === 0 || (offset >= 0 && offset + length <= this.size)) return;
    this.report(k, offset, length, where, how);
  }

  /** An access that is not within the array. */
  report(k: Context, offset: number, length: number, where: string, how: Direction): void {
    reportOutOfBounds(k, { where, buffer: this, offset, size: length, how });
  }
}

/** The place of the first NUL from `offset` on; reads beyond the end if there is none. */
function endOf(k: Context, from: CharArray, offset: number, where: string): number {
  const bytes = from.load(k, offset, Math.max(0, from.size - offset), where);
  const nul = bytes.indexOf(0);
  if (nul >= 0) return offset + nul;
  // What lies behind the array holds a NUL somewhere; the first byte of it is enough to be told.
  from.load(k, from.size, 1, where);
  return from.size;
}

export function strlen(k: Context, of: CharArray): number {
  of.instrument(k, 0);
  return endOf(k, of, 0, 'strlen');
}

/** memcpy(to + toOffset, from + fromOffset, n); a count below 0 is a huge one. */
export function* memcpy(
  k: Context,
  to: CharArray,
  toOffset: number,
  from: CharArray,
  fromOffset: number,
  n: number,
): Code {
  if (n >= 0) {
    to.store(k, toOffset, from.load(k, fromOffset, n, 'memcpy'), 'memcpy');
    return;
  }
  to.report(k, toOffset, n >>> 0, 'memcpy', 'Write');
  yield* page_fault_oops(k, END_OF_MODULE);
}

export function memset(k: Context, to: CharArray, byte: number, n: number): void {
  to.instrument(k, ACCESS_WRITE);
  to.store(k, 0, new Uint8Array(n).fill(byte), 'memset');
}

/** `to[index] = byte`. */
export function setByte(k: Context, to: CharArray, index: number, byte: number): void {
  to.instrument(k, ACCESS_WRITE);
  to.store(k, index, Uint8Array.of(byte), 'an assignment');
}

/** sprintf(to + offset, text): the characters without the NUL that follows them. */
export function sprintf(k: Context, to: CharArray, offset: number, text: string): number {
  to.instrument(k, ACCESS_WRITE);
  to.store(k, offset, bytesOfText(`${text}\0`), 'sprintf');
  return text.length;
}

/** What "%s" prints: up to the first NUL, whether or not it is the array's own. */
export function stringAt(k: Context, of: CharArray): string {
  of.instrument(k, 0);
  const end = endOf(k, of, 0, 'string');
  if (Array.from({ length: end }, (_, at) => at).some((at) => of.isUninitialised(at))) {
    const text = `BUG: KMSAN: uninit-value in string: ${of.name} is printed as it came`;
    k.machine.findings.report(k.cpu, 'use-before-init', text, of.name);
  }
  return textOfBytes(of.load(k, 0, Math.min(end, of.size), 'string'));
}
