/* The reader of trace.dat against trace-cmd: real recordings, and files written for the purpose. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../../scenarios/import/open.ts';
import { RecordingError } from '../../../scenarios/import/recording.ts';
import { outside } from '../../outside.ts';
import { temporaryFolder } from '../output/temporary-folder.ts';
import { TraceDatWriter, type WriteOptions, type WrittenEvent } from './write-trace-dat.ts';

const traceCmd = outside('trace-cmd');
const fixture = (name: string): string => join('test/fixtures/recordings', name);
const read = (name: string): Buffer => readFileSync(fixture(name));
const RECORDINGS = [
  { name: 'version-6', file: 'scenarios/imported/recorded-network.dat' },
  { name: 'version-7', file: fixture('version-7.dat') },
] as const;

interface Read {
  readonly ns: bigint;
  readonly cpu: number;
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Events in the order of time, which counts from the first. */
function inOrder(events: Read[]): Read[] {
  const sorted = events.sort((a, b) => Number(a.ns - b.ns) || a.cpu - b.cpu);
  const first = sorted[0]?.ns ?? 0n;
  return sorted.map((event) => ({ ...event, ns: event.ns - first }));
}

function ours(bytes: Uint8Array, fields: readonly string[]): Read[] {
  const events: Read[] = [];
  openRecording(bytes).each((event) => {
    const values = fields.flatMap((name): [string, string][] => {
      const value = event.field(name);
      return value === undefined ? [] : [[name, value]];
    });
    const { timeNs, cpu, name } = event;
    events.push({ ns: BigInt(timeNs), cpu, name, fields: Object.fromEntries(values) });
  });
  return inOrder(events);
}

/** What `trace-cmd report -t -R` prints. */
function theirs(report: string, fields: readonly string[]): Read[] {
  const lines = report.split('\n').filter((line) => / \[\d{3}\] /.test(line));
  const events = lines.map((line): Read => {
    const [, cpu, s, ns, name = '', rest = ''] =
      /-\d+\s+\[(\d+)\]\s+(\d+)\.(\d+): (\w+):\s*(.*)$/.exec(line) ?? [];
    const values = fields.flatMap((field): [string, string][] => {
      const value = new RegExp(`(?:^|\\s)${field}=(\\S+)`).exec(rest)?.[1];
      return value === undefined ? [] : [[field, value]];
    });
    const time = BigInt(s!) * 1_000_000_000n + BigInt(ns!);
    return { ns: time, cpu: Number(cpu), name, fields: Object.fromEntries(values) };
  });
  return inOrder(events);
}

const FIELDS = ['irq', 'name', 'len', 'comm', 'pid', 'target_cpu'];

describe.each(RECORDINGS)('a real recording, $name', ({ name, file }) => {
  it('has the events that trace-cmd prints, to the nanosecond, with their fields', () => {
    const report = read(`${name}.report.txt`).toString();
    const expected = theirs(report, FIELDS).map((event) => ({
      ...event,
      // -R prints target_cpu with leading zeros.
      fields: Object.fromEntries(
        Object.entries(event.fields).map(([key, value]) => [
          key,
          key === 'target_cpu' ? String(Number(value)) : value,
        ]),
      ),
    }));
    expect(expected.length).toBeGreaterThan(200);
    expect(ours(readFileSync(file), FIELDS)).toEqual(expected);
  });

  it.skipIf(!traceCmd)('is what trace-cmd reads today', () => {
    const args = ['report', '-t', '-R', '-i', file];
    expect(execFileSync('trace-cmd', args, { stdio: 'pipe' }).toString()).toBe(
      read(`${name}.report.txt`).toString(),
    );
  });
});

describe('compression', () => {
  const has = 'zstdDecompressSync' in zlib;

  it.skipIf(!has)('zstd is read where Node.js has it', () => {
    const report = read('version-7-zstd.report.txt').toString();
    expect(ours(read('version-7-zstd.dat'), ['irq'])).toEqual(theirs(report, ['irq']));
  });

  it.skipIf(has)('zstd is refused with a way out where Node.js does not have it', () => {
    expect(() => openRecording(read('version-7-zstd.dat'))).toThrow(
      /compressed with zstd, which Node.js has since 22.15; trace-cmd convert .* none/,
    );
  });

  it('zlib is read', () => {
    const plain = new TraceDatWriter({ version: 7 }).write(EVENTS);
    const packed = new TraceDatWriter({ version: 7, zlib: true }).write(EVENTS);
    expect(packed.length).toBeLessThan(plain.length);
    expect(ours(packed, FIELDS)).toEqual(ours(plain, FIELDS));
  });

  it('data that are not what they say are refused with their place', () => {
    const packed = new TraceDatWriter({ version: 7, zlib: true }).write(EVENTS);
    const at = packed.indexOf(Buffer.from([0x78, 0x9c]));
    packed.fill(0xee, at, at + 4);
    expect(() => openRecording(packed)).toThrow(
      new RegExp(`at byte ${at} expected zlib data, received`),
    );
  });
});

/** Long gaps, long names, many pages, both CPUs. */
const EVENTS: readonly WrittenEvent[] = Array.from({ length: 600 }, (_, i) => ({
  cpu: i % 3 === 0 ? 1 : 0,
  timeNs: 5_000_000_000 + i * 1_000_003 + (i > 300 ? 700_000_000_000 : 0),
  irq: i % 200,
  name: i % 50 === 0 ? 'n'.repeat(100 + i) : `eth${i % 4}`,
}));

function written(events: readonly WrittenEvent[]): Read[] {
  return inOrder(
    events
      .filter(({ discarded }) => discarded !== true)
      .map(({ timeNs, cpu, irq, name }) => ({
        ns: BigInt(timeNs),
        cpu,
        name: 'irq_handler_entry',
        fields: { irq: String(irq), name },
      })),
  );
}

const SHAPES: readonly (readonly [string, WriteOptions])[] = [
  ['version 6', {}],
  ['version 6, big-endian', { big: true }],
  ['version 7', { version: 7 }],
  ['version 7, big-endian', { version: 7, big: true }],
];

describe.each(SHAPES)('%s', (_name, options) => {
  const bytes = new TraceDatWriter(options).write(EVENTS);

  it('times after long gaps, long data and many pages are read', () => {
    expect(ours(bytes, ['irq', 'name'])).toEqual(written(EVENTS));
  });

  it.skipIf(!traceCmd)('trace-cmd reads the same of it', () => {
    const file = join(temporaryFolder(), 'written.dat');
    writeFileSync(file, bytes);
    const report = execFileSync('trace-cmd', ['report', '-t', '-R', '-i', file], { stdio: 'pipe' });
    expect(theirs(report.toString(), ['irq', 'name'])).toEqual(ours(bytes, ['irq', 'name']));
  });

  it('discarded events are passed over, and their time is not', () => {
    const events = EVENTS.map((event, i) => (i % 5 === 2 ? { ...event, discarded: true } : event));
    const kept = ours(new TraceDatWriter(options).write(events), ['irq', 'name']);
    expect(kept).toEqual(written(events));
  });

  it('a file that is cut anywhere is refused, not half read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: bytes.length - 1 }), (length) => {
        let failed = false;
        try {
          openRecording(bytes.subarray(0, length)).each(() => {});
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError);
          failed = true;
        }
        expect(failed).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('damage is read or refused with an error of the reader, nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 900 }), fc.integer({ min: 0, max: 255 }), (at, to) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = to;
        try {
          openRecording(damaged).each((event) => event.field('name'));
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is said of a file', () => {
  it('a clock that does not count nanoseconds is refused by its name', () => {
    const bytes = new TraceDatWriter({ version: 7, clock: 'counter' }).write(EVENTS);
    expect(() => openRecording(bytes)).toThrow("its clock 'counter' does not count nanoseconds");
    const six = new TraceDatWriter({ clock: 'local global [uptime] mono' }).write(EVENTS);
    expect(() => openRecording(six)).toThrow("its clock 'uptime' does not count nanoseconds");
  });

  it('ticks of the time stamp counter become nanoseconds as the file says', () => {
    const ticks = EVENTS.map((event) => ({ ...event, timeNs: event.timeNs * 3 }));
    const options = { clock: '[x86-tsc]', tsc: [5592405, 24] } as const;
    const times = ours(new TraceDatWriter(options).write(ticks), []);
    for (const [i, { ns }] of written(EVENTS).entries()) {
      expect(Math.abs(Number(times[i]!.ns - ns))).toBeLessThan(Number(ns) / 1e6 + 2);
    }
    const unknown = new TraceDatWriter({ clock: '[x86-tsc]' }).write(ticks);
    expect(() => openRecording(unknown)).toThrow("its clock 'x86-tsc' does not count nanoseconds");
  });

  it('lost events are told', () => {
    const recording = openRecording(new TraceDatWriter({ lostBefore: 1 }).write(EVENTS));
    recording.each(() => {});
    expect(recording.notes).toEqual(['events were lost before 1 of its pages']);
  });

  it('another version is refused', () => {
    const bytes = new TraceDatWriter().write(EVENTS);
    bytes.write('5', 10);
    expect(() => openRecording(bytes)).toThrow(
      `at byte 10 expected version '6' or '7' of trace.dat, received "5"`,
    );
  });
});
