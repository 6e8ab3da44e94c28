/* What is selected from recordings of every format, and what is said when nothing is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../../scenarios/import/open.ts';
import { overview } from '../../../scenarios/import/overview.ts';
import { select, type Selection } from '../../../scenarios/import/selection.ts';
import { PcapngWriter } from './write-pcapng.ts';

const fixture = (name: string): Buffer => readFileSync(join('test/fixtures/recordings', name));
const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'));

/** Times after the first. */
function times(bytes: Uint8Array, selection: Selection): number[] {
  const { events } = select(openRecording(bytes), selection);
  return events.map(({ timeNs }) => timeNs - events[0]!.timeNs);
}

const interrupts = { event: 'irq_handler_entry', where: { name: 'eth0' } };
const line = (s: string, what: string): string => `   comm-7   [001] d.h1. ${s}: ${what}`;

describe('one recording in all its forms', () => {
  const exact = times(readFileSync('scenarios/imported/recorded-network.dat'), interrupts);

  it('trace.dat has nanoseconds', () => {
    expect(exact).toHaveLength(31);
    expect(exact.slice(0, 3)).toEqual([0, 7_550_240, 11_321_737]);
  });

  it('report -t -R has the same', () => {
    expect(times(fixture('version-6.report.txt'), interrupts)).toEqual(exact);
  });

  it.each(['version-6.text.txt', 'version-6.latency.txt'])('%s has microseconds', (name) => {
    const rounded = times(fixture(name), interrupts);
    expect(rounded).toHaveLength(exact.length);
    for (const [i, ns] of rounded.entries()) expect(Math.abs(ns - exact[i]!)).toBeLessThan(1001);
  });

  it('the file of the kernel is read, and its fields', () => {
    expect(times(fixture('trace.txt'), interrupts)).toHaveLength(30);
    const woken = { event: 'sched_wakeup', where: { comm: 'init', target_cpu: 1 } };
    expect(times(fixture('trace.txt'), woken).length).toBeGreaterThan(20);
  });
});

describe('selections', () => {
  const bytes = fixture('version-7.dat');

  it('the system may stand before the event', () => {
    const named = { ...interrupts, event: 'irq:irq_handler_entry' };
    expect(times(bytes, named)).toEqual(times(bytes, interrupts));
  });

  it('a CPU and several fields have all to hold', () => {
    expect(times(bytes, { ...interrupts, cpu: 0, where: { name: 'eth0', irq: 11 } })).toEqual(
      times(bytes, interrupts),
    );
  });

  it('numbers are compared as numbers, in whichever base', () => {
    const decimal = times(bytes, { event: 'irq_handler_entry', where: { irq: '11' } });
    expect(times(bytes, { event: 'irq_handler_entry', where: { irq: '0xb' } })).toEqual(decimal);
  });

  it.each([
    [
      { event: 'irq_handler_entri' },
      /^no event 'irq_handler_entri' \(did you mean 'irq_handler_en/,
    ],
    [{}, /^say which 'event' of it is meant/],
    [
      { event: 'irq_handler_entry', where: { nam: 'eth0' } },
      /^the event 'irq_handler_entry' has no field 'nam' \(did you mean 'name'\?\); it has: common/,
    ],
    [
      { event: 'irq_handler_entry', where: { name: 'eth1' } },
      /^none of the 30 events 'irq_handler_entry' has name=eth1; name is eth0$/,
    ],
    [
      { event: 'irq_handler_entry', cpu: 1 },
      /^none of the 30 events 'irq_handler_entry' has cpu=1; cpu is 0$/,
    ],
  ] as const)('%j is refused with what there is', (selection, message) => {
    expect(() => select(openRecording(bytes), selection)).toThrow(message);
  });
});

describe('ftrace text', () => {
  it('lines beside events are passed over: comments, losses, stacks, more lines of a print', () => {
    const bytes = text(
      '# tracer: nop',
      '#',
      line('1.000001', 'irq_handler_entry: irq=1 name=a b'),
      'CPU:1 [LOST 12 EVENTS]',
      line('1.000002', 'kernel_stack: <stack trace >'),
      ' => do_idle (ffffffff81)',
      line('1.000003', 'tracing_mark_write: two'),
      'lines',
      line('1.000004', 'irq_handler_entry: irq=1 name=a b'),
      '',
    );
    expect(times(bytes, { event: 'irq_handler_entry', where: { name: 'a b' } })).toEqual([0, 3000]);
    const recording = openRecording(bytes);
    recording.each(() => {});
    expect(recording.notes).toEqual(['events were lost in 1 places']);
  });

  it('names with spaces and hyphens, thread groups and five flags are read', () => {
    const bytes = text(
      '       my-task 1-1234  (   1230) [002] d..21  99.999999: sched_waking: comm=a pid=1',
      '          <...>-77    [000] .....   100.000001: sched_waking: comm=b pid=2',
    );
    expect(times(bytes, { event: 'sched_waking' })).toEqual([0, 2000]);
    expect(times(bytes, { event: 'sched_waking', where: { common_pid: 1234 }, cpu: 2 })).toEqual([
      0,
    ]);
  });

  it('a line that is nothing of this is refused by its number', () => {
    const bytes = text(line('1.000001', 'a: x=1'), 'garbage', line('1.000002', 'a: x=2'));
    expect(() => times(bytes, { event: 'a' })).toThrow(
      /^line 2: expected an event such as .*, got "garbage"$/,
    );
  });
});

describe('CSV', () => {
  it("a run's trace is a recording of its events", () => {
    const bytes = text(
      'seq,time_ns,cpu,context,pid,comm,flags,event,object,value,detail',
      '1,100,0,hardirq,0,swapper/0,d.h1.,irq_handler_entry,eth0,19,',
      '2,150,0,hardirq,0,swapper/0,d.h1.,irq_handler_exit,eth0,19,',
      '3,400,1,hardirq,0,swapper/0,d.h1.,irq_handler_entry,eth0,19,"a, ""b"""',
      '',
    );
    expect(times(bytes, { event: 'irq_handler_entry', where: { object: 'eth0' } })).toEqual([
      0, 300,
    ]);
    const detailed = { event: 'irq_handler_entry', where: { detail: 'a, "b"' }, cpu: 1 };
    expect(times(bytes, detailed)).toEqual([0]);
  });

  it('a table of times alone needs no event; times need no order', () => {
    expect(times(text('time_ns', '50', '10', '30'), {})).toEqual([0, 20, 40]);
  });

  it.each([
    ['time_ns,cpu\n5\n', 'line 2: expected 2 cells, as the header has, got "5"'],
    ['time_ns\n5\n1.5\n', 'line 3: expected whole nanoseconds in the column time_ns, got "1.5"'],
    ['time_ns\n5\n"1\n', 'line 3: expected a cell of CSV, got "\\"1"'],
    ['time_ns,cpu\n5,x\n', 'line 2: expected the number of a CPU, got "x"'],
    ['time_ns\n', "no event 'row'; it has: "],
  ])('%j is refused', (bytes, message) => {
    expect(() => times(text(bytes), {})).toThrow(message);
  });
});

describe('captures', () => {
  it('every packet is an event with its length and interface', () => {
    const data = Buffer.alloc(60);
    const bytes = new PcapngWriter().write(
      [{ name: 'eth0' }, { name: 'lo' }],
      [
        { time: 1n, data },
        { time: 5n, interface: 1, data },
        { time: 9n, data, originalLength: 1500 },
      ],
    );
    expect(times(bytes, {})).toEqual([0, 4000, 8000]);
    expect(times(bytes, { event: 'packet', where: { interface: 'eth0' } })).toEqual([0, 8000]);
    expect(times(bytes, { where: { len: 1500 } })).toEqual([0]);
    expect(() => times(bytes.subarray(0, 300), {})).toThrow(/^not a readable pcapng file: at byte/);
  });
});

describe('what a file is', () => {
  it.each([
    ['', 'it is empty'],
    ['hello\n', 'it begins with "hello"'],
    ['\u001f\u008b\u0008', '(it is compressed with gzip: gunzip it first)'],
  ])('%j is refused', (bytes, message) => {
    expect(() => openRecording(Buffer.from(bytes, 'latin1'))).toThrow(message);
  });

  it('the overview counts its events and shows what names them', () => {
    const shown = overview(openRecording(fixture('version-7.dat')), 'net.dat');
    expect(shown).toMatch(/^net\.dat {2}trace\.dat version 7 {2}237 events in 486 ms$/m);
    expect(shown).toMatch(/^ {2}irq_handler_entry +30 +0 {2}irq=11 name=eth0$/m);
  });
});
