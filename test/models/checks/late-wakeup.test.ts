/* Who was called just before it fell asleep, and sleeps on, is reported; others are not. */
import { expect, it } from 'vitest';
import { scenarioText } from '../../engine/explore/programs.ts';
import { inEverySchedule, kindsOf } from './schedules.ts';

const thread = (...steps: string[]): string =>
  `kind: kthread\n${steps.map((one) => `- ${one}`).join('\n')}`;

const program = (sleeper: string, ...waker: string[]): string =>
  scenarioText({
    objects: 'q: waitqueue',
    vars: 'cond: 0',
    actors: { sleeper, waker: thread(...waker) },
  });

const asleep = (...steps: string[]): string =>
  thread(`if: cond == 0\n  then: [ ${steps.join(', ')} ]`);

it('a wake-up between the test and sleep_on_timeout is slept through', () => {
  for (const word of ['sleep_on_timeout', 'interruptible_sleep_on_timeout']) {
    const found = inEverySchedule(program(asleep(`${word} q 5`), 'cond = 1', 'wake_up q'));
    expect(found.map(({ kind, text }) => [kind, text])).toEqual([
      [
        'late-wakeup',
        'late wake-up: sleeper/2 sleeps its whole 5 jiffies on q, called before it slept',
      ],
    ]);
    expect(found[0]!.actors).toEqual(['sleeper', 'waker']);
  }
});

it('so is wake_up_process, and kthread_stop', () => {
  const state = 'set_current_state TASK_INTERRUPTIBLE';
  const woken = program(asleep(state, 'schedule_timeout 5'), 'cond = 1', 'wake_up_process sleeper');
  expect(kindsOf(inEverySchedule(woken))).toEqual(['late-wakeup']);
  const stopped = program(
    thread('kthread_should_stop -> s', 'if: $s == 0\n  then: [ schedule_timeout_interruptible 5 ]'),
    'kthread_stop sleeper',
  ).replace('linux-6.1', 'linux-2.6.32');
  expect(kindsOf(inEverySchedule(stopped))).toEqual(['late-wakeup']);
});

it('nobody is blamed who looks once more, was not called, or only passes the time', () => {
  const right = [
    program(thread('wait_event_timeout q cond == 1 5'), 'cond = 1', 'wake_up q'),
    program(
      thread(
        'set_current_state TASK_INTERRUPTIBLE',
        'if: cond == 0\n  then: [ schedule_timeout 5 ]',
        'set_current_state TASK_RUNNING',
      ),
      'cond = 1',
      'wake_up_process sleeper',
    ),
    program(asleep('sleep_on_timeout q 5'), 'cond = 2'),
    program(asleep('msleep 5'), 'cond = 1', 'wake_up_process sleeper'),
  ];
  for (const text of right) expect(kindsOf(inEverySchedule(text))).toEqual([]);
});
