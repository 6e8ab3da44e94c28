/* Whoever waits for ever is reported when nothing can happen any more. */
import { expect, it } from 'vitest';
import { scenarioText } from '../../engine/explore/programs.ts';
import { inEverySchedule, kindsOf, ofKind } from './schedules.ts';

const steps = (...calls: string[]): string =>
  `kind: kthread\n${calls.map((one) => `- ${one}`).join('\n')}`;

it('a wake-up before the sleep is lost, and named so', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'q: waitqueue',
      vars: 'cond: 0',
      actors: {
        waiter: 'kind: kthread\n- if: cond == 0\n  then: [ sleep_on q ]',
        waker: steps('cond = 1', 'wake_up q'),
      },
    }),
  );
  expect(found.map(({ kind }) => kind)).toEqual(['hang']);
  expect(found[0]!.text).toMatch(/^hang: waiter\/2 waits for q for ever: lost wake-up$/);
  expect(found[0]!.lines).toEqual(['INFO: task waiter:2 blocked for more than 120 seconds.']);
});

it('a condition that holds already has lost its wake-up, one that does not has none', () => {
  const text = (...waker: string[]): string =>
    scenarioText({
      objects: 'q: waitqueue',
      vars: 'cond: 0',
      actors: { waiter: steps('wait_event q cond == 1'), waker: steps(...waker) },
    });
  const lost = ofKind(inEverySchedule(text('wake_up q', 'cond = 1')), 'hang');
  expect(lost.map(({ text }) => text)).toContainEqual(expect.stringContaining('lost wake-up'));
  const never = ofKind(inEverySchedule(text('cond = 2')), 'hang');
  expect(never.map(({ text }) => text)).toEqual(['hang: waiter/2 waits for q for ever']);
});

it('whoever waits for a lock whose holder has ended is deadlocked', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'S: sem:1',
      actors: { a: steps('down S'), b: steps('down S', 'up S') },
    }),
  );
  const texts = ofKind(found, 'deadlock').map(({ text }) => text);
  expect(texts).toContain('deadlock: b/3 waits for S, which a took and never gave back');
});

it('who only waits for another that waits for ever is not to blame', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'M: mutex, C: completion',
      actors: {
        a: steps('mutex_lock M', 'wait_for_completion C', 'mutex_unlock M'),
        b: steps('mutex_lock M', 'mutex_unlock M'),
      },
    }),
  );
  expect(found.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual(['hang a']);
});

it('a daemon may wait for ever, and so may a thread that nobody has started', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'C: completion',
      actors: {
        daemon: 'kind: kthread, daemon: true\n- wait_for_completion C',
        never: 'kind: kthread, start: false\n- wait_for_completion C',
      },
    }),
  );
  expect(kindsOf(found)).toEqual([]);
});
