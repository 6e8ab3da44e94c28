/**
 * Reading a classic pcap capture, as libpcap and tcpdump write it: draft-ietf-opsawg-pcap for the
 * file and the link types' pages at www.tcpdump.org for the link headers. Recorded traffic drives a
 * simulated NIC, so a packet's time becomes virtual time: nanoseconds after the first packet.
 *
 * The reader works on bytes that the caller has read, hands out views of them and copies nothing.
 * A record is refused where tcpdump calls its header invalid (a captured length of zero, above
 * MAXIMUM_SNAPLEN or above the original length); nothing is ever read outside the file.
 */

/** A capture that cannot be read: the byte where it went wrong and what should have stood there. */
export class PcapError extends Error {
  /** Offset in the file, in bytes. */
  readonly offset: number;
  /** What a well-formed capture has at that offset. */
  readonly expected: string;

  constructor(offset: number, expected: string, received: string, format = 'pcap') {
    super(
      `not a readable ${format} file: at byte ${offset} expected ${expected}, received ${received}`,
    );
    this.name = 'PcapError';
    this.offset = offset;
    this.expected = expected;
  }
}

export interface PcapHeader {
  readonly byteOrder: 'little-endian' | 'big-endian';
  /** Nanoseconds in one unit of the sub-second field of a timestamp: 1000 or 1. */
  readonly resolutionNs: 1 | 1000;
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly snaplen: number;
  /** A LINKTYPE_ value; `networkLayer` understands those in `LINKTYPE`. */
  readonly linkType: number;
}

export interface PcapRecord {
  /** 0 for the first packet of the file. */
  readonly index: number;
  /** Where the record's header begins in the file, in bytes. */
  readonly fileOffset: number;
  /**
   * Virtual time: nanoseconds after the first packet. A recorded time that goes backwards is
   * treated as the previous packet's, so that this never decreases.
   */
  readonly timeNs: number;
  /** The recorded time: seconds since 1970 and nanoseconds within the second. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** How many packets so far, this one included, had a recorded time that went backwards. */
  readonly backwards: number;
  /** Length on the wire in bytes; `data` is shorter when the capture was limited by a snaplen. */
  readonly originalLength: number;
  /** A view of the captured bytes, link header first. */
  readonly data: Uint8Array;
}

export interface Pcap {
  readonly header: PcapHeader;
  /** The packets in file order, parsed when asked for. Throws PcapError at a malformed one. */
  records(): Generator<PcapRecord, void, undefined>;
}

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** The longest packet libpcap captures with any of our link types, in bytes. */
const MAXIMUM_SNAPLEN = 262144;
const NS_PER_SECOND = 1_000_000_000;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** The block type that opens a pcapng file; it reads the same in both byte orders. */
const PCAPNG_SECTION_HEADER = 0x0a0d0d0a;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** Opens a capture. Throws PcapError when the bytes do not begin as a pcap file does. */
export function openPcap(bytes: Uint8Array): Pcap {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  return { header, records: () => readRecords(bytes, view, header) };
}

function readHeader(view: DataView): PcapHeader {
  const { byteOrder, resolutionNs } = readMagic(view);
  if (view.byteLength < FILE_HEADER_LENGTH) {
    throw new PcapError(
      0,
      `a file header of ${FILE_HEADER_LENGTH} bytes`,
      `a file of ${view.byteLength} bytes`,
    );
  }
  const little = byteOrder === 'little-endian';
  const versionMajor = view.getUint16(4, little);
  const versionMinor = view.getUint16(6, little);
  if (versionMajor !== 2 || versionMinor !== 4) {
    throw new PcapError(4, 'file format version 2.4', `${versionMajor}.${versionMinor}`);
  }
  return {
    byteOrder,
    resolutionNs,
    versionMajor,
    versionMinor,
    snaplen: view.getUint32(16, little),
    // The upper half of the word tells about a frame check sequence, not about the link type.
    linkType: view.getUint32(20, little) & 0xffff,
  };
}

function readMagic(view: DataView): Pick<PcapHeader, 'byteOrder' | 'resolutionNs'> {
  const expected = `the magic number ${hex(MAGIC_MICROSECONDS)} or ${hex(MAGIC_NANOSECONDS)}`;
  if (view.byteLength === 0) throw new PcapError(0, expected, 'an empty file');
  if (view.byteLength < 4) throw new PcapError(0, expected, `${view.byteLength} bytes`);
  for (const byteOrder of ['little-endian', 'big-endian'] as const) {
    const magic = view.getUint32(0, byteOrder === 'little-endian');
    if (magic === MAGIC_MICROSECONDS) return { byteOrder, resolutionNs: 1000 };
    if (magic === MAGIC_NANOSECONDS) return { byteOrder, resolutionNs: 1 };
  }
  throw new PcapError(0, expected, describeForeign(view));
}

/** Names the likely nature of a file that is not a capture, and the command that makes it one. */
function describeForeign(view: DataView): string {
  const start = view.getUint32(0);
  if (start === PCAPNG_SECTION_HEADER) {
    return 'a pcapng file; convert it with: editcap -F pcap in.pcapng out.pcap';
  }
  if (start >>> 16 === 0x1f8b) return 'a gzip file; uncompress it first with: gunzip';
  if (looksLikeText(view)) return 'a text file; the capture is what tcpdump writes with -w';
  return hex(start);
}

function looksLikeText(view: DataView): boolean {
  for (let offset = 0; offset < Math.min(view.byteLength, 64); offset++) {
    const byte = view.getUint8(offset);
    const control = byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
    if (control || byte === 0x7f) return false;
  }
  return true;
}

function* readRecords(
  bytes: Uint8Array,
  view: DataView,
  header: PcapHeader,
): Generator<PcapRecord, void, undefined> {
  let first: Timestamp | undefined;
  let timeNs = 0;
  let backwards = 0;
  for (let fileOffset = FILE_HEADER_LENGTH, index = 0; fileOffset < bytes.length; index++) {
    const { time, capturedLength, originalLength } = readRecordHeader(view, fileOffset, header);
    first ??= time;
    const sinceFirst = elapsedNs(first, time, fileOffset);
    if (sinceFirst < timeNs) backwards++;
    else timeNs = sinceFirst;
    const begin = fileOffset + RECORD_HEADER_LENGTH;
    const data = bytes.subarray(begin, begin + capturedLength);
    yield { index, fileOffset, timeNs, ...time, backwards, originalLength, data };
    fileOffset = begin + capturedLength;
  }
}

interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

interface RecordHeader {
  readonly time: Timestamp;
  readonly capturedLength: number;
  readonly originalLength: number;
}

function readRecordHeader(view: DataView, at: number, header: PcapHeader): RecordHeader {
  const left = view.byteLength - at;
  if (left < RECORD_HEADER_LENGTH) {
    throw new PcapError(
      at,
      `a record header of ${RECORD_HEADER_LENGTH} bytes`,
      `the end of the file after ${left} (the capture is cut short)`,
    );
  }
  const little = header.byteOrder === 'little-endian';
  const capturedLength = view.getUint32(at + 8, little);
  const originalLength = view.getUint32(at + 12, little);
  checkLengths(at, capturedLength, originalLength);
  if (left - RECORD_HEADER_LENGTH < capturedLength) {
    throw new PcapError(
      at + RECORD_HEADER_LENGTH,
      `a packet of ${capturedLength} bytes`,
      `the end of the file after ${left - RECORD_HEADER_LENGTH} (the capture is cut short)`,
    );
  }
  return { time: readTimestamp(view, at, header), capturedLength, originalLength };
}

function checkLengths(at: number, capturedLength: number, originalLength: number): void {
  if (capturedLength === 0 || capturedLength > MAXIMUM_SNAPLEN) {
    throw new PcapError(
      at + 8,
      `a captured length of 1 to ${MAXIMUM_SNAPLEN} bytes`,
      String(capturedLength),
    );
  }
  if (originalLength < capturedLength) {
    throw new PcapError(
      at + 12,
      `an original length of at least the ${capturedLength} captured`,
      String(originalLength),
    );
  }
}

function readTimestamp(view: DataView, at: number, header: PcapHeader): Timestamp {
  const little = header.byteOrder === 'little-endian';
  const unitsPerSecond = NS_PER_SECOND / header.resolutionNs;
  const fraction = view.getUint32(at + 4, little);
  if (fraction >= unitsPerSecond) {
    throw new PcapError(at + 4, `a fraction of a second below ${unitsPerSecond}`, String(fraction));
  }
  return { seconds: view.getUint32(at, little), nanoseconds: fraction * header.resolutionNs };
}

/** Nanoseconds from one timestamp to a later one, negative when it is earlier. */
function elapsedNs(from: Timestamp, to: Timestamp, at: number): number {
  const seconds = to.seconds - from.seconds;
  const elapsed = seconds * NS_PER_SECOND + (to.nanoseconds - from.nanoseconds);
  if (elapsed > Number.MAX_SAFE_INTEGER) {
    throw new PcapError(
      at,
      'a time within 104 days of the first packet (2^53 ns)',
      `${seconds} s after it`,
    );
  }
  return elapsed;
}

/** The link types whose packets we can look into, by their LINKTYPE_ names. */
export const LINKTYPE = {
  NULL: 0,
  ETHERNET: 1,
  /** LINKTYPE_RAW, and the DLT_RAW that some systems wrote into files before it was assigned. */
  RAW: 101,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  LOOP: 108,
  LINUX_SLL: 113,
  LINUX_SLL2: 276,
} as const;

export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_8021AD = 0x88a8;

export interface NetworkLayer {
  /** Where the network header begins in the packet, in bytes. */
  readonly offset: number;
  /** What it is, as an Ethernet type (ETH_P_); below 0x0600 it is an 802.3 length instead. */
  readonly etherType: number;
}

/**
 * Finds the network header behind a packet's link header, past any VLAN tags. Undefined when the
 * packet is cut before it, or is neither IPv4 nor IPv6 behind a link header without Ethernet types.
 * Throws RangeError for a link type that is not in `LINKTYPE`.
 */
export function networkLayer(linkType: number, data: Uint8Array): NetworkLayer | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (linkType) {
    case LINKTYPE.ETHERNET:
      return etherTypeAt(view, 12, 14);
    case LINKTYPE.LINUX_SLL:
      return etherTypeAt(view, 14, 16);
    case LINKTYPE.LINUX_SLL2:
      return etherTypeAt(view, 0, 20);
    case LINKTYPE.NULL:
    case LINKTYPE.LOOP:
      return bsdLoopback(view);
    case LINKTYPE.RAW:
    case LINKTYPE.RAW_BSD:
    case LINKTYPE.RAW_OPENBSD:
      return rawIp(view);
    default:
      throw new RangeError(
        `link type ${linkType} is not supported; known are ` +
          Object.entries(LINKTYPE)
            .map(([name, value]) => `${name} (${value})`)
            .join(', '),
      );
  }
}

/** Reads the Ethernet type at `typeOffset`; each VLAN tag moves the header by four bytes. */
function etherTypeAt(
  view: DataView,
  typeOffset: number,
  headerOffset: number,
): NetworkLayer | undefined {
  let offset = headerOffset;
  if (view.byteLength < offset) return undefined;
  let etherType = view.getUint16(typeOffset);
  while (etherType === ETH_P_8021Q || etherType === ETH_P_8021AD) {
    if (view.byteLength < offset + 4) return undefined;
    etherType = view.getUint16(offset + 2);
    offset += 4;
  }
  return { offset, etherType };
}

/**
 * Four bytes of protocol family, in the byte order of the recording machine (NULL) or the network
 * (LOOP). Families are small, so the order shows in which half of the word is used. AF_INET6
 * differs between systems: 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on Darwin.
 */
function bsdLoopback(view: DataView): NetworkLayer | undefined {
  if (view.byteLength < 4) return undefined;
  const little = view.getUint16(0) !== 0;
  const family = view.getUint32(0, little);
  if (family === 2) return { offset: 4, etherType: ETH_P_IP };
  if ([10, 24, 28, 30].includes(family)) return { offset: 4, etherType: ETH_P_IPV6 };
  return undefined;
}

/** No link header at all: the version nibble of the IP header tells which it is. */
function rawIp(view: DataView): NetworkLayer | undefined {
  if (view.byteLength === 0) return undefined;
  const version = view.getUint8(0) >>> 4;
  if (version === 4) return { offset: 0, etherType: ETH_P_IP };
  if (version === 6) return { offset: 0, etherType: ETH_P_IPV6 };
  return undefined;
}
