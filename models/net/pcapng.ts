/*
 * Reading a pcapng capture, as wireshark and dumpcap write it: draft-ietf-opsawg-pcapng. Read are
 * the blocks with packets and their interfaces; comments, statistics and the like are skipped. A
 * packet's time becomes virtual time, as in pcap.ts.
 */
import { PcapError } from './pcap.ts';

export interface PcapngPacket {
  /** Nanoseconds after the first packet; one that goes backwards is that of the packet before. */
  readonly timeNs: number;
  readonly linkType: number;
  /** `eth0`, or the number of the interface in its section. */
  readonly interfaceName: string;
  readonly originalLength: number;
  readonly data: Uint8Array;
  /** Where its block begins, in bytes. */
  readonly fileOffset: number;
}

export const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const OPT_ENDOFOPT = 0;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

interface Interface {
  readonly name: string;
  readonly linkType: number;
  /** Units of a timestamp in a second. */
  readonly perSecond: bigint;
  /** Seconds to add. */
  readonly offset: bigint;
}

interface Block {
  readonly type: number;
  readonly at: number;
  /** What is between its two lengths. */
  readonly body: DataView;
}

/** The packets in file order. Throws PcapError where the file is malformed. */
export function* pcapngPackets(bytes: Uint8Array): Generator<PcapngPacket, void, undefined> {
  const interfaces: Interface[] = [];
  let little = true;
  let first: bigint | undefined;
  let timeNs = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    if (startsSection(view, at)) {
      little = orderOf(view, at);
      interfaces.length = 0;
    }
    const { block, next } = readBlock(view, at, little);
    if (block.type === INTERFACE_DESCRIPTION) {
      interfaces.push(readInterface(block, interfaces.length, little));
    } else if (block.type === ENHANCED_PACKET) {
      const { ns, ...packet } = readPacket(block, interfaces, little);
      first ??= ns;
      timeNs = Math.max(timeNs, Number(ns - first));
      if (timeNs > Number.MAX_SAFE_INTEGER) {
        throw wrong(at, 'a time within 104 days of the first packet', `${timeNs} ns after it`);
      }
      yield { ...packet, timeNs };
    } else if (block.type === SIMPLE_PACKET || block.type === OBSOLETE_PACKET) {
      const kind =
        block.type === SIMPLE_PACKET ? 'a simple one, without a time' : 'an obsolete one';
      throw wrong(at, 'an enhanced packet block', kind);
    }
    at = next;
  }
}

function wrong(offset: number, expected: string, received: string): PcapError {
  return new PcapError(offset, expected, received, 'pcapng');
}

function startsSection(view: DataView, at: number): boolean {
  return view.byteLength - at >= 4 && view.getUint32(at) === SECTION_HEADER;
}

/** True if the section is little-endian. */
function orderOf(view: DataView, at: number): boolean {
  if (view.byteLength - at < 12) throw cut(at, 'a section header', view.byteLength - at);
  for (const little of [true, false]) {
    if (view.getUint32(at + 8, little) === BYTE_ORDER) return little;
  }
  const got = `0x${view
    .getUint32(at + 8)
    .toString(16)
    .padStart(8, '0')}`;
  throw wrong(at + 8, 'the byte-order magic 0x1a2b3c4d', got);
}

function cut(at: number, what: string, left: number): PcapError {
  return wrong(at, what, `the end of the file after ${left} bytes (the capture is cut short)`);
}

function readBlock(view: DataView, at: number, little: boolean): { block: Block; next: number } {
  const left = view.byteLength - at;
  if (left < 12) throw cut(at, 'a block', left);
  const type = view.getUint32(at, little);
  const length = view.getUint32(at + 4, little);
  if (length < 12 || length % 4 !== 0) {
    throw wrong(at + 4, 'the length of a block, a multiple of 4', String(length));
  }
  if (length > left) throw cut(at, `a block of ${length} bytes`, left);
  const again = view.getUint32(at + length - 4, little);
  if (again !== length) throw wrong(at + length - 4, `the length ${length} again`, String(again));
  const body = new DataView(view.buffer, view.byteOffset + at + 8, length - 12);
  return { block: { type, at, body }, next: at + length };
}

function readInterface({ body, at }: Block, index: number, little: boolean): Interface {
  if (body.byteLength < 8) throw wrong(at, 'an interface description', `${body.byteLength} bytes`);
  let name = String(index);
  let perSecond = 1_000_000n;
  let offset = 0n;
  for (const { code, value } of optionsOf(body, 8, little)) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    if (code === IF_NAME) name = new TextDecoder().decode(value);
    if (code === IF_TSOFFSET && value.length === 8) offset = view.getBigInt64(0, little);
    if (code === IF_TSRESOL && value.length === 1) {
      const exponent = value[0]! & 0x7f;
      perSecond = value[0]! & 0x80 ? 1n << BigInt(exponent) : BigInt(`1${'0'.repeat(exponent)}`);
    }
  }
  return { name, linkType: body.getUint16(0, little), perSecond, offset };
}

function* optionsOf(body: DataView, from: number, little: boolean) {
  for (let at = from; at + 4 <= body.byteLength;) {
    const code = body.getUint16(at, little);
    const length = body.getUint16(at + 2, little);
    if (code === OPT_ENDOFOPT || at + 4 + length > body.byteLength) return;
    yield { code, value: new Uint8Array(body.buffer, body.byteOffset + at + 4, length) };
    at += 4 + Math.ceil(length / 4) * 4;
  }
}

const PACKET_HEADER = 20;

function readPacket({ body, at }: Block, interfaces: readonly Interface[], little: boolean) {
  if (body.byteLength < PACKET_HEADER) {
    throw wrong(at, 'an enhanced packet block', `${body.byteLength} bytes`);
  }
  const index = body.getUint32(0, little);
  const from = interfaces[index];
  if (from === undefined) {
    throw wrong(at + 8, `an interface below ${interfaces.length}`, String(index));
  }
  const high = BigInt(body.getUint32(4, little));
  const units = (high << 32n) | BigInt(body.getUint32(8, little));
  const captured = body.getUint32(12, little);
  const originalLength = body.getUint32(16, little);
  if (captured === 0 || PACKET_HEADER + captured > body.byteLength) {
    const most = body.byteLength - PACKET_HEADER;
    throw wrong(at + 20, `a captured length of 1 to ${most} bytes`, String(captured));
  }
  if (originalLength < captured) {
    const expected = `an original length of at least the ${captured} captured`;
    throw wrong(at + 24, expected, String(originalLength));
  }
  return {
    ns: from.offset * 1_000_000_000n + (units * 1_000_000_000n) / from.perSecond,
    linkType: from.linkType,
    interfaceName: from.name,
    originalLength,
    data: new Uint8Array(body.buffer, body.byteOffset + PACKET_HEADER, captured),
    fileOffset: at,
  };
}
