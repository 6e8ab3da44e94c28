/*
 * User copies to and from memory of the kernel with a known size: check_copy_size() of
 * include/linux/thread_info.h (6.1), and what an access beyond the end does where nothing checks.
 */
import { copyOverflowText, reportOutOfBounds } from '../checks/out-of-bounds.ts';
import type { Code, Context } from '../context.ts';
import { ACCESS_WRITE } from '../instrumented.ts';
import { printk } from '../printk.ts';
import { page_fault_oops } from './fault.ts';
import type { KernelBuffer } from './kernel-buffer.ts';
import { mmEra } from './pagefault.ts';
import { copy_from_user, copy_to_user } from './uaccess.ts';

/** Where the memory of i386 that is always mapped ends: 896 MiB above PAGE_OFFSET. */
const LOWMEM_END = 0xf8000000;

/** A part of a buffer, which may reach beyond its end. A negative size is a huge one. */
export interface Piece {
  readonly buffer: KernelBuffer;
  readonly at: number;
  readonly size: number;
}

type CopyFrom = (k: Context, to: Uint8Array, from: number, n: number) => Code<number>;
type CopyTo = (k: Context, to: number, from: Uint8Array, n: number) => Code<number>;

/** Bytes that could not be copied. */
export function* copyIn(
  k: Context,
  { buffer, at, size }: Piece,
  from: number,
  copy: CopyFrom = copy_from_user,
): Code<number> {
  const inside = insideOf(buffer, at);
  const fits = size >= 0 && size <= inside;
  if (!fits && refused(k, 'copy_from_user', { buffer, at, size }, 'Write')) return size;
  if (size < 0) yield* page_fault_oops(k, LOWMEM_END);
  buffer.instrument(k, at, Math.min(size, inside), ACCESS_WRITE);
  const to = fits ? buffer.bytes(at, size) : new Uint8Array(size);
  const left = yield* copy(k, to, from, size);
  if (!fits) buffer.bytes(at, inside).set(to.subarray(0, inside));
  buffer.written(at, Math.min(size, inside));
  return left;
}

export function* copyOut(
  k: Context,
  to: number,
  { buffer, at, size }: Piece,
  copy: CopyTo = copy_to_user,
): Code<number> {
  const inside = insideOf(buffer, at);
  const fits = size >= 0 && size <= inside;
  if (!fits && refused(k, 'copy_to_user', { buffer, at, size }, 'Read')) return size;
  if (size < 0) return yield* copy(k, to, new Uint8Array(0), size);
  buffer.instrument(k, at, Math.min(size, inside), 0);
  const from = new Uint8Array(size);
  from.set(buffer.bytes(at, Math.min(size, inside)));
  return yield* copy(k, to, from, size);
}

function insideOf({ size }: KernelBuffer, at: number): number {
  return at < 0 ? 0 : Math.max(0, size - at);
}

/** Reports a copy that does not fit; whether it is not made then. */
function refused(k: Context, where: string, piece: Piece, how: 'Read' | 'Write'): boolean {
  const { buffer, at, size } = piece;
  if (mmEra(k).copyChecksSize && (buffer.isArray || size < 0)) {
    const text = copyOverflowText(buffer.size - at, size);
    printk(k, text);
    k.machine.findings.report(k.cpu, 'out-of-bounds', text, buffer.name);
    return true;
  }
  const shown = size < 0 ? size >>> 0 : size;
  reportOutOfBounds(k, { where, buffer, offset: at, size: shown, how });
  return false;
}
