/**
 * The IPv4 and ICMP headers of a packet, read with the checks of `ip_rcv` (net/ipv4/ip_input.c) on
 * the header itself, and written for traffic that a scenario draws instead of replaying. Fields
 * carry the names of `struct iphdr` and `struct icmphdr`; addresses are host-order integers.
 */
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, networkLayer } from './pcap.ts';

export const IPPROTO_ICMP = 1;
export const IPPROTO_UDP = 17;
export const ICMP_ECHOREPLY = 0;
export const ICMP_ECHO = 8;

const IP_HEADER_LENGTH = 20;
const ICMP_HEADER_LENGTH = 8;
const ETH_HLEN = 14;
/** The mask of the fragment offset in `frag_off`; the bits above it are flags. */
const IP_OFFSET = 0x1fff;

export interface iphdr {
  readonly version: number;
  /** Header length in words of four bytes, 5 or more. */
  readonly ihl: number;
  readonly tos: number;
  /** Length of the datagram in bytes, header included. */
  readonly tot_len: number;
  readonly id: number;
  /** Flags in the upper three bits, fragment offset in units of eight bytes below. */
  readonly frag_off: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly check: number;
  readonly saddr: number;
  readonly daddr: number;
}

export interface icmphdr {
  readonly type: number;
  readonly code: number;
  readonly checksum: number;
  /** Identifier and sequence number: meaningful for an echo and its reply. */
  readonly id: number;
  readonly sequence: number;
}

/** What a packet is to IPv4; `malformed` is IPv4 that `ip_rcv` would drop, with the reason. */
export type Ipv4Decoded =
  | { readonly kind: 'ipv4'; readonly offset: number; readonly header: iphdr }
  | { readonly kind: 'ipv6' | 'arp' | 'other' }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Looks at a captured packet. A snaplen may have cut the datagram; its header must be there whole.
 * The checksum is not verified here: see `ip_fast_csum`. Throws RangeError for an unknown link
 * type.
 */
export function decodeIpv4(linkType: number, data: Uint8Array): Ipv4Decoded {
  const network = networkLayer(linkType, data);
  if (network?.etherType === ETH_P_ARP) return { kind: 'arp' };
  if (network?.etherType === ETH_P_IPV6) return { kind: 'ipv6' };
  if (network?.etherType !== ETH_P_IP) return { kind: 'other' };
  return readIphdr(data, network.offset);
}

function readIphdr(data: Uint8Array, offset: number): Ipv4Decoded {
  const captured = data.length - offset;
  if (captured < IP_HEADER_LENGTH) {
    return malformed(`${captured} bytes captured of an IPv4 header of ${IP_HEADER_LENGTH}`);
  }
  const view = new DataView(data.buffer, data.byteOffset + offset, captured);
  const header: iphdr = {
    version: view.getUint8(0) >>> 4,
    ihl: view.getUint8(0) & 0xf,
    tos: view.getUint8(1),
    tot_len: view.getUint16(2),
    id: view.getUint16(4),
    frag_off: view.getUint16(6),
    ttl: view.getUint8(8),
    protocol: view.getUint8(9),
    check: view.getUint16(10),
    saddr: view.getUint32(12),
    daddr: view.getUint32(16),
  };
  const length = header.ihl * 4;
  if (header.version !== 4) return malformed(`IP version ${header.version} where 4 was announced`);
  if (header.ihl < 5) return malformed(`a header length of ${length} bytes`);
  if (captured < length) return malformed(`${captured} bytes captured of a header of ${length}`);
  if (header.tot_len < length) {
    return malformed(`a total length of ${header.tot_len} with a header of ${length}`);
  }
  return { kind: 'ipv4', offset, header };
}

function malformed(reason: string): Ipv4Decoded {
  return { kind: 'malformed', reason };
}

/**
 * The ICMP header of a decoded datagram. Undefined when the datagram is not ICMP, is a later
 * fragment (which carries no ICMP header), or ends before the header does.
 */
export function decodeIcmp(data: Uint8Array, offset: number, ip: iphdr): icmphdr | undefined {
  if (ip.protocol !== IPPROTO_ICMP || (ip.frag_off & IP_OFFSET) !== 0) return undefined;
  const begin = offset + ip.ihl * 4;
  const end = Math.min(data.length, offset + ip.tot_len);
  if (end - begin < ICMP_HEADER_LENGTH) return undefined;
  const view = new DataView(data.buffer, data.byteOffset + begin, ICMP_HEADER_LENGTH);
  return {
    type: view.getUint8(0),
    code: view.getUint8(1),
    checksum: view.getUint16(2),
    id: view.getUint16(4),
    sequence: view.getUint16(6),
  };
}

/**
 * The Internet checksum (RFC 1071) of a range of bytes. Over a range that contains its own checksum
 * the result is 0 when that checksum is right, which is how the kernel verifies one.
 */
export function ip_compute_csum(data: Uint8Array, offset: number, length: number): number {
  if (offset < 0 || length < 0 || offset + length > data.length) {
    throw new RangeError(`bytes ${offset} to ${offset + length} lie outside ${data.length} bytes`);
  }
  const view = new DataView(data.buffer, data.byteOffset + offset, length);
  let sum = 0;
  for (let at = 0; at + 1 < length; at += 2) sum += view.getUint16(at);
  if (length % 2 === 1) sum += view.getUint8(length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** The checksum over an IPv4 header of `ihl` words: 0 when the one it contains is right. */
export function ip_fast_csum(data: Uint8Array, offset: number, ihl: number): number {
  return ip_compute_csum(data, offset, ihl * 4);
}

/** An address as a dotted quad. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** The address that a dotted quad names. Throws RangeError when it is none. */
export function parseIpv4(text: string): number {
  const bytes = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)
    ? text.split('.').map(Number)
    : [];
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) {
    throw new RangeError(`expected an IPv4 address such as 10.1.2.1, received "${text}"`);
  }
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

export interface EchoRequest {
  readonly saddr: number;
  readonly daddr: number;
  /** Identifier and sequence number of the echo, 16 bits each. */
  readonly id: number;
  readonly sequence: number;
  /** Bytes behind the ICMP header; `ping` sends 56. */
  readonly payloadLength: number;
}

/** The largest payload of an echo request in one datagram, in bytes. */
export const ECHO_PAYLOAD_MAX = 0xffff - IP_HEADER_LENGTH - ICMP_HEADER_LENGTH;

/** Where the parts of a built frame lie: Ethernet header, IPv4 header without options, ICMP. */
const ICMP_OFFSET = ETH_HLEN + IP_HEADER_LENGTH;

/**
 * An ICMP echo request in an Ethernet frame (LINKTYPE ETHERNET), with right checksums, as `ping` on
 * Linux sends it: don't fragment, a time to live of 64, each payload byte its own offset.
 * Throws RangeError when a field does not fit.
 */
export function buildEchoRequest(echo: EchoRequest): Uint8Array {
  checkField('saddr', echo.saddr, 0xffffffff);
  checkField('daddr', echo.daddr, 0xffffffff);
  checkField('id', echo.id, 0xffff);
  checkField('sequence', echo.sequence, 0xffff);
  checkField('payloadLength', echo.payloadLength, ECHO_PAYLOAD_MAX);
  const frame = new Uint8Array(ICMP_OFFSET + ICMP_HEADER_LENGTH + echo.payloadLength);
  const view = new DataView(frame.buffer);
  writeEthernet(view, echo);
  writeIcmpEcho(frame, view, echo);
  writeIphdr(frame, view, echo);
  return frame;
}

function checkField(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`${name}: expected an integer from 0 to ${max}, received ${value}`);
  }
}

/** Locally administered hardware addresses that repeat the protocol addresses. */
function writeEthernet(view: DataView, { saddr, daddr }: EchoRequest): void {
  view.setUint16(0, 0x0200);
  view.setUint32(2, daddr);
  view.setUint16(6, 0x0200);
  view.setUint32(8, saddr);
  view.setUint16(12, ETH_P_IP);
}

function writeIphdr(frame: Uint8Array, view: DataView, { saddr, daddr }: EchoRequest): void {
  view.setUint8(ETH_HLEN, 0x45);
  view.setUint16(ETH_HLEN + 2, frame.length - ETH_HLEN);
  view.setUint16(ETH_HLEN + 6, 0x4000);
  view.setUint8(ETH_HLEN + 8, 64);
  view.setUint8(ETH_HLEN + 9, IPPROTO_ICMP);
  view.setUint32(ETH_HLEN + 12, saddr);
  view.setUint32(ETH_HLEN + 16, daddr);
  view.setUint16(ETH_HLEN + 10, ip_fast_csum(frame, ETH_HLEN, 5));
}

function writeIcmpEcho(frame: Uint8Array, view: DataView, { id, sequence }: EchoRequest): void {
  view.setUint8(ICMP_OFFSET, ICMP_ECHO);
  view.setUint16(ICMP_OFFSET + 4, id);
  view.setUint16(ICMP_OFFSET + 6, sequence);
  const payload = ICMP_OFFSET + ICMP_HEADER_LENGTH;
  for (let at = payload; at < frame.length; at++) frame[at] = at - payload;
  view.setUint16(ICMP_OFFSET + 2, ip_compute_csum(frame, ICMP_OFFSET, frame.length - ICMP_OFFSET));
}
