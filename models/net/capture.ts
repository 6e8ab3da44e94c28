/*
 * A packet capture, whichever of the two formats it has: pcap or pcapng.
 */
import { openPcap } from './pcap.ts';
import { SECTION_HEADER, pcapngPackets } from './pcapng.ts';

export interface CapturedPacket {
  /** Virtual time: nanoseconds after the first packet; it never decreases. */
  readonly timeNs: number;
  readonly linkType: number;
  /** The name of the interface; only pcapng has one. */
  readonly interfaceName?: string;
  /** Length on the wire in bytes. */
  readonly originalLength: number;
  /** The captured bytes, link header first. */
  readonly data: Uint8Array;
}

export interface Capture {
  readonly format: 'pcap' | 'pcapng';
  /** The packets in file order, parsed when asked for. Throws PcapError at a malformed one. */
  packets(): Iterable<CapturedPacket>;
}

/** Opens a capture. Throws PcapError when the bytes do not begin as one does. */
export function openCapture(bytes: Uint8Array): Capture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 4 && view.getUint32(0) === SECTION_HEADER) {
    return { format: 'pcapng', packets: () => pcapngPackets(bytes) };
  }
  const pcap = openPcap(bytes);
  const { linkType } = pcap.header;
  return { format: 'pcap', packets: () => withLinkType(pcap.records(), linkType) };
}

function* withLinkType(
  records: Iterable<Omit<CapturedPacket, 'linkType'>>,
  linkType: number,
): Generator<CapturedPacket> {
  for (const record of records) yield { ...record, linkType };
}
