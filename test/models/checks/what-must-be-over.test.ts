/* What must be over first: del_timer_sync leaves no timer, readers of RCU do not sleep. */
import { expect, it } from 'vitest';
import { scenarioText } from '../../engine/explore/programs.ts';
import { inEverySchedule, kindsOf, ofKind } from './schedules.ts';

const thread = (...steps: string[]): string =>
  `kind: kthread\n${steps.map((one) => `- ${one}`).join('\n')}`;

it('a timer that arms itself again is gone after del_timer_sync', () => {
  const text = (word: string): string =>
    scenarioText({
      objects: 'o: { type: mem, state: live }',
      vars: 'n: 0',
      actors: {
        tick:
          'kind: timer, start: true\n- deref o\n' +
          '- if: n < 2\n  then: [ n = n + 1, mod_timer tick 1 ]',
        remover: thread(`${word} tick`, 'kfree o'),
      },
    });
  expect(kindsOf(inEverySchedule(text('del_timer_sync')))).toEqual([]);
  expect(kindsOf(inEverySchedule(text('del_timer')))).toContain('use-after-free');
});

it('a reader of RCU must not sleep, and says how deep it is', () => {
  const asleep = (...steps: string[]): ReturnType<typeof ofKind> =>
    ofKind(
      inEverySchedule(
        scenarioText({
          objects: 'm: mutex',
          actors: { reader: thread('rcu_read_lock', ...steps, 'rcu_read_unlock', ...steps) },
        }),
      ),
      'sleep-in-atomic',
    );
  const [locking] = asleep('mutex_lock m', 'mutex_unlock m');
  expect(locking!.text).toBe(
    'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580',
  );
  expect(locking!.lines).toContain('RCU nest depth: 1, expected: 0');
  expect(asleep('msleep 1').map(({ text }) => text)).toEqual([
    'Voluntary context switch within RCU read-side critical section!',
  ]);
});
