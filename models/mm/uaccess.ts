/*
 * The kernel's access to user memory. An access that no page fault can make good ends in fix-up
 * code, which says how many bytes are left. What is copied becomes visible page by page.
 *
 * Sources: lib/usercopy.c, include/linux/uaccess.h, asm-generic/access_ok.h, mm/maccess.c,
 * arch/x86/lib/{copy_user_64,clear_page_64,getuser,putuser}.S (all of 6.1.192);
 * arch/x86/lib/usercopy_32.c (2.6.24, 2.6.32). A kernel buffer is a Uint8Array; how its address is
 * aligned is what its byteOffset says.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { ACCESS_WRITE } from '../instrumented.ts';
import { CopyTrace, traceAccessOk, traceZeroFill } from './copy-trace.ts';
import { bytesLeft, type CopyLoop } from './fixup.ts';
import { accessible } from './fault.ts';
import type { MmStruct } from './mm.ts';
import { PAGE_SIZE, pageOf } from './page.ts';
import { active_mm, might_fault, mmEra, pagefault_disable, pagefault_enable } from './pagefault.ts';
import { userFetched, userStored } from './user-fetch.ts';

/** Whether the range lies below TASK_SIZE; it need not be mapped. A size below 0 is a huge one. */
export function access_ok(k: Context, address: number, size: number): boolean {
  const { taskSize } = mmEra(k);
  return address >= 0 && size >= 0 && size <= taskSize - address;
}

/** Does what is to be done with bytes `from` to `to` of a copy, which are accessible. */
type Move = (mm: MmStruct, from: number, to: number) => void;

interface Copy {
  /** User memory, which is read or written. */
  readonly address: number;
  readonly size: number;
  readonly write: boolean;
  readonly loop: CopyLoop;
  /** The destination, on whose alignment the loop depends. */
  readonly to: number;
  readonly move: Move;
}

/** Goes through the user memory a page at a time; returns the bytes left. */
function* walk(k: Context, { address, size, write, loop, to, move }: Copy): Code<number> {
  const trace = new CopyTrace(k, address, loop(to, size));
  let moved = 0;
  let end = 0;
  while (end < size) {
    const begin = end;
    end = Math.min(size, (pageOf(address + begin) + 1) * PAGE_SIZE - address);
    yield k.step(region(k, address + begin), cost(k, end - begin));
    const good = moved + (yield* accessible(k, address + moved, end - moved, write));
    const stop = good === size ? size : size - bytesLeft(loop)(to, size, good);
    if (stop > moved) move(active_mm(k)!, moved, stop);
    moved = stop;
    trace.reached(moved);
    if (good < end) {
      trace.faulted(good, moved, size - moved);
      return size - moved;
    }
  }
  return 0;
}

/** What others must touch to see the difference. */
export function region(k: Context, address: number): object | null {
  const mm = active_mm(k);
  return mm?.ptes.get(pageOf(address))?.page.footprint ?? mm?.vmaAt(address)?.file ?? mm;
}

function cost(k: Context, bytes: number): number {
  return Math.floor((bytes * k.machine.costs.copy_per_kib) / 1024);
}

/** Copies without asking for access_ok() and without touching what could not be copied. */
export function raw_copy_from_user(
  k: Context,
  to: Uint8Array,
  from: number,
  n: number,
): Code<number> {
  const move: Move = (mm, begin, end) => {
    mm.instrument(k, from + begin, end - begin, 0);
    mm.load(from + begin, to.subarray(begin, end));
    if (begin === 0) userFetched(k, mm, from, end);
  };
  const loop = mmEra(k).copyLoop;
  return walk(k, { address: from, size: n, write: false, loop, to: to.byteOffset, move });
}

/** For where page faults are disabled: the bytes left are those of pages that are not there. */
export const __copy_from_user_inatomic = raw_copy_from_user;

export function raw_copy_to_user(
  k: Context,
  to: number,
  from: Uint8Array,
  n: number,
): Code<number> {
  const move: Move = (mm, begin, end) => {
    store(k, mm, to + begin, from.subarray(begin, end));
  };
  return walk(k, { address: to, size: n, write: true, loop: mmEra(k).copyLoop, to, move });
}

export const __copy_to_user_inatomic = raw_copy_to_user;

/** Bytes that could not be copied; in the buffer they are zero. */
export function* copy_from_user(k: Context, to: Uint8Array, from: number, n: number): Code<number> {
  yield* might_fault(k, 'copy_from_user');
  const left = rangeIsUsers(k, from, n) ? yield* raw_copy_from_user(k, to, from, n) : n;
  if (n < 0) to.fill(0);
  else to.fill(0, n - left, n);
  traceZeroFill(k, left);
  return left;
}

/** Bytes that could not be copied. */
export function* copy_to_user(k: Context, to: number, from: Uint8Array, n: number): Code<number> {
  yield* might_fault(k, 'copy_to_user');
  return rangeIsUsers(k, to, n) ? yield* raw_copy_to_user(k, to, from, n) : n;
}

function rangeIsUsers(k: Context, address: number, size: number): boolean {
  const ok = access_ok(k, address, size);
  traceAccessOk(k, address, size, ok);
  return ok;
}

/** Bytes that could not be set to zero. */
export function* clear_user(k: Context, to: number, n: number): Code<number> {
  if (!access_ok(k, to, n)) return n;
  yield* might_fault(k, 'clear_user');
  const move: Move = (mm, begin, end) => {
    store(k, mm, to + begin, new Uint8Array(end - begin));
  };
  return yield* walk(k, { address: to, size: n, write: true, loop: mmEra(k).clearLoop, to, move });
}

function store(k: Context, mm: MmStruct, address: number, bytes: Uint8Array): void {
  mm.instrument(k, address, bytes.length, ACCESS_WRITE);
  mm.store(address, bytes);
  userStored(k, mm, address, bytes.length);
}

export type ValueSize = 1 | 2 | 4;

/** What get_user() gives: 0 or -EFAULT, and the value, 0 where there is none. */
export interface Fetched {
  readonly error: number;
  readonly value: number;
}

/** Little-endian: unsigned, or an int of 4 bytes. */
export function valueOf(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => (value << 8) | byte, 0);
}

export function bytesOf(value: number, size: ValueSize): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => value >>> (8 * i));
}

/** The value is read at once or not at all. */
export function* get_user(k: Context, from: number, size: ValueSize = 4): Code<Fetched> {
  yield* might_fault(k, 'get_user');
  const bytes = access_ok(k, from, size) ? yield* unsafe_get_user(k, from, size) : null;
  if (bytes === null) return { error: -errno.EFAULT, value: 0 };
  return { error: 0, value: valueOf(bytes) };
}

/** 0 or -EFAULT: all bytes of the value are written, or none. */
export function* put_user(
  k: Context,
  value: number,
  to: number,
  size: ValueSize = 4,
): Code<number> {
  yield* might_fault(k, 'put_user');
  if (!access_ok(k, to, size) || !(yield* single(k, to, size, true))) return -errno.EFAULT;
  store(k, active_mm(k)!, to, bytesOf(value, size));
  return 0;
}

/** One load of the processor: the bytes, or null if any of them cannot be accessed. */
export function* unsafe_get_user(k: Context, from: number, size: number): Code<Uint8Array | null> {
  if (!(yield* single(k, from, size, false))) return null;
  const bytes = new Uint8Array(size);
  const mm = active_mm(k)!;
  mm.instrument(k, from, size, 0);
  mm.load(from, bytes);
  userFetched(k, mm, from, size);
  return bytes;
}

/** A load or store that is one instruction: whether it can be made now. */
function* single(k: Context, address: number, size: number, write: boolean): Code<boolean> {
  yield k.step(region(k, address), k.machine.costs.access);
  return (yield* accessible(k, address, size, write)) === size;
}

/** 0, or -EFAULT where a page is not there; never sleeps. */
export function copy_from_user_nofault(
  k: Context,
  to: Uint8Array,
  from: number,
  n: number,
): Code<number> {
  return nofault(k, from, n, () => __copy_from_user_inatomic(k, to, from, n));
}

export function copy_to_user_nofault(
  k: Context,
  to: number,
  from: Uint8Array,
  n: number,
): Code<number> {
  return nofault(k, to, n, () => __copy_to_user_inatomic(k, to, from, n));
}

function* nofault(k: Context, address: number, n: number, copy: () => Code<number>): Code<number> {
  if (!access_ok(k, address, n)) return -errno.EFAULT;
  pagefault_disable(k);
  const left = yield* copy();
  yield* pagefault_enable(k);
  return left === 0 ? 0 : -errno.EFAULT;
}
