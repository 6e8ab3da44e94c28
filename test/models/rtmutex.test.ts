/* rt_mutex: priority inheritance and who is the next (kernel/locking/rtmutex.c). */
import { expect, it } from 'vitest';
import {
  RtMutex,
  rt_mutex_lock,
  rt_mutex_trylock,
  rt_mutex_unlock,
} from '../../models/locking/rtmutex.ts';
import { Mutex, mutex_lock, mutex_unlock } from '../../models/locking/mutex.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { sched_setscheduler } from '../../models/sched/setscheduler.ts';
import type { Code, Context } from '../../models/context.ts';
import { Lab, MS, sleep } from './lab.ts';

/** Low holds it, high wants it, medium wants the CPU: who comes first? */
function inversion(take: (k: Context) => Code, drop: (k: Context) => Code): string[] {
  const lab = new Lab();
  const high = lab.task('high', 90, function* (k) {
    yield* take(k);
    lab.note(k, 'high');
    yield* drop(k);
  });
  const medium = lab.task('medium', 50, function* (k) {
    yield 50 * MS;
    lab.note(k, 'medium');
  });
  lab.start('low', 10, function* (k) {
    yield* take(k);
    wake_up_process(k.cpu, high);
    yield 0;
    wake_up_process(k.cpu, medium);
    yield 3 * MS;
    yield* drop(k);
    lab.note(k, 'low');
  });
  return lab.run().log;
}

it('an owner runs with the priority of the best that waits, so nobody between delays it', () => {
  const [pi, plain] = [new RtMutex('bus'), new Mutex('bus')];
  expect(
    inversion(
      (k) => rt_mutex_lock(k, pi),
      (k) => rt_mutex_unlock(k, pi),
    ),
  ).toEqual(['high', 'medium', 'low']);
  expect(
    inversion(
      (k) => mutex_lock(k, plain),
      (k) => mutex_unlock(k, plain),
    ),
  ).toEqual(['medium', 'high', 'low']);
});

it('priority is lent along a chain of owners, and goes back', () => {
  const lab = new Lab();
  const [a, b] = [new RtMutex('A'), new RtMutex('B')];
  const prios = (): number[] => [low, middle].map(({ rt_priority }) => rt_priority);
  const high = lab.task('high', 90, function* (k) {
    yield* rt_mutex_lock(k, b);
    yield* rt_mutex_unlock(k, b);
  });
  const middle = lab.task('middle', 50, function* (k) {
    yield* rt_mutex_lock(k, b);
    yield* rt_mutex_lock(k, a);
    yield* rt_mutex_unlock(k, a);
    yield* rt_mutex_unlock(k, b);
  });
  const low = lab.start('low', 10, function* (k) {
    yield* rt_mutex_lock(k, a);
    wake_up_process(k.cpu, middle);
    yield* sleep(k, 1);
    expect(prios()).toEqual([50, 50]);
    wake_up_process(k.cpu, high);
    yield* sleep(k, 1);
    expect(prios()).toEqual([90, 90]);
    yield* rt_mutex_unlock(k, a);
    expect(low.rt_priority).toBe(10);
  });
  lab.run();
  expect(prios()).toEqual([10, 50]);
  expect(lab.machine.findings.all).toEqual([]);
});

it('the best waiter is the next, equal ones in order of arrival', () => {
  const lab = new Lab();
  const lock = new RtMutex('M');
  const waiters = [
    ['first', 20],
    ['second', 20],
    ['best', 30],
  ].map(([name, prio]) =>
    lab.task(name as string, prio as number, function* (k) {
      yield* rt_mutex_lock(k, lock);
      lab.note(k, name as string);
      yield* rt_mutex_unlock(k, lock);
    }),
  );
  lab.start('owner', 10, function* (k) {
    yield* rt_mutex_lock(k, lock);
    for (const waiter of waiters) wake_up_process(k.cpu, waiter);
    yield* sleep(k, 1);
    yield* rt_mutex_unlock(k, lock);
  });
  expect(lab.run().log).toEqual(['best', 'first', 'second']);
});

it('a priority that is set while one is borrowed counts when that goes back', () => {
  const lab = new Lab();
  const lock = new RtMutex('M');
  const high = lab.task('high', 90, function* (k) {
    yield* rt_mutex_lock(k, lock);
    yield* rt_mutex_unlock(k, lock);
  });
  lab.start('low', 10, function* (k) {
    yield* rt_mutex_lock(k, lock);
    expect(yield* rt_mutex_trylock(k, lock)).toBe(0);
    wake_up_process(k.cpu, high);
    yield* sleep(k, 1);
    sched_setscheduler(k.cpu, k.current, { policy: 'SCHED_FIFO', rtPriority: 20 });
    expect(k.current.rt_priority).toBe(90);
    yield* rt_mutex_unlock(k, lock);
    expect(k.current.rt_priority).toBe(20);
  });
  lab.run();
});

it('who locks its own waits for itself for ever, and is told', () => {
  const lab = new Lab();
  const lock = new RtMutex('M');
  lab.start('main', 50, function* (k) {
    yield* rt_mutex_lock(k, lock);
    yield* rt_mutex_lock(k, lock);
  });
  lab.run();
  expect(lab.machine.findings.all.map(({ text }) => text)).toEqual([
    'WARNING: possible recursive locking detected',
    'rtmutex deadlock detected',
  ]);
});
