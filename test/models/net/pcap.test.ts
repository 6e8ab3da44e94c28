// The pcap reader against tcpdump: every fixture is a real capture beside the text that
// `tcpdump -nr FILE -tt` printed for it (see test/fixtures/pcap/capture.sh).
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeIcmp,
  decodeIpv4,
  formatIpv4,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ip_compute_csum,
  ip_fast_csum,
  IPPROTO_ICMP,
  IPPROTO_UDP,
} from '../../../models/net/ipv4.ts';
import { LINKTYPE, networkLayer, openPcap, PcapError } from '../../../models/net/pcap.ts';
import type { PcapRecord } from '../../../models/net/pcap.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, root)));
const fixture = (name: string): Uint8Array => read(`test/fixtures/pcap/${name}`);
const printed = (name: string): string[] =>
  readFileSync(new URL(`test/fixtures/pcap/${name}.txt`, root), 'utf8')
    .trimEnd()
    .split('\n');

/** One packet in the words of tcpdump, as far as our decoder understands it. */
function describePacket(linkType: number, record: PcapRecord, decimals: 6 | 9): string {
  const fraction = String(record.nanoseconds).padStart(9, '0').slice(0, decimals);
  return `${record.seconds}.${fraction} ${describeNetwork(linkType, record.data)}`;
}

function describeNetwork(linkType: number, data: Uint8Array): string {
  const decoded = decodeIpv4(linkType, data);
  if (decoded.kind === 'ipv6') return 'IP6';
  if (decoded.kind !== 'ipv4') return decoded.kind.toUpperCase();
  const { header, offset } = decoded;
  const pair = `IP ${formatIpv4(header.saddr)} > ${formatIpv4(header.daddr)}`;
  const payload = header.tot_len - header.ihl * 4;
  if (header.protocol === IPPROTO_UDP) return `${pair} UDP ${payload - 8}`;
  const icmp = decodeIcmp(data, offset, header);
  if (icmp === undefined) return pair;
  const type = icmp.type === ICMP_ECHO ? 'request' : icmp.type === ICMP_ECHOREPLY ? 'reply' : '?';
  return `${pair} echo ${type} ${icmp.id} ${icmp.sequence} ${payload}`;
}

/** The same words from a line that tcpdump printed. */
function describeLine(line: string): string {
  const time = line.slice(0, line.indexOf(' '));
  if (/ ARP, /.test(line)) return `${time} ARP`;
  if (/ IP6 /.test(line)) return `${time} IP6`;
  const quad = String.raw`(\d+\.\d+\.\d+\.\d+)(?:\.\d+)?`;
  const [, saddr, daddr, what] = new RegExp(` IP ${quad} > ${quad}: (.*)$`).exec(line) ?? [];
  const pair = `${time} IP ${saddr} > ${daddr}`;
  const udp = /^UDP, length (\d+)$/.exec(what ?? '');
  if (udp !== null) return `${pair} UDP ${udp[1]}`;
  const echo = /^ICMP echo (\w+), id (\d+), seq (\d+), length (\d+)$/.exec(what ?? '');
  return echo === null ? pair : `${pair} echo ${echo.slice(1).join(' ')}`;
}

const captures = [
  { name: 'icmp-echo', path: 'scenarios/article/icmp-echo.pcap', link: LINKTYPE.ETHERNET, at: 6 },
  { name: 'nano-vlan', path: 'test/fixtures/pcap/nano-vlan.pcap', link: LINKTYPE.ETHERNET, at: 9 },
  { name: 'loopback', path: 'test/fixtures/pcap/loopback.pcap', link: LINKTYPE.ETHERNET, at: 6 },
  { name: 'any-sll', path: 'test/fixtures/pcap/any-sll.pcap', link: LINKTYPE.LINUX_SLL, at: 6 },
  { name: 'any-sll2', path: 'test/fixtures/pcap/any-sll2.pcap', link: LINKTYPE.LINUX_SLL2, at: 6 },
  { name: 'raw', path: 'test/fixtures/pcap/raw.pcap', link: LINKTYPE.RAW, at: 6 },
] as const;

describe.each(captures)('the capture $name', ({ name, path, link, at }) => {
  const pcap = openPcap(read(path));
  const records = [...pcap.records()];

  it('is read as tcpdump reads it', () => {
    expect(pcap.header.linkType).toBe(link);
    expect(pcap.header.resolutionNs).toBe(at === 9 ? 1 : 1000);
    expect(records.map((record) => describePacket(link, record, at))).toEqual(
      printed(name).map(describeLine),
    );
  });

  it('counts time in integer nanoseconds from its first packet', () => {
    const [first] = records;
    const ns = ({ seconds, nanoseconds }: PcapRecord): bigint =>
      BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
    expect(records.map((record) => BigInt(record.timeNs))).toEqual(
      records.map((record) => ns(record) - ns(first!)),
    );
  });

  it('carries right IPv4 and ICMP checksums', () => {
    let verified = 0;
    for (const { data } of records) {
      const decoded = decodeIpv4(link, data);
      if (decoded.kind !== 'ipv4') continue;
      const { header, offset } = decoded;
      expect(ip_fast_csum(data, offset, header.ihl)).toBe(0);
      if (header.protocol !== IPPROTO_ICMP) continue;
      const length = header.ihl * 4;
      expect(ip_compute_csum(data, offset + length, header.tot_len - length)).toBe(0);
      verified++;
    }
    expect(verified).toBeGreaterThan(0);
  });

  it('is read the same from a machine of the other byte order', () => {
    const swapped = openPcap(swapByteOrder(read(path)));
    expect(swapped.header).toEqual({ ...pcap.header, byteOrder: 'big-endian' });
    expect([...swapped.records()]).toEqual(records);
  });
});

it('the article capture holds 12 echo requests of one pair and 8 of another', () => {
  const pcap = openPcap(read('scenarios/article/icmp-echo.pcap'));
  const count = new Map<string, number>();
  for (const { data } of pcap.records()) {
    const words = describeNetwork(pcap.header.linkType, data).split(' ');
    if (words[5] !== 'request') continue;
    const pair = `${words[1]} ${words[3]}`;
    count.set(pair, (count.get(pair) ?? 0) + 1);
  }
  expect([...count]).toEqual([
    ['10.1.2.1 10.1.2.2', 12],
    ['10.1.2.4 10.1.2.3', 8],
  ]);
});

/** Rewrites a little-endian capture as a big-endian machine writes it: headers, not packets. */
function swapByteOrder(bytes: Uint8Array): Uint8Array {
  const swapped = bytes.slice();
  const view = new DataView(swapped.buffer);
  const swap32 = (at: number): void => view.setUint32(at, view.getUint32(at, true));
  const swap16 = (at: number): void => view.setUint16(at, view.getUint16(at, true));
  [0, 8, 12, 16, 20].forEach(swap32);
  [4, 6].forEach(swap16);
  for (let at = 24; at < bytes.length;) {
    const length = view.getUint32(at + 8, true);
    [at, at + 4, at + 8, at + 12].forEach(swap32);
    at += 16 + length;
  }
  return swapped;
}

interface Packet {
  seconds: number;
  fraction: number;
  data: number[];
  original?: number;
}

/** Writes a capture, as the draft lays it out. */
function writePcap(
  packets: Packet[],
  { magic = 0xa1b2c3d4, linkType = 1, big = false } = {},
): Uint8Array {
  const words = (values: number[], bits: 16 | 32): number[] => {
    const view = new DataView(new ArrayBuffer((values.length * bits) / 8));
    values.forEach((value, index) => {
      if (bits === 16) view.setUint16(index * 2, value, !big);
      else view.setUint32(index * 4, value, !big);
    });
    return [...new Uint8Array(view.buffer)];
  };
  const out = [...words([magic], 32), ...words([2, 4], 16), ...words([0, 0, 65535, linkType], 32)];
  for (const { seconds, fraction, data, original = data.length } of packets) {
    out.push(...words([seconds, fraction, data.length, original], 32), ...data);
  }
  return Uint8Array.from(out);
}

function failure(bytes: Uint8Array): { offset: number; expected: string; message: string } {
  try {
    Array.from(openPcap(bytes).records());
  } catch (error) {
    if (error instanceof PcapError) return error;
    throw error;
  }
  throw new Error('the capture was read without an error');
}

describe('a malformed capture', () => {
  const good = (): Uint8Array =>
    writePcap([0, 1].map((seconds) => ({ seconds, fraction: 5, data: [1, 2, 3, 4] })));
  const patched = (at: number, value: number): Uint8Array => {
    const bytes = good();
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };

  it('that is empty or shorter than its magic number says so', () => {
    expect(failure(new Uint8Array())).toMatchObject({ offset: 0 });
    expect(failure(new Uint8Array()).message).toContain('an empty file');
    expect(failure(good().subarray(0, 3)).message).toContain('3 bytes');
  });

  it('that is a pcapng file names the conversion', () => {
    const pcapng = Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a);
    expect(failure(pcapng).message).toContain('editcap -F pcap in.pcapng out.pcap');
  });

  it('that is gzip, text or anything else says what it looks like', () => {
    expect(failure(Uint8Array.of(0x1f, 0x8b, 8, 0, 0)).message).toContain('gunzip');
    expect(failure(new TextEncoder().encode('seq,time_ns,cpu\n')).message).toContain('a text file');
    expect(failure(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)).message).toContain('0x7f454c46');
  });

  it('of another version is refused', () => {
    expect(failure(patched(4, 0x00030002))).toMatchObject({ offset: 4 });
  });

  it('cut anywhere but between two records is refused at the byte where it is cut', () => {
    const bytes = good();
    for (let length = 4; length < bytes.length; length++) {
      if (length === 24 || length === 44) continue;
      const second = length > 44;
      const inBody = length >= (second ? 60 : 40);
      const offset = length < 24 ? 0 : (second ? 44 : 24) + (inBody ? 16 : 0);
      expect(failure(bytes.subarray(0, length)), `cut at ${length}`).toMatchObject({ offset });
    }
    expect([...openPcap(bytes.subarray(0, 44)).records()]).toHaveLength(1);
    expect([...openPcap(bytes.subarray(0, 24)).records()]).toHaveLength(0);
  });

  it('with a captured length of zero, absurd, or above the original length is refused', () => {
    expect(failure(patched(44 + 8, 0))).toMatchObject({ offset: 52 });
    expect(failure(patched(44 + 8, 262145))).toMatchObject({ offset: 52 });
    expect(failure(patched(44 + 8, 0xffffffff))).toMatchObject({ offset: 52 });
    expect(failure(patched(44 + 12, 3))).toMatchObject({ offset: 56 });
  });

  it('with a whole second or more in the fraction of one is refused', () => {
    expect(failure(patched(28, 1_000_000))).toMatchObject({ offset: 28 });
    const nano = writePcap([{ seconds: 1, fraction: 1_000_000_000, data: [0] }], {
      magic: 0xa1b23c4d,
    });
    expect(failure(nano)).toMatchObject({ offset: 28 });
  });

  it('that spans more nanoseconds than virtual time can count is refused', () => {
    expect(failure(patched(44, 105 * 86400))).toMatchObject({ offset: 44 });
    expect([...openPcap(patched(44, 104 * 86400)).records()]).toHaveLength(2);
  });

  it('made of any bytes gives packets or a PcapError, and never another error', () => {
    const body = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(body, fc.boolean(), (bytes, withHeader) => {
        const file = withHeader ? Uint8Array.from([...good().subarray(0, 24), ...bytes]) : bytes;
        try {
          for (const { data } of openPcap(file).records()) {
            for (const linkType of Object.values(LINKTYPE)) decodeIpv4(linkType, data);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(PcapError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

it('any written packets are read back, at either resolution and byte order', () => {
  const packet = fc.record({
    seconds: fc.integer({ min: 0x7fff0000, max: 0x7fffffff }),
    fraction: fc.integer({ min: 0, max: 999_999 }),
    data: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }),
  });
  const options = fc.record({ magic: fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d), big: fc.boolean() });
  fc.assert(
    fc.property(fc.array(packet), options, (packets, { magic, big }) => {
      const pcap = openPcap(writePcap(packets, { magic, big }));
      const unit = magic === 0xa1b2c3d4 ? 1000 : 1;
      expect(pcap.header.resolutionNs).toBe(unit);
      const records = [...pcap.records()];
      expect(
        records.map(({ seconds, nanoseconds, data }) => ({
          seconds,
          fraction: nanoseconds / unit,
          data: [...data],
        })),
      ).toEqual(packets);
      for (let i = 1; i < records.length; i++) {
        expect(records[i]!.timeNs).toBeGreaterThanOrEqual(records[i - 1]!.timeNs);
      }
    }),
  );
});

it('a packet whose time goes backwards is treated as at the previous time, and counted', () => {
  const at = [5, 3, 4, 4, 7, 6].map((fraction) => ({ seconds: 9, fraction, data: [0] }));
  const records = [...openPcap(writePcap(at)).records()];
  expect(records.map(({ timeNs }) => timeNs)).toEqual([0, 0, 0, 0, 2000, 2000]);
  expect(records.map(({ backwards }) => backwards)).toEqual([0, 1, 2, 3, 3, 4]);
});

it('a packet cut by the snaplen keeps its original length', () => {
  const bytes = writePcap([{ seconds: 0, fraction: 0, data: [1, 2], original: 1500 }]);
  const [record] = openPcap(bytes).records();
  expect(record).toMatchObject({ originalLength: 1500, data: Uint8Array.of(1, 2) });
});

it('packets are views of the file, parsed only when asked for', () => {
  const bytes = writePcap([1, 2].map((seconds) => ({ seconds, fraction: 0, data: [7] })));
  const records = openPcap(bytes.subarray(0, bytes.length - 1)).records();
  expect(records.next().value?.data.buffer).toBe(bytes.buffer);
  expect(() => records.next()).toThrow(PcapError);
});

it('a frame check sequence announced beside the link type does not hide it', () => {
  expect(openPcap(writePcap([], { linkType: 0x24000001 })).header.linkType).toBe(1);
});

describe('the link header', () => {
  const ip = [0x45, 0];
  const behind = (linkType: number, ...bytes: number[]): unknown =>
    networkLayer(linkType, Uint8Array.from(bytes));

  it('of a BSD loopback holds the family in either byte order, or the network order', () => {
    expect(behind(LINKTYPE.NULL, 2, 0, 0, 0, ...ip)).toEqual({ offset: 4, etherType: 0x0800 });
    expect(behind(LINKTYPE.NULL, 0, 0, 0, 2, ...ip)).toEqual({ offset: 4, etherType: 0x0800 });
    expect(behind(LINKTYPE.LOOP, 0, 0, 0, 2, ...ip)).toEqual({ offset: 4, etherType: 0x0800 });
    expect(behind(LINKTYPE.LOOP, 0, 0, 0, 30)).toEqual({ offset: 4, etherType: 0x86dd });
    expect(behind(LINKTYPE.NULL, 7, 0, 0, 0)).toBeUndefined();
  });

  it('is absent from raw IP, under each of the numbers it goes by', () => {
    for (const linkType of [101, 12, 14]) {
      expect(behind(linkType, ...ip)).toEqual({ offset: 0, etherType: 0x0800 });
      expect(behind(linkType, 0x60)).toEqual({ offset: 0, etherType: 0x86dd });
      expect(behind(linkType, 0x10)).toBeUndefined();
    }
  });

  it('cut short gives no network layer', () => {
    const lengths = { 0: 4, 1: 14, 12: 1, 101: 1, 108: 4, 113: 16, 276: 20 };
    for (const [linkType, length] of Object.entries(lengths)) {
      expect(behind(Number(linkType), ...new Array<number>(length - 1).fill(0))).toBeUndefined();
    }
    const tagged = [...new Array<number>(12).fill(0), 0x81, 0, 0, 5, 8];
    expect(behind(1, ...tagged)).toBeUndefined();
    expect(behind(1, ...tagged, 0)).toEqual({ offset: 18, etherType: 0x0800 });
  });

  it('of an unknown type is an error that names the known ones', () => {
    expect(() => behind(105, 0)).toThrow(/link type 105 .* ETHERNET \(1\)/);
  });
});

it('the byte-swapped conversion of these tests changes the headers only', () => {
  const bytes = fixture('loopback.pcap');
  expect(swapByteOrder(bytes).subarray(40, 80)).toEqual(bytes.subarray(40, 80));
});
