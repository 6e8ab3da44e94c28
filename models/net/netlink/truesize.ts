/*
 * What a socket buffer is charged, by kernel version.
 *
 * slabGeometry: kernels that charge what the slab really gave (since 3.x): __alloc_skb,
 * kmalloc_reserve and SKB_TRUESIZE on x86-64. Recorded on 6.18 for every length up to 70000.
 * alignedGeometry: older kernels charge the aligned size they asked for (2.6.32 on x86-64:
 * a message of 784 bytes costs 832 + 232 = 1064).
 */
import type { SkbGeometry, SkbRoom } from '../skb.ts';

const PAGE_SIZE = 4096;
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) on x86-64. */
const SHARED_INFO = 320;
/** SKB_DATA_ALIGN(sizeof(struct sk_buff)) on x86-64. */
const SK_BUFF = 256;

/** Rounds up to a multiple of `unit`, a power of two. */
export function alignTo(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}

/**
 * kmalloc's size classes. They are powers of two for every size asked for here, because a head
 * holds at least the shared info; above 8 KiB whole pages, again in powers of two.
 */
function kmallocSize(size: number): number {
  let object = 512;
  while (object < size) object *= 2;
  return object;
}

/**
 * `smallHead`: the object size of the skbuff_small_head cache (6.3 and later), 0 without one.
 */
export function slabGeometry(smallHead: number): SkbGeometry {
  const roomOf = (object: number): SkbRoom => ({
    end: object - SHARED_INFO,
    truesize: object + SK_BUFF,
  });
  const headOf = (size: number) => alignTo(size, 64) + SHARED_INFO;
  const alloc = (size: number): SkbRoom => {
    const head = headOf(size);
    return roomOf(head <= smallHead ? smallHead : kmallocSize(head));
  };
  return {
    alloc,
    allocLarge: (size) => (headOf(size) <= PAGE_SIZE ? alloc(size) : roomOf(headOf(size))),
    shrink: (skb) => {
      const { end } = alloc(skb.tail);
      return { end, truesize: skb.truesize + end - skb.end };
    },
  };
}

/** `align`: SMP_CACHE_BYTES; `sizeofSkBuff`: sizeof(struct sk_buff), in bytes. */
export function alignedGeometry(align: number, sizeofSkBuff: number): SkbGeometry {
  const alloc = (size: number): SkbRoom => {
    const end = alignTo(size, align);
    return { end, truesize: end + sizeofSkBuff };
  };
  return {
    alloc,
    allocLarge: alloc,
    shrink: (skb) => ({
      end: alignTo(skb.tail, align),
      truesize: skb.truesize - (skb.end - skb.tail),
    }),
  };
}
