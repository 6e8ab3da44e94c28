/* Mutexes: order of waiters, barging and the hand-over of 4.9. As recorded on 6.1. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { errno } from '../../models/errno.ts';
import {
  Mutex,
  mutex_is_locked,
  mutex_lock,
  mutex_lock_interruptible,
  mutex_lock_killable,
  mutex_trylock,
  mutex_unlock,
} from '../../models/locking/mutex.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { allow_signal, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { Lab, sleep, wake } from './lab.ts';

/** Tasks of the given priorities that take and release the mutex, and log both. */
function takers(lab: Lab, mutex: Mutex, prios: Readonly<Record<string, number>>) {
  return Object.entries(prios).map(([name, prio]) =>
    lab.task(name, prio, function* (k) {
      yield* mutex_lock(k, mutex);
      lab.note(k, name);
      yield* mutex_unlock(k, mutex);
    }),
  );
}

describe('a mutex', () => {
  it('wakes its waiters in the order of arrival, whatever their priorities', () => {
    const lab = new Lab();
    const mutex = new Mutex('M');
    const tasks = takers(lab, mutex, { a: 40, b: 60, c: 50 });
    lab.start('main', 70, function* (k) {
      yield* mutex_lock(k, mutex);
      for (const task of tasks) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 2);
      }
      yield* mutex_unlock(k, mutex);
      lab.note(k, 'unlocked');
      yield* sleep(k, 2);
    });
    expect(lab.run().log).toEqual(['unlocked', 'a', 'b', 'c']);
    expect(mutex_is_locked(mutex)).toBe(0);
  });

  it('can be taken again by its last owner once, then the waiter gets it (4.9)', () => {
    const run = (kernel: KernelName): string => {
      const lab = new Lab({ kernel });
      const mutex = new Mutex('M');
      const [a] = takers(lab, mutex, { a: 40 });
      lab.start('main', 70, function* (k) {
        yield* mutex_lock(k, mutex);
        wake_up_process(k.cpu, a!);
        yield* sleep(k, 2);
        for (let i = 0; i < 3; i++) {
          yield* mutex_unlock(k, mutex);
          const got = yield* mutex_trylock(k, mutex);
          lab.note(k, 'try', got);
          yield* sleep(k, 2);
          if (got === 0) return;
        }
        yield* mutex_unlock(k, mutex);
      });
      return lab.run().log.join(' ');
    };
    expect(run('linux-6.1')).toBe('try(1) try(0) a');
    expect(run('linux-2.6.32')).toBe('try(1) try(1) try(1) a');
  });

  it('is not handed over after a waiter that got it as soon as it was woken', () => {
    const lab = new Lab();
    const mutex = new Mutex('M');
    const a = lab.task('a', 40, function* (k) {
      yield* mutex_lock(k, mutex);
      yield* mutex_unlock(k, mutex);
      lab.note(k, 'try', yield* mutex_trylock(k, mutex));
      yield* mutex_unlock(k, mutex);
    });
    const [b] = takers(lab, mutex, { b: 40 });
    lab.start('main', 70, function* (k) {
      yield* mutex_lock(k, mutex);
      for (const task of [a, b!]) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 1);
      }
      yield* mutex_unlock(k, mutex);
    });
    expect(lab.run().log).toEqual(['try(1)', 'b']);
  });

  it('is not got by a wake-up that is no unlock', () => {
    const lab = new Lab();
    const mutex = new Mutex('M');
    const [a] = takers(lab, mutex, { a: 60 });
    lab.start('main', 50, function* (k) {
      yield* mutex_lock(k, mutex);
      wake_up_process(k.cpu, a!);
      yield* sleep(k, 2);
      lab.note(k, 'spurious', yield* wake(k, a!));
      yield* sleep(k, 2);
      lab.note(k, 'unlock');
      yield* mutex_unlock(k, mutex);
      lab.note(k, 'unlocked');
    });
    expect(lab.run().log).toEqual(['spurious(1)', 'unlock', 'a', 'unlocked']);
  });

  it('trylock returns 1 for success', () => {
    const lab = new Lab();
    const mutex = new Mutex('M');
    const results: number[] = [];
    lab.start('main', 50, function* (k) {
      results.push(yield* mutex_trylock(k, mutex), yield* mutex_trylock(k, mutex));
      yield* mutex_unlock(k, mutex);
      results.push(yield* mutex_trylock(k, mutex));
    });
    lab.run();
    expect(results).toEqual([1, 0, 1]);
  });

  it('_interruptible and _killable end with -EINTR and leave the queue', () => {
    const lab = new Lab();
    const mutex = new Mutex('M');
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      allow_signal(k.current, signals.SIGKILL);
      lab.note(k, 'interruptible', yield* mutex_lock_interruptible(k, mutex));
      lab.note(k, 'killable', yield* mutex_lock_killable(k, mutex));
    });
    lab.start('main', 50, function* (k) {
      yield* mutex_lock(k, mutex);
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      send_sig(k.cpu, signals.SIGUSR1, a);
      yield* sleep(k, 2);
      lab.note(k, 'main');
      send_sig(k.cpu, signals.SIGKILL, a);
      yield* sleep(k, 2);
      expect(mutex.waiters).toEqual([]);
      yield* mutex_unlock(k, mutex);
    });
    const eintr = -errno.EINTR;
    expect(lab.run().log).toEqual([`interruptible(${eintr})`, 'main', `killable(${eintr})`]);
  });
});
