/*
 * The article's scenarios as they are shipped: each runs, everything that it expects holds, and the
 * two pools stay within the bands of the article's measurements.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { articleFile, parseTrace, performArticle, type Performed } from '../run/perform.ts';

const names = readdirSync(dirname(articleFile('any')))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length));

const performed = new Map<string, Performed>();

/** The shipped scenario as it is; each is run once for all tests. */
function shipped(name: string): Performed {
  const known = performed.get(name) ?? performArticle(name, [], { keep: true });
  performed.set(name, known);
  return known;
}

interface Report {
  readonly volume: number;
  readonly ms: number;
  readonly speed: number;
  readonly rate: number;
}

const REPORT =
  /received (\d+) [KM]bytes, consumed time is: (\d+)ms, speed is: ([\d.]+)[KM]\/s, ([\d.]+)\/s\.$/;

/** The statistics that usr printed: by the formula of the article's figures, or as listed. */
function reports({ result }: Performed, formula: 'printed' | 'listed'): Report[] {
  return result.console.flatMap(({ text }) => {
    const match = REPORT.exec(text);
    if (match === null || text.startsWith('as listed') !== (formula === 'listed')) return [];
    const [volume, ms, speed, rate] = match.slice(1).map(Number);
    return [{ volume: volume!, ms: ms!, speed: speed!, rate: rate! }];
  });
}

function within(values: readonly number[], least: number, most: number): void {
  expect(values.length).toBeGreaterThan(0);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...values)).toBeLessThanOrEqual(most);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each(names)('the shipped scenario %s', (name) => {
  it('runs to its end and keeps everything that it expects', () => {
    const { result } = shipped(name);
    expect(['until', 'quiescent']).toContain(result.ending);
    expect(result.checks.length).toBeGreaterThan(1);
    expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
  });
});

interface Bands {
  readonly messages: [number, number];
  readonly volume: [number, number];
  readonly printed: [number, number];
  readonly listed: [number, number];
  readonly rate: [number, number];
  readonly ms: [number, number];
  readonly meanMs: [number, number];
  readonly reports: number;
}

const R10: Bands = {
  messages: [654, 663],
  volume: [500, 507],
  printed: [218, 221],
  listed: [388, 404],
  rate: [199, 200.5],
  ms: [3240, 3360],
  meanMs: [3270, 3285],
  reports: 10,
};
const R200: Bands = {
  messages: [40_125, 40_324],
  volume: [30, 30],
  printed: [4012, 4032],
  listed: [7750, 8025],
  rate: [3990, 4000.5],
  ms: [10_010, 10_350],
  meanMs: [10_031, 10_200],
  reports: 3,
};

describe.each([
  ['netlink-pool-10', R10],
  ['netlink-pool-200', R200],
] as const)('%s against the figures of the article', (name, bands) => {
  it('prints reports with volume, rates and times within the bands', () => {
    const printed = reports(shipped(name), 'printed');
    expect(printed.length).toBeGreaterThanOrEqual(bands.reports);
    within(
      printed.map(({ volume }) => volume),
      ...bands.volume,
    );
    within(
      printed.map(({ rate }) => rate),
      ...bands.printed,
    );
    within(
      printed.map(({ ms }) => ms),
      ...bands.ms,
    );
    within([mean(printed.map(({ ms }) => ms))], ...bands.meanMs);
    within(
      reports(shipped(name), 'listed').map(({ rate }) => rate),
      ...bands.listed,
    );
  });

  it('has as many messages in a report, and the true rate', () => {
    const { metric } = shipped(name);
    within(
      [metric('pool.report.messages.min'), metric('pool.report.messages.max')],
      ...bands.messages,
    );
    within([metric('pool.rate')], ...bands.rate);
  });

  it('loses nothing, and no send fails', () => {
    const { metric, result } = shipped(name);
    expect(metric('pool.send_failures')).toBe(0);
    expect(metric('netlink.full') + metric('netlink.refused') + metric('netlink.failed')).toBe(0);
    expect(metric('pool.lost')).toBe(0);
    expect(result.console.filter(({ text }) => text.includes('can not unicast'))).toEqual([]);
  });

  it('prints every report by both formulas', () => {
    const printed = reports(shipped(name), 'printed');
    const listed = reports(shipped(name), 'listed');
    expect(listed.map(({ volume, ms }) => [volume, ms])).toEqual(
      printed.map(({ volume, ms }) => [volume, ms]),
    );
    for (const { volume, ms, speed } of [...printed, ...listed]) {
      expect(speed).toBeCloseTo((volume * 1000) / ms, 3);
    }
  });
});

describe('the reports of netlink-pool-10', () => {
  it('say what the trace shows: messages received in between, and the time', () => {
    const rows = parseTrace(shipped('netlink-pool-10').csv);
    const printed = reports(shipped('netlink-pool-10'), 'printed');
    const listed = reports(shipped('netlink-pool-10'), 'listed');
    let messages = 0;
    let at = 0;
    let last = 0;
    for (const row of rows) {
      if (row.event === 'netlinkReceive') messages++;
      if (row.event !== 'output' || !row.object.startsWith('received')) continue;
      const { ms, volume, rate } = printed[at]!;
      expect(volume).toBe(Math.floor((messages * 784) / 1024));
      expect(rate).toBe(Math.floor(messages / Math.floor(ms / 1000)));
      expect(listed[at]!.rate).toBe(Math.floor((2 * messages * 1000) / ms));
      if (at > 0) expect(Math.abs((row.time_ns - last) / 1_000_000 - ms)).toBeLessThan(1.1);
      last = row.time_ns;
      messages = 0;
      at++;
    }
    expect(at).toBe(printed.length);
  });
});

describe('the start-up log of netlink-pool-200', () => {
  it('has the 601 lines of the article and then none', () => {
    const lines = shipped('netlink-pool-200')
      .result.console.filter(({ from }) => from === 'kernel')
      .map(({ text }) => text);
    const threads = Array.from({ length: 200 }, (_, i) => i);
    const wanted = [
      'net_link: create socket ok.',
      ...threads.flatMap((i) => [
        `init thread (${i}) ok!`,
        `wake up the thread [${i}].`,
        `start thread [${i}].`,
      ]),
    ];
    expect(wanted).toHaveLength(601);
    expect([...lines].sort()).toEqual([...wanted].sort());
    expect(lines[0]).toBe('net_link: create socket ok.');
    expect(lines.slice(1, 201)).toEqual(threads.map((i) => `init thread (${i}) ok!`));
    expect(lines.filter((line) => line.startsWith('wake up'))).toEqual(
      threads.map((i) => `wake up the thread [${i}].`),
    );
  });

  it('is followed by the sockets of the user program: descriptors from 3, ids from its pid', () => {
    const opened = shipped('netlink-pool-200')
      .result.console.map(({ text }) => text)
      .filter((text) => text.startsWith('init the socket'));
    expect(opened).toHaveLength(200);
    expect(opened[0]).toBe('init the socket 3 of pid 23869 successful.');
    expect(opened.at(-1)).toBe('init the socket 202 of pid 24068 successful.');
  });
});
