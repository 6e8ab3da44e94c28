/* Scenarios whose arrivals are those of a recorded trace. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTrace, loadYaml, perform } from './perform.ts';
import { PcapngWriter } from '../import/write-pcapng.ts';

const real = readFileSync('scenarios/imported/recorded-network.dat');
const files = new Map<string, Uint8Array>([
  ['net.dat', real],
  ['times.csv', Buffer.from('time_ns,cpu,what\n1000,0,a\n3000,1,b\n9000,0,a\n')],
]);

function readFile(path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`no ${path}`);
  return bytes;
}

function device(arrivals: string): string {
  return `
name: s
machine: { cpus: 1, costs: { preset: ideal } }
until: 1s
actors:
  card: { kind: irq, arrivals: ${arrivals}, steps: [delay 100ns] }`;
}

/** When the line interrupts. */
function interrupts(arrivals: string): number[] {
  const { csv } = perform(loadYaml(device(arrivals)), { keep: true, readFile });
  const rows = parseTrace(csv).filter(({ event, object }) => {
    return event === 'irq_handler_entry' && object === 'card';
  });
  return rows.map(({ time_ns }) => time_ns);
}

const ETH0 = 'file: net.dat, event: irq_handler_entry, where: { name: eth0 }';

describe('arrivals of a recorded trace', () => {
  it('come at their distances from the first, which is at start', () => {
    const times = interrupts(`{ recorded: { ${ETH0} }, start: 1ms }`);
    expect(times).toHaveLength(31);
    expect(times.slice(0, 3)).toEqual([1_000_000, 8_550_240, 12_321_737]);
  });

  it('or from the first event of the recording', () => {
    const [first] = interrupts(`{ recorded: { ${ETH0}, origin: recording } }`);
    expect(first).toBe(10_426_883);
  });

  it('are stretched by a scale, and bounded as other arrivals are', () => {
    const recorded = `recorded: { ${ETH0}, scale: 0.5 }`;
    expect(interrupts(`{ ${recorded}, count: 3 }`)).toEqual([0, 3_775_120, 5_660_869]);
    expect(interrupts(`{ ${recorded}, until: 4ms }`)).toEqual([0, 3_775_120]);
  });

  it('may be those of one CPU, or of a table', () => {
    expect(interrupts('{ recorded: { file: times.csv } }')).toEqual([0, 2000, 8000]);
    expect(interrupts('{ recorded: { file: times.csv, cpu: 0 } }')).toEqual([0, 8000]);
    expect(interrupts('{ recorded: { file: times.csv, where: { what: b } } }')).toEqual([0]);
  });

  it.each([
    ['event: irq_handler_entrx', "net.dat: no event 'irq_handler_entrx' (did you mean"],
    ['event: irq_handler_entry, cpu: 7', "net.dat: none of the 31 events 'irq_handler_entry'"],
  ])('what is not there stops the run before it begins: %s', (what, message) => {
    expect(() => interrupts(`{ recorded: { file: net.dat, ${what} } }`)).toThrow(message);
  });

  it.each([
    ['{ recorded: { file: net.dat }, every: 1ms }', 'expected one of every, '],
    ['{ recorded: { file: net.dat, scale: 0 } }', 'scale'],
    ['{ recorded: { file: net.dat, evnt: x } }', "unknown key 'evnt'"],
  ])('%s is no scenario', (arrivals, message) => {
    expect(() => loadYaml(device(arrivals))).toThrow(message);
  });

  it('drive the frames of a network card too', () => {
    const yaml = `
name: s
machine: { cpus: 1 }
until: 1s
objects:
  eth0: netdev
  pings: { type: traffic, device: eth0, arrivals: { recorded: { ${ETH0} } } }
actors: { idle: { kind: user, steps: [nop] } }`;
    const { metric } = perform(loadYaml(yaml), { readFile });
    expect(metric('netdev.rx_packets(eth0)')).toBe(31);
  });
});

describe('a pcapng capture as traffic', () => {
  const capture = (...linkTypes: readonly number[]): Uint8Array =>
    new PcapngWriter().write(
      linkTypes.map((linkType) => ({ linkType })),
      linkTypes.map((_, i) => ({ interface: i, time: BigInt(i * 100), data: Buffer.alloc(60) })),
    );
  const yaml = `
name: s
machine: { cpus: 1 }
until: 1s
objects:
  eth0: netdev
  net: { type: traffic, device: eth0, pcap: net.pcapng }
actors: { idle: { kind: user, steps: [nop] } }`;
  const run = (bytes: Uint8Array) => perform(loadYaml(yaml), { readFile: () => bytes });

  it('arrives as a pcap does', () => {
    expect(run(capture(1, 1)).metric('netdev.rx_packets(eth0)')).toBe(2);
  });

  it('is refused if its interfaces are of several kinds', () => {
    expect(() => run(capture(1, 101))).toThrow(
      'net.pcapng: its packets have several link types (1 and 101), and a card has one',
    );
  });
});
