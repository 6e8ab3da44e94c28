/*
 * imp2 against what tcpdump says of the same capture: the program prints the addresses of exactly
 * the ICMP packets that arrive while it is registered.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTrace, performArticle, type Performed, type TraceRow } from '../run/perform.ts';

const ms = 1_000_000;
/** As the scenario has it. */
const FIRST_FRAME = 20 * ms;
const CTRL_C = 1100 * ms;
const RESTART = 1500 * ms;
/** More than the way from the wire to the hook takes, less than the packets are apart. */
const SLACK = ms;

interface Packet {
  /** Virtual time at which it arrives, ns. */
  readonly at: number;
  readonly ipv4: boolean;
  /** `src: a, dest: b` if it is an ICMP packet over IPv4. */
  readonly pair: string | null;
}

/** What `tcpdump -tt -n -r` printed of a capture, in `test/fixtures/pcap`. */
function tcpdump(name: string): Packet[] {
  const file = new URL(`../../fixtures/pcap/${name}.txt`, import.meta.url);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const micros = (line: string): number => {
    const [seconds, fraction] = line.split(' ')[0]!.split('.');
    return Number(seconds) * 1_000_000 + Number(fraction!.slice(0, 6));
  };
  const start = micros(lines[0]!);
  return lines.map((line) => {
    const icmp = / IP ([\d.]+) > ([\d.]+): ICMP /.exec(line);
    return {
      at: FIRST_FRAME + (micros(line) - start) * 1000,
      ipv4: line.includes(' IP '),
      pair: icmp === null ? null : `src: ${icmp[1]}, dest: ${icmp[2]}`,
    };
  });
}

const packets = tcpdump('icmp-echo');
const pairs = (some: readonly Packet[]): string[] =>
  some.flatMap(({ pair }) => (pair === null ? [] : [pair]));
const registered = ({ at }: Packet): boolean => at < CTRL_C || at > RESTART;

function output({ result }: Performed): { timeNs: number; text: string }[] {
  return result.console.filter(({ from }) => from === 'imp2_u');
}

const KERNELS = ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32', 'linux-6.1', 'linux-6.12'];

function performed(kernel: string, more: readonly string[] = []): Performed {
  return performArticle('netlink-icmp', [`kernel=${kernel}`, ...more], { keep: true });
}

/** Without the numbers of the buffers. */
const sends = (rows: readonly TraceRow[]): TraceRow[] =>
  rows
    .filter(({ event }) => event === 'netlinkSend')
    .map((row) => ({ ...row, detail: row.detail.replace(/ skbaddr=\d+$/, '') }));

describe('the capture', () => {
  it('has ICMP packets before, between and after, other protocols, and none near an edge', () => {
    expect(pairs(packets)).toHaveLength(40);
    expect(packets.length).toBeGreaterThan(60);
    expect(pairs(packets.filter(({ at }) => at > CTRL_C && at < RESTART)).length).toBe(8);
    for (const { at, pair } of packets) {
      if (pair === null) continue;
      expect(Math.min(Math.abs(at - CTRL_C), Math.abs(at - RESTART))).toBeGreaterThan(SLACK);
    }
  });
});

describe.each(KERNELS)('imp2 on %s', (kernel) => {
  const run = performed(kernel);
  const rows = parseTrace(run.csv);

  it('prints the pairs of the ICMP packets that come while it is registered, in order', () => {
    expect(output(run).map(({ text }) => text)).toEqual(pairs(packets.filter(registered)));
    expect(run.metric('imp2.icmp')).toBe(40);
    expect(run.metric('imp2.unregistered')).toBe(8);
  });

  it('prints each soon after it came', () => {
    const arrivals = packets.filter((packet) => packet.pair !== null && registered(packet));
    for (const [i, { timeNs }] of output(run).entries()) {
      expect(timeNs).toBeGreaterThan(arrivals[i]!.at);
      expect(timeNs - arrivals[i]!.at).toBeLessThan(SLACK);
    }
  });

  it('sees every IPv4 packet in the hook, in softirq, and nothing else', () => {
    const hooked = rows.filter(({ event, object }) => event === 'nfHook' && object === 'imp2');
    expect(hooked).toHaveLength(packets.filter(({ ipv4 }) => ipv4).length);
    expect(new Set(hooked.map(({ context }) => context))).toEqual(new Set(['softirq']));
  });

  it('sends nothing between Ctrl+C and the new start, except the CLOSE itself', () => {
    const silent = sends(rows).filter(({ time_ns }) => time_ns > CTRL_C && time_ns < RESTART);
    expect(silent.map(({ comm, context, detail }) => [comm, context, detail])).toEqual([
      ['imp2_u', 'kernel', 'dst_portid=0 len=16'],
    ]);
    expect(silent[0]!.time_ns - CTRL_C).toBeLessThan(SLACK);
  });

  it('registers again after the restart, under a new id, and the kernel sends to that', () => {
    const registrations = sends(rows).filter(({ detail }) => detail === 'dst_portid=0 len=16');
    expect(registrations.map(({ time_ns }) => time_ns > RESTART)).toEqual([false, false, true]);
    const [first, , again] = registrations.map(({ pid }) => pid!);
    expect(again).not.toBe(first);
    const reports = sends(rows).filter(({ detail }) => detail.endsWith('len=24'));
    expect(reports).toHaveLength(32);
    for (const { time_ns, detail, context } of reports) {
      const portid = time_ns < CTRL_C ? first : again;
      expect([context, detail]).toEqual(['softirq', `dst_portid=${portid} len=24`]);
    }
  });

  it('without Ctrl+C prints all of them', () => {
    const all = performed(kernel, ['faults=[]']);
    expect(output(all).map(({ text }) => text)).toEqual(pairs(packets));
  });
});

describe('a program that is killed', () => {
  it('cannot send CLOSE: the module goes on sending, in vain, until it is back', () => {
    const { metric, result } = performArticle('netlink-icmp', [
      'faults=[{ kind: kill, target: imp2_u, at: 1100ms }, ' +
        '{ kind: restart, target: imp2_u, at: 1500ms }]',
    ]);
    expect(metric('imp2.unregistered')).toBe(0);
    expect(metric('imp2.send_failures')).toBe(8);
    expect(metric('imp2.printed')).toBe(32);
    expect(result.findings).toEqual([]);
  });
});

describe.each(['loopback', 'any-sll', 'any-sll2', 'raw', 'nano-vlan'])('the capture %s', (name) => {
  it('gives the pairs that tcpdump gives', () => {
    const file = new URL(`../../fixtures/pcap/${name}.pcap`, import.meta.url);
    const run = performArticle('netlink-icmp', ['faults=[]'], {
      readFile: () => readFileSync(file),
    });
    const expected = pairs(tcpdump(name));
    expect(expected.length).toBeGreaterThan(0);
    expect(output(run).map(({ text }) => text)).toEqual(expected);
  });
});

describe('echo requests at random', () => {
  it.each(KERNELS)('are all reported and answered on %s', (kernel) => {
    const { metric, result } = performArticle('netlink-icmp-poisson', [`kernel=${kernel}`]);
    expect(metric('ip.icmpReplies')).toBeGreaterThan(300);
    expect(metric('imp2.printed')).toBe(metric('imp2.icmp'));
    expect(metric('imp2.send_failures') + metric('imp2.unregistered')).toBe(0);
    expect(new Set(output({ result } as Performed).map(({ text }) => text))).toEqual(
      new Set(['src: 192.168.1.7, dest: 192.168.1.1']),
    );
  });
});

describe('rmmod', () => {
  it('unhooks the module: later packets pass unseen', () => {
    const { metric } = performArticle('netlink-icmp', [
      'faults=[]',
      'actors.insmod.with.rmmod=1s',
      'expect.that=[]',
    ]);
    const before = packets.filter(({ at }) => at < 1000 * ms);
    expect(metric('imp2.icmp')).toBe(pairs(before).length);
    expect(metric('imp2.printed')).toBe(pairs(before).length);
  });
});
