import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TraceRow } from '../../../scenarios/analysis/trace-row.ts';
import { handWritten } from '../analysis/hand-written.ts';
import { BUSY, keptRuns, rowsOf, textOf, totals } from './runs.ts';
import { events, hasTraceCmd, report } from './trace-cmd.ts';

const { run, exported } = keptRuns();
const RUNS = [BUSY, 'netlink-icmp'];

/** As trace-cmd merges them: by time, then by CPU. */
function merged(rows: readonly TraceRow[]): TraceRow[] {
  return rows.toSorted((a, b) => a.timeNs - b.timeNs || a.cpu - b.cpu || a.seq - b.seq);
}

/** Rows of `log`, each at its time with its text. */
function logs(entries: readonly (readonly [timeNs: number, text: string])[]): string {
  return entries
    .map(([timeNs, text]) => `${timeNs},0,kernel,5,worker,dN..1,log,${text},,`)
    .join('\n');
}

test.runIf(hasTraceCmd).each(RUNS)('trace-cmd reads every event of a run', async (scenario) => {
  const folder = await run(scenario);
  const file = exported(folder, 'trace-dat');
  const rows = rowsOf(folder);
  const found = events(file);
  expect(totals(found.map(({ event }) => event))).toEqual(totals(rows.map(({ event }) => event)));
  expect(found.map(({ timeNs, cpu, pid, event }) => [timeNs, cpu, pid, event])).toEqual(
    merged(rows).map(({ timeNs, cpu, pid, event }) => [Math.max(timeNs, 1), cpu, pid, event]),
  );
  const names = new Set(found.map(({ task, pid }) => `${task}/${pid}`));
  const comms = rows.map(({ comm, pid }) => (pid === 0 ? '<idle>/0' : `${comm}/${pid}`));
  expect(names).toEqual(new Set(comms));
});

test.runIf(hasTraceCmd).each(RUNS)('it prints what the ftrace text says', async (scenario) => {
  const folder = await run(scenario);
  const lines = textOf(exported(folder, 'ftrace')).trim().split('\n');
  const printed = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/^.*\[(\d+)\] ..... .*?: (\w+): (.*)$/, '$1 $2 $3'));
  const found = events(exported(folder, 'trace-dat'));
  const told = found.map(({ cpu, event, text }) => `${`${cpu}`.padStart(3, '0')} ${event} ${text}`);
  expect(told.toSorted()).toEqual(printed.toSorted());
});

test.runIf(hasTraceCmd)('it prints the flags of the trace in its latency format', async () => {
  const folder = await run('netlink-icmp');
  const lines = report(exported(folder, 'trace-dat'), '-l');
  const found = lines.map((line) => /^ *.*-\d+ +(\d+)(.{5}) /.exec(line)?.slice(1, 3).join(' '));
  // This trace-cmd does not know yet that ftrace tells of bottom halves, too.
  const old = (flags: string): string => flags.replace('b', '.').replace('D', 'd');
  const rows = merged(rowsOf(folder));
  expect(new Set(rows.map(({ flags }) => flags))).toContain('b.s2.');
  expect(found).toEqual(rows.map(({ cpu, flags }) => `${cpu} ${old(flags)}`));
});

test.runIf(hasTraceCmd)('fields can be filtered by, and are shown raw', async () => {
  const folder = await run(BUSY);
  const file = exported(folder, 'trace-dat');
  const long = rowsOf(folder).filter(
    ({ event, object, value }) => event === 'lock_release' && object === 'mutex' && value > 60_000,
  );
  const filter = 'lock_release: held_ns > 60000 && lock == "mutex"';
  expect(long.length).toBeGreaterThan(5);
  expect(events(file, '-F', filter).map(({ timeNs }) => timeNs)).toEqual(
    long.map(({ timeNs }) => timeNs),
  );
  const raw = events(file, '-R', '-F', filter).map(({ text }) => text);
  expect(raw[0]).toBe(`held_ns=${long[0]?.value} lock=mutex rest= held_ns=${long[0]?.value}`);
  const preempted = events(file, '-F', 'sched_switch: prev_state == 0x100');
  expect(preempted.length).toBe(
    rowsOf(folder).filter(({ detail }) => detail.includes('prev_state=R+')).length,
  );
});

test.runIf(hasTraceCmd)('the formats and the order of time pass its own checks', async () => {
  const file = exported(await run(BUSY), 'trace-dat');
  const complaints = report(file, '--check-events');
  expect(complaints).toEqual([]);
  expect(report(file, '--ts-check')).toEqual(report(file));
});

const LIMIT = 2 ** 27;

test.runIf(hasTraceCmd)('times apart by more than 27 bits keep their nanoseconds', () => {
  const gaps = [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT, 700_000_003, 5e12, 2 ** 44];
  let timeNs = 7;
  const times = gaps.map((gap) => (timeNs += gap));
  const folder = handWritten(logs(times.map((time) => [time, 'x'])));
  const found = events(exported(folder, 'trace-dat'));
  expect(found.map((event) => event.timeNs)).toEqual(times);
});

test.runIf(hasTraceCmd)('events of every length around 112 bytes, and texts cut at 1024', () => {
  const lengths = [...Array.from({ length: 60 }, (_, i) => 60 + i), 1023, 1024, 1025, 5000];
  const texts = [...lengths.map((length) => 'y'.repeat(length)), 'é'.repeat(700), 'größer 水'];
  const folder = handWritten(logs(texts.map((text, i) => [1000 * i, text])));
  const found = events(exported(folder, 'trace-dat'));
  const cut = (text: string): string => Buffer.from(text).subarray(0, 1024).toString();
  expect(found.map(({ text }) => text)).toEqual(texts.map((text) => `label=${cut(text)}`));
});

test.runIf(hasTraceCmd)('pages end at every place of an event', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 2 * LIMIT }), fc.integer({ min: 1, max: 180 })), {
        minLength: 100,
        maxLength: 600,
      }),
      (entries) => {
        let timeNs = 1;
        const rows = entries.map(([gap, length]): [number, string] => {
          timeNs += gap % 3 === 0 ? gap : 1 + (gap % 1000);
          return [timeNs, 'z'.repeat(length)];
        });
        const folder = handWritten(logs(rows));
        const found = events(exported(folder, 'trace-dat'));
        expect(found.map((one) => [one.timeNs, one.text])).toEqual(
          rows.map(([time, text]) => [time, `label=${text}`]),
        );
      },
    ),
    { numRuns: 15, seed: 1 },
  );
});

test.runIf(hasTraceCmd)('no event is at 0, which KernelShark takes for no time', () => {
  const folder = handWritten(logs([0, 0, 1, 2].map((timeNs) => [timeNs, 'x'])));
  const times = events(exported(folder, 'trace-dat')).map(({ timeNs }) => timeNs);
  expect(times).toEqual([1, 1, 1, 2]);
});

test.runIf(hasTraceCmd)('what happens outside of every CPU is on the first', () => {
  const folder = handWritten('5,,,,,,fault,lost eth0,,\n9,1,idle,0,swapper/1,...1.,log,a,3,');
  expect(events(exported(folder, 'trace-dat')).map(({ cpu, text }) => [cpu, text])).toEqual([
    [0, 'text=lost eth0'],
    [1, 'label=a ret=3'],
  ]);
});
