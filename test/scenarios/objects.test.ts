import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ScenarioRun, loadText, registry } from '../../scenarios/index.ts';

const capture = readFileSync('scenarios/article/icmp-echo.pcap');

function run(traffic: string, bytes: Uint8Array = capture): ScenarioRun {
  const text = `name: t
objects:
  eth0: netdev
  wire: { type: traffic, device: ${traffic} }
actors: { a: { kind: kthread, steps: [nop] } }
`;
  const result = loadText('t.yaml', text, registry);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('; '));
  return new ScenarioRun(result.loaded, { readFile: () => bytes });
}

describe('traffic', () => {
  test('replays every frame of a capture', () => {
    const { metrics } = run('eth0, pcap: c.pcap').finish();
    expect(metrics.find(({ metric }) => metric === 'netdev.rx_packets')?.value).toBe(68);
  });

  test.each([
    ['a truncated capture', 'eth0, pcap: c.pcap', capture.subarray(0, 100), /c\.pcap: .* byte 98/],
    ['a text', 'eth0, pcap: c.pcap', Buffer.from('hello, world, this is no capture'), /text file/],
    ['neither capture nor arrivals', 'eth0', capture, /expected 'pcap' or 'arrivals'/],
    ['both', 'eth0, pcap: c.pcap, arrivals: { every: 1ms }', capture, /one of them/],
    ['an unknown card', 'eth1, pcap: c.pcap', capture, /no netdev 'eth1'/],
    ['no address', 'eth0, arrivals: { every: 1ms }, echo: { saddr: 1.2.3 }', capture, /IPv4/],
  ])('refuses %s with a word', (_what, traffic, bytes, message) => {
    expect(() => run(traffic, bytes)).toThrow(message);
  });
});
