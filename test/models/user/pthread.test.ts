/* Mutexes and condition variables of the C library: who sleeps, who is woken, in which order. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../../models/context.ts';
import {
  PthreadCond,
  PthreadMutex,
  PthreadPiMutex,
  pthread_cond_broadcast,
  pthread_cond_signal,
  pthread_cond_wait,
  pthread_mutex_lock,
  pthread_mutex_unlock,
  type AnyPthreadMutex,
} from '../../../models/user/pthread.ts';
import { clock_gettime, clock_nanosleep, compute, nanosleep } from '../../../models/user/unistd.ts';
import { Bench, ms } from './bench.ts';

const us = 1000;

/** Holds the mutex for `hold` ns, from `start` on; notes when it had it. */
function user(mutex: AnyPthreadMutex, start: number, hold: number, log: string[], name: string) {
  return function* (k: Context): Code {
    if (start > 0) yield* nanosleep(k, start);
    yield* pthread_mutex_lock(k, mutex);
    log.push(`${name}+`);
    yield* compute(k, hold);
    log.push(`${name}-`);
    yield* pthread_mutex_unlock(k, mutex);
  };
}

describe('a mutex', () => {
  it('costs no system call until somebody else wants it too', () => {
    const futexes = (users: number): number => {
      const bench = new Bench('linux-6.1', { cpus: 2 });
      const mutex = new PthreadMutex('m');
      const calls = bench.watch('sys_enter');
      for (let cpu = 0; cpu < users; cpu++) {
        bench.run(`u${cpu}`, user(mutex, cpu * us, 100 * us, [], 'u'), { cpu, allowed: [cpu] });
      }
      bench.until();
      expect(mutex).toMatchObject({ acquired: users, contended: users - 1 });
      return calls.filter((row) => row.includes('futex')).length;
    };
    expect(futexes(1)).toBe(0);
    // One waits, the other wakes it; who has waited once wakes in any case.
    expect(futexes(2)).toBe(3);
  });

  it.each([
    ['without a protocol', (): AnyPthreadMutex => new PthreadMutex('m')],
    ['with inheritance', (): AnyPthreadMutex => new PthreadPiMutex('m')],
  ])('%s excludes, on two CPUs', (_name, make) => {
    const bench = new Bench('linux-6.1', { cpus: 2 });
    const mutex = make();
    const log: string[] = [];
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      bench.run(name, user(mutex, i * 10 * us, 500 * us, log, name), { cpu: i % 2 });
    }
    bench.until();
    expect(log).toHaveLength(6);
    for (let i = 0; i < 6; i += 2) expect(log[i]!.slice(0, 1)).toBe(log[i + 1]!.slice(0, 1));
    expect(mutex.acquired).toBe(3);
    expect(mutex.contended).toBe(2);
    expect(mutex.waitMax).toBeGreaterThan(400 * us);
  });

  it('goes to whoever takes it first after the unlock: one who is woken is too late', () => {
    const bench = new Bench('linux-6.1', { cpus: 2 });
    const mutex = new PthreadMutex('m');
    const log: string[] = [];
    bench.run(
      'a',
      function* (k) {
        for (let i = 0; i < 2; i++) yield* user(mutex, 0, 100 * us, log, 'a')(k);
      },
      { cpu: 0, allowed: [0] },
    );
    bench.run('b', user(mutex, 10 * us, 100 * us, log, 'b'), { cpu: 1, allowed: [1] });
    bench.until();
    expect(log).toEqual(['a+', 'a-', 'a+', 'a-', 'b+', 'b-']);
  });
});

describe('priority inheritance', () => {
  /** A low owner, a middle one that computes, a high one that wants the mutex. */
  function inversion(mutex: AnyPthreadMutex): string[] {
    const bench = new Bench('linux-6.1', { cpus: 1 });
    const log: string[] = [];
    const fifo = (rtPriority: number) => ({
      scheduling: { policy: 'SCHED_FIFO' as const, rtPriority },
    });
    bench.run('low', user(mutex, 0, 2 * ms, log, 'low'), fifo(1));
    bench.run(
      'mid',
      function* (k) {
        yield* nanosleep(k, ms);
        log.push('mid+');
        yield* compute(k, 5 * ms);
        log.push('mid-');
      },
      fifo(2),
    );
    bench.run('high', user(mutex, 500 * us, us, log, 'high'), fifo(3));
    bench.until();
    return log;
  }

  it('lets the owner finish before one of middle priority', () => {
    expect(inversion(new PthreadPiMutex('m'))).toEqual([
      'low+',
      'low-',
      'high+',
      'high-',
      'mid+',
      'mid-',
    ]);
  });

  it('is missing from a mutex without it', () => {
    expect(inversion(new PthreadMutex('m'))).toEqual([
      'low+',
      'mid+',
      'mid-',
      'low-',
      'high+',
      'high-',
    ]);
  });
});

describe('a condition variable', () => {
  function waiters(count: number, wake: (k: Context, cond: PthreadCond) => Code): string[] {
    const bench = new Bench('linux-6.1', { cpus: 1 });
    const mutex = new PthreadMutex('m');
    const cond = new PthreadCond('c');
    const log: string[] = [];
    for (let i = 0; i < count; i++) {
      bench.run(`w${i}`, function* (k) {
        yield* nanosleep(k, (i + 1) * 10 * us);
        yield* pthread_mutex_lock(k, mutex);
        yield* pthread_cond_wait(k, cond, mutex);
        log.push(`w${i}`);
        yield* pthread_mutex_unlock(k, mutex);
      });
    }
    bench.run('waker', function* (k) {
      yield* nanosleep(k, ms);
      yield* wake(k, cond);
    });
    bench.until(100 * ms);
    return log;
  }

  it('wakes one for each signal, the one that waits longest', () => {
    const signals = (n: number) =>
      function* (k: Context, cond: PthreadCond): Code {
        for (let i = 0; i < n; i++) {
          yield* pthread_cond_signal(k, cond);
          yield* nanosleep(k, ms);
        }
      };
    expect(waiters(3, signals(1))).toEqual(['w0']);
    expect(waiters(3, signals(2))).toEqual(['w0', 'w1']);
    expect(waiters(3, signals(9))).toEqual(['w0', 'w1', 'w2']);
  });

  it('wakes all at a broadcast, one after the other since each needs the mutex', () => {
    const all = waiters(4, (k, cond) => silent(pthread_cond_broadcast(k, cond)));
    expect([...all].sort()).toEqual(['w0', 'w1', 'w2', 'w3']);
  });

  it('forgets a signal that nobody waits for', () => {
    const bench = new Bench('linux-6.1', { cpus: 1 });
    const mutex = new PthreadMutex('m');
    const cond = new PthreadCond('c');
    let woken = false;
    bench.run('w', function* (k) {
      yield* pthread_cond_signal(k, cond);
      yield* pthread_mutex_lock(k, mutex);
      yield* pthread_cond_wait(k, cond, mutex);
      woken = true;
    });
    bench.until(ms);
    expect(woken).toBe(false);
  });

  it('gives a signal to who waited before it, not to who comes after', () => {
    const bench = new Bench('linux-6.1', { cpus: 1 });
    const mutex = new PthreadMutex('m');
    const cond = new PthreadCond('c');
    const log: string[] = [];
    const wait = (name: string, start: number, nice: number) =>
      bench.run(
        name,
        function* (k) {
          yield* nanosleep(k, start);
          yield* pthread_mutex_lock(k, mutex);
          if (name === 'late') yield* pthread_cond_signal(k, cond);
          yield* pthread_cond_wait(k, cond, mutex);
          log.push(name);
          yield* pthread_mutex_unlock(k, mutex);
        },
        { scheduling: { policy: 'SCHED_NORMAL', nice } },
      );
    wait('early', 10 * us, 19);
    wait('late', ms, -20);
    bench.until(50 * ms);
    expect(log).toEqual(['early']);
  });
});

function* silent(code: Code<number>): Code {
  yield* code;
}

describe('clocks', () => {
  it('clock_nanosleep sleeps until an instant, and not at all if that is over', () => {
    const bench = new Bench();
    const times: number[] = [];
    bench.run('a', function* (k) {
      yield* clock_nanosleep(k, 3 * ms);
      times.push(yield* clock_gettime(k));
      yield* clock_nanosleep(k, 2 * ms);
      times.push(yield* clock_gettime(k));
    });
    bench.until();
    expect(times[0]).toBeGreaterThanOrEqual(3 * ms);
    expect(times[1]! - 3 * ms).toBeLessThan(100 * us);
  });
});
