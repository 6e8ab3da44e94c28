import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockstep } from '../../cli/harness.ts';
import { handWritten } from '../analysis/hand-written.ts';
import { BUSY, keptRuns, rowsOf, textOf, totals } from './runs.ts';
import { running, spans, sums } from './spans.ts';
import { ask, hasTraceProcessor } from './trace-processor.ts';

const { run, exported } = keptRuns();
const RUNS = [BUSY, 'netlink-icmp'];

/** Finished slices on tracks that are called or stand so, by name. */
function slices(track: string, name = 'slice.name'): string {
  return `select ${name} as name, count(*) as n, sum(dur) as ns
    from slice join track on track.id = slice.track_id
    where dur >= 0 and ${track} group by 1 order by 1`;
}

const QUERIES = {
  events: 'select name, count(*) as n from ftrace_event group by 1',
  irqs: slices(`track.name glob 'Irq Cpu *' and slice.name != 'IRQ (LocalTimer)'`),
  timer: slices(`track.name glob 'Irq Cpu *' and slice.name = 'IRQ (LocalTimer)'`),
  softirqs: slices(`track.name glob 'SoftIrq Cpu *'`),
  tasklets: slices(`slice.name glob 'tasklet *'`, 'substr(slice.name, 9)'),
  timers: slices(`slice.name glob 'timer *'`, 'substr(slice.name, 7)'),
  work: slices(`slice.name glob 'work *' `, 'substr(slice.name, 6)'),
  calls: `select slice.name, count(*) as n, sum(dur) as ns
    from slice join thread_track on thread_track.id = slice.track_id
    where dur >= 0 and slice.name in (select distinct extract_arg(arg_set_id, 'call')
      from ftrace_event where name = 'sys_exit') group by 1 order by 1`,
  held: slices(`track.parent_id in (select id from track where name = 'Locks')`, 'track.name'),
  waited: `select parent.name, count(*) as n, sum(dur) as ns
    from slice join track on track.id = track_id join track parent on parent.id = track.parent_id
    where dur >= 0 and track.name = 'contention' group by 1 order by 1`,
  running: `select cast(tid as text) as name, count(*) as n, sum(dur) as ns
    from thread_state join thread using (utid)
    where state = 'Running' and tid > 0 and dur >= 0 group by 1 order by 1`,
  wakers: `select count(*) as n from thread_state where waker_utid is not null`,
  counters: `select track.name as queue, counter.ts as time_ns, cast(value as int) as length
    from counter join track on track.id = track_id order by ts, counter.id`,
  threads: `select tid, thread.name, process.name as process
    from thread left join process using (upid) where tid > 0 order by tid`,
  system: `select str_value from metadata where name = 'system_release'`,
  bounds: 'select start_ts, end_ts from trace_bounds',
} as const;

type Asked = Record<keyof typeof QUERIES, ReturnType<typeof ask>[number]>;

async function asked(scenarioText: string): Promise<{ folder: string; answers: Asked }> {
  const folder = await run(scenarioText);
  const found = ask(exported(folder, 'perfetto'), ...Object.values(QUERIES));
  const names = Object.keys(QUERIES);
  return { folder, answers: Object.fromEntries(names.map((key, i) => [key, found[i]])) as Asked };
}

test.runIf(hasTraceProcessor).each(RUNS)(
  'the trace processor finds what the trace has, to the nanosecond',
  async (text) => {
    const { folder, answers } = await asked(text);
    const rows = rowsOf(folder);
    const by = (event: string): typeof rows => rows.filter((row) => row.event === event);
    const onCpu = (begin: string, end: string): ReturnType<typeof spans> =>
      spans(rows, begin, end, ({ cpu }) => cpu);
    const onTask = (begin: string, end: string): ReturnType<typeof spans> =>
      spans(rows, begin, end, ({ pid }) => pid);
    const figures = (event: string): ReturnType<typeof sums> =>
      sums(
        by(event)
          .filter(({ value }) => value === value)
          .map(({ object, value }) => [object, value]),
      );

    const events = answers.events.filter(({ name }) => name !== null);
    expect(Object.fromEntries(events.map(({ name, n }) => [name, n]))).toEqual(
      totals(rows.map(({ event }) => event)),
    );
    const called = (name: string) => (span: { name: string }) => ({ ...span, name });
    const irqs = onCpu('irq_handler_entry', 'irq_handler_exit');
    expect(answers.irqs).toEqual(irqs.map((span) => called(`IRQ (${span.name})`)(span)));
    expect(answers.timer).toEqual(
      spans(
        rows.map((row) => ({ ...row, object: 'IRQ (LocalTimer)' })),
        'local_timer_entry',
        'local_timer_exit',
        ({ cpu }) => cpu,
      ),
    );
    expect(answers.softirqs).toEqual(onCpu('softirq_entry', 'softirq_exit'));
    expect(answers.tasklets).toEqual(onCpu('tasklet_entry', 'tasklet_exit'));
    expect(answers.timers).toEqual(onCpu('timer_expire_entry', 'timer_expire_exit'));
    expect(answers.work).toEqual(onTask('workqueue_execute_start', 'workqueue_execute_end'));
    expect(answers.calls).toEqual(onTask('sys_enter', 'sys_exit'));
    expect(answers.held).toEqual(figures('lock_release'));
    expect(answers.waited).toEqual(figures('lock_acquired'));
    expect(answers.running).toEqual(running(rows));
    expect(answers.wakers[0]?.['n']).toBeGreaterThanOrEqual(by('sched_wakeup').length / 2);
    const end = (JSON.parse(textOf(join(folder, 'run.json'))) as { timeNs: number }).timeNs;
    expect(answers.bounds).toEqual([{ start_ts: 0, end_ts: end }]);
  },
);

test.runIf(hasTraceProcessor)('tasks, the kernel and queues are as the run has them', async () => {
  const { folder, answers } = await asked(BUSY);
  const kernel = answers.threads.filter(({ process }) => process === 'kthreadd');
  expect(answers.threads).toContainEqual({ tid: 8, name: 'user', process: 'user' });
  expect(kernel.map(({ name }) => name)).toContain('spinner-1');
  expect(kernel.map(({ name }) => name)).toContain('kworker/0:0');
  expect(answers.system).toEqual([{ str_value: '6.1' }]);
  const csv = join(folder, 'stats');
  await lockstep(['stats', folder, '--csv', csv]);
  const [, ...lines] = textOf(join(csv, 'queues.csv')).trim().split('\n');
  const counted = answers.counters.map(
    ({ time_ns, queue, length }) => `${time_ns},${queue},${length}`,
  );
  expect(counted.length).toBeGreaterThan(100);
  expect(counted.toSorted()).toEqual(lines.toSorted());
});

test.runIf(hasTraceProcessor)('who holds and who waits at the end of a deadlock is shown', () => {
  const folder = handWritten(`
    10,0,kernel,2,a,...1.,lock_acquire,A,0,
    20,1,kernel,3,b,...1.,lock_acquire,B,0,
    30,0,kernel,2,a,...2.,lock_acquire,B,0,
    30,0,kernel,2,a,...2.,lock_contended,B,,
    40,1,kernel,3,b,...2.,lock_acquire,A,0,
    40,1,kernel,3,b,...2.,lock_contended,A,,`);
  const [found] = ask(
    exported(folder, 'perfetto'),
    `select track.name as track, slice.name, ts, dur, extract_arg(arg_set_id, 'debug.waits_for')
      as holder from slice join track on track.id = track_id where track.name != 'Run' order by ts`,
  );
  expect(found).toEqual([
    { track: 'A', name: 'a/2', ts: 10, dur: -1, holder: null },
    { track: 'B', name: 'b/3', ts: 20, dur: -1, holder: null },
    { track: 'contention', name: 'a/2', ts: 30, dur: -1, holder: 'b/3' },
    { track: 'contention', name: 'b/3', ts: 40, dur: -1, holder: 'a/2' },
  ]);
});

test.runIf(hasTraceProcessor)('readers that overlap have their own slices', () => {
  const folder = handWritten(`
    10,0,kernel,2,a,...1.,lock_acquire,rw,2,
    20,1,kernel,3,b,...1.,lock_acquire,rw,2,
    30,0,kernel,2,a,...1.,lock_release,rw,20,
    35,0,kernel,2,a,...1.,lock_acquire,rw,2,
    50,1,kernel,3,b,...1.,lock_release,rw,30,
    60,0,kernel,2,a,...1.,lock_release,rw,25,`);
  const [found] = ask(
    exported(folder, 'perfetto'),
    `select slice.name, ts, dur, depth, extract_arg(arg_set_id, 'debug.mode') as mode
      from slice join track on track.id = track_id where track.name = 'rw' order by ts`,
  );
  expect(found).toEqual([
    { name: 'a/2', ts: 10, dur: 20, depth: 0, mode: 'read' },
    { name: 'b/3', ts: 20, dur: 30, depth: 0, mode: 'read' },
    { name: 'a/2', ts: 35, dur: 25, depth: 0, mode: 'read' },
  ]);
});

test.runIf(hasTraceProcessor)('negative figures, great ones and any text arrive', () => {
  const text = `größer 水 ${'x'.repeat(300)}`;
  const folder = handWritten(`
    10,0,kernel,2,a,.....,sys_enter,read,,
    20,0,kernel,2,a,.....,sys_exit,read,-512,
    30,0,kernel,2,a,.....,log,${text},9007199254740991,
    9007199254740000,0,kernel,2,a,.....,log,late,-9007199254740991,error_code=0x4 n=-7`);
  const [found, events] = ask(
    exported(folder, 'perfetto'),
    `select name, ts, extract_arg(arg_set_id, 'debug.value') as value,
      extract_arg(arg_set_id, 'debug.object') as object from slice where name != 'run' order by ts`,
    `select ts, extract_arg(arg_set_id, 'ret') as ret, extract_arg(arg_set_id, 'n') as n,
      extract_arg(arg_set_id, 'error_code') as error from ftrace_event where name = 'log'`,
  );
  expect(found).toEqual([
    { name: 'read', ts: 10, value: -512, object: null },
    { name: 'log', ts: 30, value: 9007199254740991, object: text },
    { name: 'log', ts: 9007199254740000, value: -9007199254740991, object: 'late' },
  ]);
  expect(events).toEqual([
    { ts: 30, ret: 9007199254740991, n: null, error: null },
    { ts: 9007199254740000, ret: -9007199254740991, n: -7, error: '0x4' },
  ]);
});

test.runIf(hasTraceProcessor)('a flow leads from the sending of a message to its receipt', () => {
  const folder = handWritten(`
    10,0,softirq,0,swapper/0,..s1.,softirq_entry,NET_RX,3,
    20,0,softirq,0,swapper/0,..s1.,netlinkSend,netlink/31,16,dst_portid=4 len=16 skbaddr=7
    25,0,softirq,0,swapper/0,..s1.,netlinkSend,netlink/31,16,dst_portid=4 len=16 skbaddr=8
    30,1,kernel,4,u,.....,netlinkReceive,netlink/31,16,src_portid=0 len=16 skbaddr=7
    40,1,kernel,4,u,.....,netlinkReceive,netlink/31,16,src_portid=0 len=16 skbaddr=8`);
  const [found] = ask(
    exported(folder, 'perfetto'),
    `select sent.name as sent, sent.ts, got.name as got, got.ts as at
      from flow join slice sent on sent.id = slice_out join slice got on got.id = slice_in
      order by sent.ts`,
  );
  expect(found).toEqual([
    { sent: 'netlinkSend', ts: 20, got: 'netlinkReceive', at: 30 },
    { sent: 'netlinkSend', ts: 25, got: 'netlinkReceive', at: 40 },
  ]);
});

test.runIf(hasTraceProcessor)('states of tasks are the same on old and new kernels', () => {
  const left = ['R+', 'R', 'S', 'D', 'T', 'X'];
  const states = (prev: string): string => `prev_prio=120 prev_state=${prev} next_prio=120`;
  const switches = left.flatMap((state, i) => [
    `${20 * i},0,idle,0,swapper/0,...1.,sched_switch,a,${i + 2},${states('R')}`,
    `${20 * i + 10},0,kernel,${i + 2},a,...1.,sched_switch,swapper/0,0,${states(state)}`,
  ]);
  for (const kernel of ['linux-2.6.32', 'linux-6.12']) {
    const folder = handWritten(switches.join('\n'));
    writeFileSync(join(folder, 'scenario.yaml'), `kernel: ${kernel}\nmachine: { cpus: 1 }\n`);
    const [found] = ask(
      exported(folder, 'perfetto'),
      'select end_state from sched_slice join thread using (utid) where tid > 0 order by ts',
    );
    expect(found?.map(({ end_state }) => end_state)).toEqual(left);
  }
});
