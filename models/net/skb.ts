/*
 * Socket buffers: net/core/skbuff.c and include/linux/skbuff.h.
 *
 * A buffer counts its users, its bytes and what it costs its owner (truesize). Its content is
 * stored only as far as somebody wrote it, because most simulated messages have no content; what
 * was never written reads as zero. Misuse that the kernel would answer with a splat or with
 * silent corruption goes to `SkbMemory.onFinding` in the kernel's words.
 */
import { SkbBytes } from './skb-bytes.ts';

/** Allocation flags, as far as the models tell them apart. */
export type gfp_t = 'GFP_KERNEL' | 'GFP_ATOMIC';

/** The data area that an allocation yields: where it ends, and what the buffer is charged. */
export interface SkbRoom {
  readonly end: number;
  readonly truesize: number;
}

/** How an allocation of `size` bytes is rounded and charged; differs between kernel versions. */
export interface SkbGeometry {
  /** alloc_skb(size). */
  alloc(size: number): SkbRoom;
  /** netlink_alloc_large_skb(size, 0): may use vmalloc above a page. */
  allocLarge(size: number): SkbRoom;
  /** pskb_expand_head(skb, 0, tail - end): the area is reallocated to fit. */
  shrink(skb: SkBuff): SkbRoom;
}

/** Who is charged for a buffer: a struct sock. */
export interface SkbOwner {
  sk_rmem_alloc: number;
}

export interface SkbFinding {
  readonly kind: 'use-after-free' | 'double-free' | 'assertion';
  readonly skb: SkBuff;
  /** The first line that the kernel would print. */
  readonly message: string;
}

/** The buffer caches of one machine: sizes, fault injection, counts and detectors. */
export class SkbMemory {
  readonly geometry: SkbGeometry;
  /** Buffers allocated and not yet freed. */
  live = 0;
  /** Buffers ever allocated; also the id of the newest. */
  allocated = 0;
  /** Fault injection: true makes this allocation fail. */
  fails: (size: number, gfp: gfp_t) => boolean = () => false;
  /** The last reference went: `dropped` for kfree_skb, false for consume_skb. */
  onFree: (skb: SkBuff, dropped: boolean) => void = () => {};
  /** A misuse; the operation then has no effect. Throws unless replaced. */
  onFinding: (finding: SkbFinding) => void = (finding) => {
    throw new Error(finding.message);
  };

  constructor(geometry: SkbGeometry) {
    this.geometry = geometry;
  }
}

/** struct sk_buff. Offsets count from the start of the data area (`head` is 0). */
export class SkBuff {
  readonly memory: SkbMemory;
  readonly id: number;
  users = 1;
  data = 0;
  tail = 0;
  end: number;
  truesize: number;
  sk: SkbOwner | null = null;
  /** The control block of the layer that holds the buffer. */
  cb: object | null = null;
  bytes: SkbBytes;

  constructor(memory: SkbMemory, room: SkbRoom, bytes: SkbBytes) {
    this.memory = memory;
    this.id = ++memory.allocated;
    this.end = room.end;
    this.truesize = room.truesize;
    this.bytes = bytes;
    memory.live++;
  }

  get len(): number {
    return this.tail - this.data;
  }
}

function allocate(
  memory: SkbMemory,
  gfp: gfp_t,
  size: number,
  room: (size: number) => SkbRoom,
): SkBuff | null {
  if (memory.fails(size, gfp)) return null;
  return new SkBuff(memory, room(size), new SkbBytes());
}

/** A buffer with room for `size` bytes and one user, or null. */
export function alloc_skb(memory: SkbMemory, size: number, gfp: gfp_t): SkBuff | null {
  return allocate(memory, gfp, size, (n) => memory.geometry.alloc(n));
}

/** A buffer for a unicast from user space: netlink_alloc_large_skb(size, 0). */
export function alloc_large_skb(memory: SkbMemory, size: number): SkBuff | null {
  return allocate(memory, 'GFP_KERNEL', size, (n) => memory.geometry.allocLarge(n));
}

/** Whether the buffer may be touched; reports a use after free otherwise. */
function isAlive(skb: SkBuff, where: string): boolean {
  if (skb.users > 0) return true;
  const message = `BUG: KASAN: slab-use-after-free in ${where}`;
  skb.memory.onFinding({ kind: 'use-after-free', skb, message });
  return false;
}

/** Takes one more reference and returns the buffer. */
export function skb_get(skb: SkBuff): SkBuff {
  if (isAlive(skb, 'skb_get')) skb.users++;
  return skb;
}

export function skb_shared(skb: SkBuff): boolean {
  return skb.users !== 1;
}

/** A second buffer on the same bytes, without owner, or null. */
export function skb_clone(skb: SkBuff, gfp: gfp_t): SkBuff | null {
  if (!isAlive(skb, 'skb_clone') || skb.memory.fails(0, gfp)) return null;
  const clone = new SkBuff(skb.memory, skb, skb.bytes);
  clone.data = skb.data;
  clone.tail = skb.tail;
  clone.cb = skb.cb === null ? null : { ...skb.cb };
  return clone;
}

/** Drops one reference of a buffer that was not delivered. */
export function kfree_skb(skb: SkBuff): void {
  release(skb, true);
}

/** Drops one reference of a buffer that served its purpose. */
export function consume_skb(skb: SkBuff): void {
  release(skb, false);
}

function release(skb: SkBuff, dropped: boolean): void {
  if (skb.users === 0) {
    const message = 'refcount_t: underflow; use-after-free.';
    skb.memory.onFinding({ kind: 'double-free', skb, message });
    return;
  }
  if (--skb.users > 0) return;
  skb_orphan(skb);
  skb.memory.live--;
  skb.memory.onFree(skb, dropped);
}

/** Charges the buffer to a receiving socket until it is freed or orphaned. */
export function skb_set_owner_r(skb: SkBuff, sk: SkbOwner): void {
  if (!isAlive(skb, 'skb_set_owner_r')) return;
  skb_orphan(skb);
  skb.sk = sk;
  sk.sk_rmem_alloc += skb.truesize;
}

/** Gives the charge back to the owner, if there is one. */
export function skb_orphan(skb: SkBuff): void {
  if (skb.sk !== null) skb.sk.sk_rmem_alloc -= skb.truesize;
  skb.sk = null;
}

/** Bytes left behind the tail. */
export function skb_tailroom(skb: SkBuff): number {
  return skb.end - skb.tail;
}

/** Leaves `len` bytes free in front of an empty buffer. */
export function skb_reserve(skb: SkBuff, len: number): void {
  skb.data += len;
  skb.tail += len;
}

/** Extends the buffer by `len` bytes and returns the offset where they begin. */
export function skb_put(skb: SkBuff, len: number): number {
  const at = skb.tail;
  if (!isAlive(skb, 'skb_put')) return at;
  if (at + len > skb.end) {
    const message = `skbuff: skb_over_panic: len:${skb.len + len} put:${len} tail:0x${(
      at + len
    ).toString(16)} end:0x${skb.end.toString(16)}`;
    skb.memory.onFinding({ kind: 'assertion', skb, message });
    return at;
  }
  skb.tail += len;
  return at;
}

/** Takes `len` bytes off the front; nothing happens when there are fewer. */
export function skb_pull(skb: SkBuff, len: number): void {
  if (isAlive(skb, 'skb_pull') && len <= skb.len) skb.data += len;
}

/** Cuts the buffer to `len` bytes if it is longer. The charge stays. */
export function pskb_trim(skb: SkBuff, len: number): void {
  if (isAlive(skb, 'pskb_trim')) skb.tail = Math.min(skb.tail, skb.data + len);
}

/** Reallocates the data area so that the unused tail goes. */
export function pskb_shrink_tail(skb: SkBuff): void {
  const room = skb.memory.geometry.shrink(skb);
  skb.end = room.end;
  skb.truesize = room.truesize;
}

/** Copies `length` bytes at an absolute offset out of the buffer. */
export function skb_load(skb: SkBuff, offset: number, length: number): Uint8Array {
  isAlive(skb, 'skb_copy_bits');
  return skb.bytes.read(offset, length);
}

/** Writes bytes at an absolute offset that skb_put has made part of the buffer. */
export function skb_store(skb: SkBuff, offset: number, bytes: Uint8Array): void {
  if (isAlive(skb, 'skb_store_bits')) skb.bytes.write(offset, bytes);
}
