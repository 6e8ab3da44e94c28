import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildEchoRequest,
  decodeIcmp,
  decodeIpv4,
  ECHO_PAYLOAD_MAX,
  formatIpv4,
  ICMP_ECHO,
  ip_compute_csum,
  ip_fast_csum,
  parseIpv4,
} from '../../../models/net/ipv4.ts';
import type { EchoRequest, Ipv4Decoded } from '../../../models/net/ipv4.ts';
import { LINKTYPE } from '../../../models/net/pcap.ts';

const { ETHERNET, RAW } = LINKTYPE;
const address = fc.integer({ min: 0, max: 0xffffffff });
const word = fc.integer({ min: 0, max: 0xffff });
const echoes = fc.record({
  saddr: address,
  daddr: address,
  id: word,
  sequence: word,
  payloadLength: fc.oneof(fc.nat(64), fc.nat(ECHO_PAYLOAD_MAX)),
});
const ping: EchoRequest = {
  saddr: parseIpv4('10.1.2.1'),
  daddr: parseIpv4('10.1.2.2'),
  id: 7,
  sequence: 1,
  payloadLength: 56,
};

describe('an address', () => {
  it('is written as a dotted quad and read back', () => {
    expect(formatIpv4(0xc0a80001)).toBe('192.168.0.1');
    fc.assert(
      fc.property(address, (value) => {
        expect(parseIpv4(formatIpv4(value))).toBe(value);
      }),
    );
  });

  it('that is no dotted quad is refused', () => {
    for (const text of ['', '10.1.2', '10.1.2.3.4', '10.1.2.256', '10.1.2.-1', '10.1.2.03']) {
      expect(() => parseIpv4(text)).toThrow(RangeError);
    }
  });
});

describe('the Internet checksum', () => {
  it('of the example in RFC 1071 is the complement of its sum ddf2', () => {
    const data = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(ip_compute_csum(data, 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  it('pads an odd last byte with zero', () => {
    expect(ip_compute_csum(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(
      ~(0x1234 + 0x5600) & 0xffff,
    );
  });

  it('outside the bytes is refused', () => {
    expect(() => ip_compute_csum(new Uint8Array(4), 2, 4)).toThrow(RangeError);
    expect(() => ip_compute_csum(new Uint8Array(4), -1, 2)).toThrow(RangeError);
  });
});

describe('a built echo request', () => {
  it('decodes to what it was built from, with right checksums', () => {
    fc.assert(
      fc.property(echoes, (echo) => {
        const frame = buildEchoRequest(echo);
        const { header, offset } = ipv4(decodeIpv4(ETHERNET, frame));
        expect(header).toMatchObject({ saddr: echo.saddr, daddr: echo.daddr, protocol: 1 });
        expect(header.tot_len).toBe(28 + echo.payloadLength);
        expect(decodeIcmp(frame, offset, header)).toMatchObject({
          type: ICMP_ECHO,
          code: 0,
          id: echo.id,
          sequence: echo.sequence,
        });
        expect(ip_fast_csum(frame, offset, header.ihl)).toBe(0);
        expect(ip_compute_csum(frame, offset + 20, header.tot_len - 20)).toBe(0);
      }),
    );
  });

  it('with any one bit of its IPv4 header flipped fails the checksum', () => {
    fc.assert(
      fc.property(echoes, fc.nat(19), fc.nat(7), (echo, byte, bit) => {
        const frame = buildEchoRequest(echo);
        frame[14 + byte]! ^= 1 << bit;
        expect(ip_fast_csum(frame, 14, 5)).not.toBe(0);
      }),
    );
  });

  it('refuses a field that does not fit', () => {
    for (const wrong of [
      { saddr: -1 },
      { daddr: 2 ** 32 },
      { id: 65536 },
      { sequence: 0.5 },
      { payloadLength: ECHO_PAYLOAD_MAX + 1 },
    ]) {
      expect(() => buildEchoRequest({ ...ping, ...wrong })).toThrow(Object.keys(wrong)[0]);
    }
  });

  const tcpdump = spawnSync('tcpdump', ['--version']).status === 0;
  it.skipIf(!tcpdump)('is an echo request with a right checksum to tcpdump', () => {
    const frame = buildEchoRequest(ping);
    const header = Buffer.alloc(40);
    [0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1, 1, 0, frame.length, frame.length].forEach(
      (value, index) => header.writeUInt32LE(value, index * 4),
    );
    const text = execFileSync('tcpdump', ['-vnttr', '-'], {
      input: Buffer.concat([header, frame]),
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(text).toContain('10.1.2.1 > 10.1.2.2: ICMP echo request, id 7, seq 1, length 64');
    expect(text).not.toMatch(/bad cksum|wrong icmp cksum/);
  });
});

function ipv4(decoded: Ipv4Decoded): Extract<Ipv4Decoded, { kind: 'ipv4' }> {
  if (decoded.kind !== 'ipv4') throw new Error(`expected IPv4, decoded ${decoded.kind}`);
  return decoded;
}

describe('decoding', () => {
  const bare = (): Uint8Array => buildEchoRequest(ping).subarray(14);
  const reason = (data: Uint8Array): string => {
    const decoded = decodeIpv4(ETHERNET, Uint8Array.from([...ethernet(0x0800), ...data]));
    return decoded.kind === 'malformed' ? decoded.reason : decoded.kind;
  };
  const ethernet = (etherType: number): number[] => [
    ...new Array<number>(12).fill(2),
    etherType >> 8,
    etherType & 0xff,
  ];

  it('tells ARP, IPv6 and anything else from IPv4', () => {
    const kind = (etherType: number): string =>
      decodeIpv4(ETHERNET, Uint8Array.from([...ethernet(etherType), ...bare()])).kind;
    expect([0x0806, 0x86dd, 0x88cc, 0x0040, 0x0800].map(kind)).toEqual([
      'arp',
      'ipv6',
      'other',
      'other',
      'ipv4',
    ]);
    expect(decodeIpv4(ETHERNET, new Uint8Array(5)).kind).toBe('other');
  });

  it('refuses what ip_rcv drops, with the reason', () => {
    const with0 = (byte: number): Uint8Array => Uint8Array.from([byte, ...bare().subarray(1)]);
    expect(reason(bare().subarray(0, 19))).toMatch(/19 bytes captured/);
    expect(reason(with0(0x65))).toMatch(/IP version 6/);
    expect(reason(with0(0x44))).toMatch(/header length of 16/);
    expect(reason(with0(0x4f).subarray(0, 40))).toMatch(/40 bytes captured of a header of 60/);
    const short = bare().slice();
    short.set([0, 19], 2);
    expect(reason(short)).toMatch(/total length of 19/);
  });

  it('finds ICMP behind IP options', () => {
    const packet = bare();
    const options = [1, 1, 1, 0];
    const withOptions = Uint8Array.from([
      0x46,
      0,
      0,
      packet.length + options.length,
      ...packet.subarray(4, 20),
      ...options,
      ...packet.subarray(20),
    ]);
    const { header, offset } = ipv4(decodeIpv4(RAW, withOptions));
    expect(decodeIcmp(withOptions, offset, header)).toMatchObject({ type: ICMP_ECHO, id: 7 });
  });

  it('finds no ICMP in another protocol, a later fragment or a datagram too short', () => {
    const packet = bare();
    const icmp = (change: object): unknown =>
      decodeIcmp(packet, 0, { ...ipv4(decodeIpv4(RAW, packet)).header, ...change });
    expect(icmp({})).toMatchObject({ type: ICMP_ECHO });
    expect(icmp({ frag_off: 0x2000 })).toMatchObject({ type: ICMP_ECHO });
    expect(icmp({ frag_off: 0x2001 })).toBeUndefined();
    expect(icmp({ protocol: 17 })).toBeUndefined();
    expect(icmp({ tot_len: 27 })).toBeUndefined();
    expect(icmp({ ihl: 15, tot_len: 1000 })).toMatchObject({ type: packet[60] });
    expect(
      decodeIcmp(packet.subarray(0, 27), 0, ipv4(decodeIpv4(RAW, packet)).header),
    ).toBeUndefined();
  });
});
