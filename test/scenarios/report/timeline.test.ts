/*
 * A trace as lanes: the intervals and figures that are packed, read as a browser reads them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { HEADER } from '../../../scenarios/analysis/trace-row.ts';
import { Timeline, type Lane } from '../../../scenarios/report/browser/model.ts';
import { Search } from '../../../scenarios/report/browser/search.ts';
import { inflate, open } from '../../../scenarios/report/browser/unpack.ts';
import type { Axis, PackedTimeline } from '../../../scenarios/report/format.ts';
import { timelineOf, type QueueChange } from '../../../scenarios/report/timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-timeline-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(
  rows: readonly string[],
  axis: Axis = 'time',
  queues: QueueChange[] = [],
): Promise<Timeline> {
  const numbered = rows.map((row, i) => `${i + 1},${row}\n`);
  writeFileSync(join(folder, 'trace.csv'), `${HEADER}\n${numbered.join('')}`);
  const { text } = timelineOf(folder, axis, 1000, queues);
  const { header, unpacker } = open<PackedTimeline>(await inflate(text));
  return new Timeline(header, unpacker);
}

/** `kind from-to label` for each interval of a lane. */
function told({ labels }: Timeline, lane: Lane | undefined): string[] {
  return lane!.tracks.flatMap((track) =>
    [...track.from].map((from, i) =>
      `${track.kind} ${from}-${track.to[i]} ${labels[track.label[i]!]}`.trimEnd(),
    ),
  );
}

function lane(timeline: Timeline, group: Lane['group'], name: string): Lane | undefined {
  return timeline.lanes.find((one) => one.group === group && one.name === name);
}

const SYSCALL = [
  '100,0,idle,0,swapper/0,...1.,sched_switch,u,7,prev_prio=120 prev_state=R next_prio=120',
  '200,0,user,7,u,.....,log,here,,',
  '300,0,kernel,7,u,.....,sys_enter,read,,',
  '350,0,hardirq,7,u,d.h1.,irq_handler_entry,eth0,19,',
  '380,0,hardirq,7,u,d.h1.,irq_handler_exit,eth0,19,',
  '400,0,kernel,7,u,.....,sched_switch,swapper/0,0,prev_prio=120 prev_state=S next_prio=120',
  '500,0,idle,0,swapper/0,.N.1.,sched_wakeup,u,7,prio=120 target_cpu=0',
  '600,0,idle,0,swapper/0,...1.,sched_switch,u,7,prev_prio=120 prev_state=R next_prio=120',
  '700,0,kernel,7,u,.....,sys_exit,read,1,',
];

it('splits what a task does into kernel and user, as rows and system calls tell', async () => {
  const timeline = await read(SYSCALL);
  expect(told(timeline, lane(timeline, 'cpu', 'CPU 0')).sort()).toEqual([
    'hardirq 350-380 eth0',
    'idle 400-600 idle',
    'kernel 100-200 u/7',
    'kernel 300-350 u/7',
    'kernel 380-400 u/7',
    'kernel 600-700 u/7',
    'user 200-300 u/7',
    'user 700-1000 u/7',
  ]);
});

it('says why a task sleeps, and when it could run and does not', async () => {
  const timeline = await read(SYSCALL);
  const task = told(timeline, lane(timeline, 'task', 'u/7'));
  expect(task).toContain('sleeping 400-500 S in read()');
  expect(task).toContain('runnable 500-600');
});

const LOCKED = [
  '0,0,kernel,2,a,...1.,lock_acquire,L,0,',
  '10,1,kernel,3,b,...1.,lock_acquire,L,0,',
  '10,1,kernel,3,b,...1.,lock_contended,L,,',
  '60,0,kernel,2,a,...1.,lock_release,L,60,',
  '70,1,kernel,3,b,...1.,lock_acquired,L,60,',
];

it('shows who has a lock, to the end of the run too, and counts who waits', async () => {
  const timeline = await read(LOCKED);
  const lock = lane(timeline, 'lock', 'L')!;
  expect(told(timeline, lock)).toEqual([
    'holding 0-60 a/2',
    'holding 70-1000 b/3',
    'waiting 10-70 b/3',
  ]);
  const [waiters] = lock.figures;
  expect([waiters!.of, [...waiters!.time], [...waiters!.value]]).toEqual([
    'waiters',
    [10, 70],
    [1, 0],
  ]);
});

it('counts rows instead of time where a schedule has decided', async () => {
  const timeline = await read(LOCKED, 'rows');
  expect(timeline.end).toBe(5);
  expect(told(timeline, lane(timeline, 'lock', 'L'))).toEqual([
    'holding 0-3 a/2',
    'holding 4-5 b/3',
    'waiting 2-4 b/3',
  ]);
});

it('has the lengths of queues, of which the last at a moment counts', async () => {
  const change = (timeNs: number, length: number): QueueChange => ({ timeNs, queue: 'q', length });
  const changes = [change(5, 1), change(5, 2), change(60, 0)];
  const queue = lane(await read(LOCKED, 'time', changes), 'queue', 'q')!;
  const [length] = queue.figures;
  expect([...length!.time]).toEqual([5, 60]);
  expect([...length!.value]).toEqual([2, 0]);
  expect([length!.at(4), length!.at(5), length!.at(59), length!.at(60)]).toEqual([0, 2, 2, 0]);
});

it('has the rows as they are, and finds them by what stands in them', async () => {
  const { rows } = await read(SYSCALL);
  expect(rows.row(7)).toEqual({
    seq: 8,
    timeNs: 600,
    cpu: 0,
    context: 'idle',
    pid: 0,
    comm: 'swapper/0',
    flags: '...1.',
    event: 'sched_switch',
    object: 'u',
    value: 7,
    detail: 'prev_prio=120 prev_state=R next_prio=120',
  });
  const search = new Search(rows);
  search.look('SCHED_switch');
  expect(search.count).toBe(3);
  expect([search.next(-1, 1), search.next(0, 1), search.next(7, 1)]).toEqual([0, 5, 0]);
  expect([search.next(5, -1), search.next(0, -1)]).toEqual([0, 7]);
  search.look('#4');
  expect(search.next(-1, 1)).toBe(3);
  search.look('nowhere');
  expect(search.next(0, 1)).toBe(-1);
});
