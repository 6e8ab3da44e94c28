import { expect, test } from 'vitest';
import { Intervals } from '../../../scenarios/analysis/intervals.ts';
import { readTrace } from '../../../scenarios/analysis/run-folder.ts';
import { handWritten } from './hand-written.ts';

function intervalsOf(text: string): string[] {
  const found: string[] = [];
  const intervals = new Intervals(({ kind, actor, object, fromNs, toNs }) => {
    found.push(`${fromNs}-${toNs} ${actor} ${kind} ${object}`.trim());
  });
  readTrace(handWritten(text), (row) => intervals.see(row));
  intervals.end(200);
  return found;
}

test('a task runs, sleeps, waits for a CPU and runs again, with an interrupt on top', () => {
  const text = `
    0,0,idle,0,swapper/0,...1.,sched_switch,a,2,prev_prio=120 prev_state=R next_prio=120
    30,0,hardirq,2,a,d.h..,irq_handler_entry,eth0,19,
    40,0,hardirq,2,a,d.h..,irq_handler_exit,eth0,19,
    60,0,kernel,2,a,.....,sched_switch,b,3,prev_prio=120 prev_state=S next_prio=120
    80,0,kernel,3,b,.....,sched_wakeup,a,2,prio=120 target_cpu=0
    90,0,kernel,3,b,.N...,sched_switch,a,2,prev_prio=120 prev_state=R next_prio=120
  `;
  expect(intervalsOf(text)).toEqual([
    '0-30 a/2 running task',
    '30-40 eth0/hardirq/0 running hardirq',
    '40-60 a/2 running task',
    '60-80 a/2 sleeping',
    '80-90 a/2 runnable',
    '60-90 b/3 running task',
    '90-200 a/2 running task',
    '90-200 b/3 runnable',
  ]);
});

test('a lock is waited for and held; a wait without an end lasts', () => {
  const text = `
    10,0,kernel,2,a,...1.,lock_acquire,L,0,
    15,1,kernel,3,b,...1.,lock_contended,L,,
    40,0,kernel,2,a,...1.,lock_release,L,30,
    40,1,kernel,3,b,...1.,lock_acquired,L,25,
    50,2,kernel,4,c,...1.,lock_contended,L,,
    70,1,kernel,3,b,...1.,lock_release,L,30,
  `;
  expect(intervalsOf(text).filter((line) => !line.includes('running'))).toEqual([
    '10-40 a/2 holding L',
    '15-40 b/3 waiting L',
    '40-70 b/3 holding L',
    '50-200 c/4 waiting L',
  ]);
});
