/* The pcapng reader: files as the draft describes them, in both byte orders, and damaged ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../../models/net/capture.ts';
import { PcapError } from '../../../models/net/pcap.ts';
import { PcapngWriter, type WrittenPacket } from '../../scenarios/import/write-pcapng.ts';

const frame = (length: number): Buffer => Buffer.alloc(length, 0xab);

function packetsOf(bytes: Uint8Array) {
  return [...openCapture(bytes).packets()].map(({ data, ...rest }) => ({
    ...rest,
    captured: data.length,
  }));
}

describe.each([
  ['little', false],
  ['big', true],
])('%s-endian', (_name, big) => {
  const writer = new PcapngWriter(big);

  it('packets have their time after the first, their length and their interface', () => {
    const bytes = writer.write(
      [{ name: 'eth0' }, { name: 'eth1', resolution: 9 }],
      [
        { time: 1_700_000_000_000_000n, data: frame(60) },
        { interface: 1, time: 1_700_000_000_000_001_500n, data: frame(61), originalLength: 1500 },
        { time: 1_700_000_000_500_000n, data: frame(62) },
      ],
    );
    expect(openCapture(bytes).format).toBe('pcapng');
    const linkType = 1;
    expect(packetsOf(bytes)).toMatchObject([
      { timeNs: 0, linkType, interfaceName: 'eth0', originalLength: 60, captured: 60 },
      { timeNs: 1500, linkType, interfaceName: 'eth1', originalLength: 1500, captured: 61 },
      { timeNs: 500_000_000, linkType, interfaceName: 'eth0', originalLength: 62 },
    ]);
  });

  it.each([
    ['tens: 3 is milliseconds', 3, 1_000_000],
    ['twos: 0x8a is 1024 in a second', 0x8a, 976_563],
  ])('a resolution by powers of %s', (_text, resolution, ns) => {
    const packets: WrittenPacket[] = [5n, 6n].map((time) => ({ time, data: frame(60) }));
    const bytes = writer.write([{ resolution }], packets);
    expect(packetsOf(bytes).map(({ timeNs }) => timeNs)).toEqual([0, ns]);
  });

  it('an offset in seconds moves the packets of its interface', () => {
    const bytes = writer.write(
      [{}, { offset: 2 }],
      [
        { time: 7n, data: frame(60) },
        { interface: 1, time: 7n, data: frame(60) },
      ],
    );
    expect(packetsOf(bytes).map(({ timeNs }) => timeNs)).toEqual([0, 2_000_000_000]);
  });

  it('a second section has interfaces of its own', () => {
    const one = writer.write([{ name: 'a' }], [{ time: 0n, data: frame(60) }]);
    const other = new PcapngWriter(!big).write([{ name: 'b' }], [{ time: 9n, data: frame(60) }]);
    const names = packetsOf(Buffer.concat([one, other])).map((packet) => packet.interfaceName);
    expect(names).toEqual(['a', 'b']);
  });

  it('a time that goes backwards is that of the packet before', () => {
    const packets = [5n, 9n, 2n].map((time) => ({ time, data: frame(60) }));
    const times = packetsOf(writer.write([{}], packets)).map(({ timeNs }) => timeNs);
    expect(times).toEqual([0, 4000, 4000]);
  });

  it('a file that is cut is refused with the place', () => {
    const bytes = writer.write([{}], [{ time: 0n, data: frame(60) }]);
    const read = (): unknown => packetsOf(bytes.subarray(0, bytes.length - 3));
    expect(read).toThrow(PcapError);
    expect(read).toThrow(/^not a readable pcapng file: at byte 68 expected a block of 92 bytes/);
  });

  it('what has no time, or no interface, is refused', () => {
    const simple = Buffer.concat([
      writer.write([{}], []),
      writer.block(3, writer.u32(60), frame(60)),
    ]);
    expect(() => packetsOf(simple)).toThrow('received a simple one, without a time');
    const lost = writer.write([], [{ time: 0n, data: frame(60) }]);
    expect(() => packetsOf(lost)).toThrow('expected an interface below 0, received 0');
  });

  it('two lengths of a block that differ are refused', () => {
    const bytes = writer.write([{}], [{ time: 0n, data: frame(60) }]);
    bytes[bytes.length - (big ? 1 : 4)]! += 4;
    expect(() => packetsOf(bytes)).toThrow(/expected the length 92 again, received 96/);
  });
});

it('a pcap file is opened as before', () => {
  const bytes = readFileSync('scenarios/article/icmp-echo.pcap');
  expect(openCapture(bytes).format).toBe('pcap');
  expect(packetsOf(bytes)).toHaveLength(68);
});
