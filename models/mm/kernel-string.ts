/*
 * Strings in memory of the kernel, lib/string.c. A string without a NUL goes on behind the end of
 * its buffer, where the kernel reads on.
 */
import { reportOutOfBounds } from '../checks/out-of-bounds.ts';
import type { Context } from '../context.ts';
import { ACCESS_WRITE } from '../instrumented.ts';
import { bytesOfText } from '../lib/text-bytes.ts';
import type { KernelBuffer } from './kernel-buffer.ts';

/** Copies the text and its NUL. */
export function strcpy(k: Context, buffer: KernelBuffer, at: number, text: string): void {
  const bytes = bytesOfText(`${text}\0`);
  const inside = Math.max(0, Math.min(bytes.length, buffer.size - at));
  if (inside < bytes.length) {
    const size = bytes.length;
    reportOutOfBounds(k, { where: 'strcpy', buffer, offset: at, size, how: 'Write' });
  }
  buffer.instrument(k, at, inside, ACCESS_WRITE);
  buffer.bytes(at, inside).set(bytes.subarray(0, inside));
  buffer.written(at, inside);
}

/** What a `%s` prints, and strlen() counts. */
export function stringAt(k: Context, buffer: KernelBuffer, at: number, where: string): string {
  const room = Math.max(0, buffer.size - at);
  const all = buffer.bytes(at, room);
  const nul = all.indexOf(0);
  if (nul < 0) {
    reportOutOfBounds(k, { where, buffer, offset: buffer.size, size: 1, how: 'Read' });
  }
  const length = nul < 0 ? room : nul;
  buffer.instrument(k, at, Math.min(room, length + 1), 0);
  return String.fromCharCode(...all.subarray(0, length));
}

/** Sets bytes; beyond the end is a report. */
export function memset(
  k: Context,
  buffer: KernelBuffer,
  at: number,
  value: number,
  size: number,
): void {
  const inside = Math.max(0, Math.min(size, buffer.size - at));
  if (at < 0 || inside < size) {
    reportOutOfBounds(k, { where: 'memset', buffer, offset: at, size, how: 'Write' });
  }
  if (at < 0) return;
  buffer.instrument(k, at, inside, ACCESS_WRITE);
  buffer.bytes(at, inside).fill(value);
  buffer.written(at, inside);
}
