import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockstep } from '../../cli/harness.ts';
import { outside } from '../../outside.ts';
import { handWritten } from '../analysis/hand-written.ts';
import { BUSY, keptRuns, rowsOf, textOf } from './runs.ts';
import { timeByValue, wavesOf } from './vcd-file.ts';

const { run, exported } = keptRuns();
const RUNS = [BUSY, 'netlink-icmp'];
const hasConverters = outside('vcd2fst') && outside('fst2vcd');

function endOf(folder: string): number {
  return (JSON.parse(textOf(join(folder, 'run.json'))) as { timeNs: number }).timeNs;
}

test.runIf(hasConverters).each(RUNS)('GTKWave keeps every value of every wave', async (text) => {
  const folder = await run(text);
  const file = exported(folder, 'vcd');
  const fst = `${file}.fst`;
  const there = spawnSync('vcd2fst', [file, fst], { encoding: 'utf8' });
  expect(there).toMatchObject({ status: 0, stderr: '' });
  const back = spawnSync('fst2vcd', [fst], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  expect(back.status).toBe(0);
  const waves = wavesOf(textOf(file));
  expect(waves.size).toBeGreaterThan(10);
  expect(wavesOf(back.stdout)).toEqual(waves);
});

test.each(RUNS)('contexts last as long as the summary of the run says', async (text) => {
  const folder = await run(text);
  const waves = wavesOf(textOf(exported(folder, 'vcd')));
  const summary = textOf(join(folder, 'summary.csv'));
  for (const cpu of [0, 1]) {
    const times = timeByValue(waves, `cpu${cpu}.context`, endOf(folder));
    const booked = (context: string): number =>
      Number(new RegExp(`^cpu\\.${context},${cpu},(\\d+),ns$`, 'm').exec(summary)![1]);
    const [idle, user, kernel, softirq, hardirq] = [0, 1, 2, 3, 4].map((n) => times[n] ?? 0);
    expect([idle, softirq, hardirq]).toEqual(['idle', 'softirq', 'hardirq'].map(booked));
    expect(user! + kernel!).toBe(booked('user') + booked('kernel'));
  }
});

test('a CPU has the task that the last switch gave it', async () => {
  const folder = await run(BUSY);
  const waves = wavesOf(textOf(exported(folder, 'vcd')));
  for (const cpu of [0, 1]) {
    const switches = rowsOf(folder).filter(
      (row) => row.event === 'sched_switch' && row.cpu === cpu,
    );
    const last = switches.filter(({ timeNs }, i) => timeNs !== switches[i + 1]?.timeNs);
    const pids = last.map(({ timeNs, value }): [number, string] => [timeNs, `${value}`]);
    const changes = pids.filter(([, pid], i) => pid !== (pids[i - 1]?.[1] ?? '0'));
    const [first, ...rest] = waves.get(`cpu${cpu}.pid`)!;
    expect(first![0]).toBe(0);
    expect(rest).toEqual(changes.filter(([timeNs]) => timeNs > 0));
  }
});

test('locks show who holds them and how many wait', () => {
  const folder = handWritten(`
    10,0,kernel,2,a,...1.,lock_acquire,A lock,0,
    20,1,kernel,3,b,...1.,lock_acquire,A lock,0,
    20,1,kernel,3,b,...1.,lock_contended,A lock,,
    30,0,kernel,2,a,...1.,lock_release,A lock,20,
    30,1,kernel,3,b,...1.,lock_acquired,A lock,10,
    45,1,kernel,3,b,...1.,lock_release,A lock,15,`);
  const waves = wavesOf(textOf(exported(folder, 'vcd')));
  expect(waves.get('lock0_A_lock.holder')).toEqual([
    [0, '-'],
    [10, 'a/2'],
    [30, 'b/3'],
    [45, '-'],
  ]);
  expect(waves.get('lock0_A_lock.waiters')).toEqual([
    [0, '0'],
    [20, '1'],
    [30, '0'],
  ]);
});

test.each(RUNS)('queues are as long as the statistics say', async (text) => {
  const folder = await run(text);
  const waves = wavesOf(textOf(exported(folder, 'vcd')));
  const csv = join(folder, 'stats');
  await lockstep(['stats', folder, '--csv', csv]);
  const rows = textOf(join(csv, 'queues.csv')).trim().split('\n').slice(1);
  const queues = new Map<string, Map<number, string>>();
  for (const [timeNs, queue, length] of rows.map((row) => row.split(','))) {
    const lengths = queues.get(queue!) ?? new Map([[0, '0']]);
    queues.set(queue!, lengths.set(Number(timeNs), length!));
  }
  expect(queues.size).toBeGreaterThan(1);
  for (const [queue, lengths] of queues) {
    const changes = [...lengths].filter(([, n], i, all) => n !== all[i - 1]?.[1]);
    expect(waves.get(`queues.${queue.replace(/\W/g, '_')}`)).toEqual(changes);
  }
});
