import { expect, test } from 'vitest';
import { handWritten } from '../analysis/hand-written.ts';
import { BUSY, keptRuns, rowsOf, textOf } from './runs.ts';
import { ask, hasTraceProcessor } from './trace-processor.ts';

const { run, exported } = keptRuns();
const HEAD_LINES = 12;

/** trace_print_context() and what follows it. */
const LINE =
  /^ *(\S+)-(\d+) {1,7}\[(\d{3})\] ([.dbD][.Nnp][.hsH][.1-9a-f]\.) +(\d+\.\d{6}): (\w+): (.*)$/;

test.each([BUSY, 'netlink-icmp'])('each line is one that the kernel prints', async (scenario) => {
  const folder = await run(scenario);
  const lines = textOf(exported(folder, 'ftrace')).trim().split('\n');
  const rows = rowsOf(folder);
  expect(lines.length).toBe(HEAD_LINES + rows.length);
  expect(lines[2]).toBe(
    `# entries-in-buffer/entries-written: ${rows.length}/${rows.length}   #P:2`,
  );
  for (const [i, { comm, pid, cpu, flags, timeNs, event }] of rows.entries()) {
    const us = Math.round(timeNs / 1000);
    const time = `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
    expect(LINE.exec(lines[HEAD_LINES + i]!)?.slice(1, 7)).toEqual([
      pid === 0 ? '<idle>' : comm,
      `${pid}`,
      `${cpu}`.padStart(3, '0'),
      flags,
      time,
      event,
    ]);
  }
});

test('the columns stand where the head says', async () => {
  const lines = textOf(exported(await run(BUSY), 'ftrace')).split('\n');
  const names = lines[HEAD_LINES - 2]!;
  expect(names).toContain('TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION');
  const row = lines[HEAD_LINES]!;
  expect(row.indexOf('[')).toBe(names.indexOf('CPU#'));
  const flags = names.indexOf('|||||');
  expect(row.slice(flags, flags + 5)).toMatch(/^[.dbD][.N][.hsH][.\da-f]\.$/);
});

test('what would break a line is escaped, and a depth has one digit', () => {
  const folder = handWritten(
    '1500,0,kernel,2,a,d...1,output,two\u0007bells,,\n2499,0,kernel,2,a,...12.,log,x,-1,',
  );
  expect(textOf(exported(folder, 'ftrace')).trim().split('\n').slice(HEAD_LINES)).toEqual([
    '               a-2       [000] d...1     0.000002: output: text=two\\u0007bells',
    '               a-2       [000] ...f.     0.000002: log: label=x ret=-1',
  ]);
});

test.runIf(hasTraceProcessor)('Perfetto reads its scheduling', async () => {
  const folder = await run(BUSY);
  const [slices, states] = ask(
    exported(folder, 'ftrace'),
    `select tid, count(*) as n from sched_slice join thread using (utid)
     where tid > 0 group by tid order by tid`,
    `select end_state as state, count(*) as n from sched_slice join thread using (utid)
     where tid > 0 and end_state is not null group by 1 order by 1`,
  );
  const switches = rowsOf(folder).filter(({ event }) => event === 'sched_switch');
  const tids = [...new Set(switches.map(({ value }) => value))].filter((tid) => tid > 0);
  expect(slices).toEqual(
    tids
      .toSorted((a, b) => a - b)
      .map((tid) => ({ tid, n: switches.filter(({ value }) => value === tid).length })),
  );
  const left = switches.filter(({ pid }) => pid > 0).map(({ detail }) => detail);
  expect(states).toEqual(
    ['D', 'I', 'R', 'R+', 'S', 'X']
      .map((state) => ({
        state,
        n: left.filter((detail) => detail.includes(`prev_state=${state} `)).length,
      }))
      .filter(({ n }) => n > 0),
  );
});
