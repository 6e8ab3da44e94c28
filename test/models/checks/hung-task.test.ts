/* What only virtual time shows: tasks that sleep and CPUs that are busy for very long. */
import { expect, it } from 'vitest';
import { inTime } from './schedules.ts';

const text = (kernel: string, steps: string, preemption = 'none'): string => `name: long
kernel: ${kernel}
machine: { cpus: 1, hz: 100, preemption: ${preemption} }
until: 1000s
objects: { C: completion }
actors:
  x:
    kind: kthread
    steps: [ ${steps} ]
`;

it('a sleep of more than two minutes that no signal can end is reported', () => {
  const found = inTime(text('linux-6.1', 'msleep 130000'));
  expect(found.map(({ kind, text: line }) => `${kind}: ${line}`)).toEqual([
    'hung-task: INFO: task x:2 blocked for more than 120 seconds.',
  ]);
});

it('a shorter one is not, nor one that signals can end, nor in kernels without the check', () => {
  expect(inTime(text('linux-6.1', 'msleep 110000'))).toEqual([]);
  expect(inTime(text('linux-6.1', 'msleep_interruptible 130000'))).toEqual([]);
  expect(inTime(text('linux-2.6.24', 'msleep 130000'))).toEqual([]);
});

it('a CPU that is busy in the kernel for long is stuck, in the words of its time', () => {
  const lines = (kernel: string): string[] =>
    inTime(text(kernel, 'delay 100s'))
      .filter(({ kind }) => kind === 'soft-lockup')
      .map((finding) => finding.text);
  expect(lines('linux-6.1')).toEqual(['watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [x:2]']);
  expect(lines('linux-2.6.32')).toEqual(['BUG: soft lockup - CPU#0 stuck for 61s! [x:2]']);
  expect(lines('linux-2.4.27')).toEqual([]);
});

it('where the kernel may be preempted, its watchdog runs', () => {
  expect(inTime(text('linux-6.1', 'delay 100s', 'full'))).toEqual([]);
  const stuck = inTime(text('linux-6.1', 'preempt_disable, delay 100s, preempt_enable', 'full'));
  expect(stuck.map(({ kind }) => kind)).toEqual(['soft-lockup']);
});
