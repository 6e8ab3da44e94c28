/* Waits that close to a circle are reported when they do, with everyone who is part of it. */
import { expect, it } from 'vitest';
import { scenarioText } from '../../engine/explore/programs.ts';
import { inEverySchedule, kindsOf, ofKind } from './schedules.ts';

const steps = (...calls: string[]): string =>
  `kind: kthread\n${calls.map((one) => `- ${one}`).join('\n')}`;

it('two tasks that wait for each other name both locks and both steps', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'A: mutex, B: mutex',
      actors: {
        t1: steps('mutex_lock A', 'mutex_lock B', 'mutex_unlock B', 'mutex_unlock A'),
        t2: steps('mutex_lock B', 'mutex_lock A', 'mutex_unlock A', 'mutex_unlock B'),
      },
    }),
  );
  const [first] = ofKind(found, 'deadlock');
  expect(first!.actors).toHaveLength(2);
  expect([...first!.objects].sort()).toEqual(['A', 'B']);
  expect(first!.verdict).toBe('CONFIRMED');
  expect(first!.places.every(({ line }) => line > 0)).toBe(true);
});

it('is reported while others still run', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'A: spinlock, B: spinlock',
      vars: 'n: 0',
      actors: {
        t1: steps('spin_lock A', 'spin_lock B', 'spin_unlock B', 'spin_unlock A'),
        t2: steps('spin_lock B', 'spin_lock A', 'spin_unlock A', 'spin_unlock B'),
        other: steps('n = 1'),
      },
    }),
  );
  expect(kindsOf(found)).toContain('deadlock');
});

it('a task that takes a lock twice recurses, in the words of the kernel', () => {
  const spin = inEverySchedule(
    scenarioText({ objects: 'L: spinlock', actors: { t: steps('spin_lock L', 'spin_lock L') } }),
  );
  expect(ofKind(spin, 'self-deadlock').map(({ text }) => text)).toEqual([
    'BUG: spinlock recursion on CPU#0, t/2',
  ]);
  const mutex = inEverySchedule(
    scenarioText({ objects: 'M: mutex', actors: { t: steps('mutex_lock M', 'mutex_lock M') } }),
  );
  expect(ofKind(mutex, 'self-deadlock')).toHaveLength(1);
});

it('a reader that reads again behind a waiting writer is stuck with it', () => {
  const text = (form: string): string =>
    scenarioText({
      objects: `R: { type: rwlock, form: ${form} }`,
      actors: {
        reader: steps('read_lock R', 'read_lock R', 'read_unlock R', 'read_unlock R'),
        writer: steps('write_lock R', 'write_unlock R'),
      },
    });
  expect(kindsOf(inEverySchedule(text('queued')))).toContain('deadlock');
  expect(kindsOf(inEverySchedule(text('bias')))).not.toContain('deadlock');
});

it('whoever waits for a handler under the lock that the handler wants is stuck with it', () => {
  const found = inEverySchedule(
    scenarioText({
      cpus: 2,
      objects: 'L: spinlock',
      actors: {
        tm: 'kind: timer, cpu: 0, start: true\n- spin_lock L\n- spin_unlock L',
        rm: `kind: user, cpu: 1\n- spin_lock_bh L\n- del_timer_sync tm\n- spin_unlock_bh L`,
      },
    }),
  );
  const [first] = ofKind(found, 'deadlock');
  expect([...first!.actors].sort()).toEqual(['rm', 'tm']);
});

it('semaphores are given back by anyone: a circle of them is none before the end', () => {
  const found = inEverySchedule(
    scenarioText({
      objects: 'S: sem:1',
      actors: { a: steps('down S', 'down S', 'up S'), b: steps('up S') },
    }),
  );
  expect(kindsOf(found)).not.toContain('self-deadlock');
});
