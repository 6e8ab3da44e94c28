/*
 * The netlink message format: include/uapi/linux/netlink.h and include/net/netlink.h.
 * Headers are real little-endian bytes in the buffer; all sizes are in bytes.
 */
import {
  alloc_skb,
  type gfp_t,
  skb_load,
  type SkbMemory,
  skb_put,
  skb_store,
  skb_tailroom,
  type SkBuff,
} from '../skb.ts';
import { alignTo } from './truesize.ts';

export const NLMSG_ALIGNTO = 4;
/** sizeof(struct nlmsghdr), aligned. */
export const NLMSG_HDRLEN = 16;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
/** Types below this one are control messages. */
export const NLMSG_MIN_TYPE = 0x10;

export const NLM_F_REQUEST = 0x01;
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
export const NLM_F_ECHO = 0x08;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_ROOT = 0x100;
export const NLM_F_MATCH = 0x200;
export const NLM_F_ATOMIC = 0x400;
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
/** In an acknowledgement: the request is not repeated in full. */
export const NLM_F_CAPPED = 0x100;

/** struct nlmsghdr. */
export interface nlmsghdr {
  nlmsg_len: number;
  nlmsg_type: number;
  nlmsg_flags: number;
  nlmsg_seq: number;
  nlmsg_pid: number;
}

/** A header inside a buffer, with the absolute offset where it stands. */
export interface NlmsgAt extends nlmsghdr {
  readonly offset: number;
}

export function NLMSG_ALIGN(len: number): number {
  return alignTo(len, NLMSG_ALIGNTO);
}

/** Length of a message with `len` bytes of payload: the value of nlmsg_len. */
export function NLMSG_LENGTH(len: number): number {
  return len + NLMSG_HDRLEN;
}

/** Bytes that such a message occupies. */
export function NLMSG_SPACE(len: number): number {
  return NLMSG_ALIGN(NLMSG_LENGTH(len));
}

/** Offset of the payload of the message at `nlh`. */
export function NLMSG_DATA(nlh: NlmsgAt): number {
  return nlh.offset + NLMSG_HDRLEN;
}

/** Whether `len` bytes from the header on hold a whole, sane message. */
export function NLMSG_OK(nlh: nlmsghdr, len: number): boolean {
  return len >= NLMSG_HDRLEN && nlh.nlmsg_len >= NLMSG_HDRLEN && nlh.nlmsg_len <= len;
}

/** Where the next message begins, and what is left of `len` there. */
export function NLMSG_NEXT(nlh: NlmsgAt, len: number): { offset: number; len: number } {
  const step = NLMSG_ALIGN(nlh.nlmsg_len);
  return { offset: nlh.offset + step, len: len - step };
}

/** Bytes of payload behind the first `len` of them. */
export function NLMSG_PAYLOAD(nlh: nlmsghdr, len: number): number {
  return nlh.nlmsg_len - NLMSG_SPACE(len);
}

export function encodeNlmsghdr(nlh: nlmsghdr): Uint8Array {
  const bytes = new Uint8Array(NLMSG_HDRLEN);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nlh.nlmsg_len, true);
  view.setUint16(4, nlh.nlmsg_type, true);
  view.setUint16(6, nlh.nlmsg_flags, true);
  view.setUint32(8, nlh.nlmsg_seq, true);
  view.setUint32(12, nlh.nlmsg_pid, true);
  return bytes;
}

/** Reads a header; bytes that are missing count as zero. */
export function decodeNlmsghdr(bytes: Uint8Array): nlmsghdr {
  const whole = new Uint8Array(NLMSG_HDRLEN);
  whole.set(bytes.subarray(0, NLMSG_HDRLEN));
  const view = new DataView(whole.buffer);
  return {
    nlmsg_len: view.getUint32(0, true),
    nlmsg_type: view.getUint16(4, true),
    nlmsg_flags: view.getUint16(6, true),
    nlmsg_seq: view.getUint32(8, true),
    nlmsg_pid: view.getUint32(12, true),
  };
}

/** The header at an absolute offset, by default the start of the message. */
export function nlmsg_hdr(skb: SkBuff, offset = skb.data): NlmsgAt {
  return { offset, ...decodeNlmsghdr(skb_load(skb, offset, NLMSG_HDRLEN)) };
}

/** A buffer for a message with `payload` bytes, or null. */
export function nlmsg_new(memory: SkbMemory, payload: number, gfp: gfp_t): SkBuff | null {
  return alloc_skb(memory, NLMSG_SPACE(payload), gfp);
}

/** Appends a header and room for the payload; null, and nothing done, without enough tailroom. */
export function nlmsg_put(
  skb: SkBuff,
  portid: number,
  seq: number,
  type: number,
  payload: number,
  flags: number,
): NlmsgAt | null {
  if (skb_tailroom(skb) < NLMSG_SPACE(payload)) return null;
  const nlh = {
    offset: skb_put(skb, NLMSG_SPACE(payload)),
    nlmsg_len: NLMSG_LENGTH(payload),
    nlmsg_type: type,
    nlmsg_flags: flags,
    nlmsg_seq: seq,
    nlmsg_pid: portid,
  };
  skb_store(skb, nlh.offset, encodeNlmsghdr(nlh));
  return nlh;
}

/** Sets nlmsg_len to all that was put behind the header; returns the buffer's length. */
export function nlmsg_end(skb: SkBuff, nlh: NlmsgAt): number {
  nlh.nlmsg_len = skb.tail - nlh.offset;
  skb_store(skb, nlh.offset, encodeNlmsghdr(nlh));
  return skb.len;
}

/** Removes the message at `nlh` and all behind it. */
export function nlmsg_cancel(skb: SkBuff, nlh: NlmsgAt): void {
  skb.tail = nlh.offset;
}
