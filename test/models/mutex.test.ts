/*
 * Mutexes: order of waiters, barging, the hand-over of 4.9, and spinning on an owner that runs. As
 * recorded on 6.1 (test/conformance/kernel); by era: test/eras/sleeping-locks.test.ts.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
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
import { update_curr } from '../../models/sched/fair.ts';
import { Lab, MS, US, just, sleep, wake } from './lab.ts';

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

describe('on several CPUs', () => {
  interface Setting {
    readonly kernel?: KernelName;
    /** What the owner on CPU 0 does for 100 us of work, and then. */
    readonly then?: (k: Context) => Code<number>;
    /** What happens on CPU 1, where a task wants the mutex after 10 us. */
    readonly cpu1?: (lab: Lab) => void;
  }

  /** How long the task on CPU 1 ran until it got the mutex, when that was, and if it slept. */
  function spinner({ kernel = 'linux-6.1', then, cpu1 }: Setting = {}) {
    const lab = new Lab({ kernel, cpus: 2, preemption: 'none', costs: { handover: 60 } });
    const mutex = new Mutex('M');
    lab.start('owner', 50, function* (k) {
      yield* mutex_lock(k, mutex);
      yield 100 * US;
      if (then !== undefined) yield* then(k);
      yield* mutex_unlock(k, mutex);
    });
    let [gotAt, ran] = [0, 0];
    const task = lab.start(
      'spinner',
      50,
      function* (k) {
        yield 10 * US;
        yield* mutex_lock(k, mutex);
        yield 0;
        gotAt = k.machine.sim.now;
        update_curr(k.cpu);
        ran = k.current.sum_exec_runtime;
        yield* mutex_unlock(k, mutex);
      },
      { cpu: 1 },
    );
    cpu1?.(lab);
    lab.run();
    expect(mutex.osq.spinners).toEqual([]);
    return { gotAt, ran, slept: task.nvcsw > 1, log: lab.log.join(' ') };
  }

  it('a task spins while the owner runs, and has the mutex when the cache line is there', () => {
    const { gotAt, ran, slept } = spinner();
    expect([gotAt, ran, slept]).toEqual([100 * US + 60, 100 * US + 60, false]);
  });

  it('a task that spins goes to sleep when the owner does', () => {
    for (const kernel of ['linux-6.1', 'linux-2.6.32'] as const) {
      const { ran, slept } = spinner({ kernel, then: (k) => sleep(k, 2) });
      expect([ran, slept]).toEqual([100 * US, true]);
    }
  });

  it('a task that spins gives way to a better one that is woken on its CPU', () => {
    for (const kernel of ['linux-6.1', 'linux-2.6.32'] as const) {
      const { gotAt, log, slept } = spinner({
        kernel,
        cpu1: (lab) => {
          const better = lab.task(
            'better',
            60,
            function* (k) {
              yield 20 * US;
              lab.note(k, `better ${k.machine.sim.now / US}`);
            },
            { cpu: 1 },
          );
          const line = lab.irq(
            'I',
            just((k) => void wake_up_process(k.cpu, better)),
          );
          lab.irqAt(50 * US, line, 1);
        },
      });
      expect(log).toBe('better 70');
      expect(gotAt).toBeGreaterThanOrEqual(100 * US);
      expect(slept).toBe(true);
    }
  });

  it('an interrupt on the spinner does not let it miss the release', () => {
    const { gotAt, slept } = spinner({
      cpu1: (lab) => {
        const line = lab.irq('I', function* () {
          yield 30 * US;
        });
        lab.irqAt(90 * US, line, 1);
      },
    });
    expect([gotAt, slept]).toEqual([120 * US + 60, false]);
  });

  it('a spinner takes the mutex before the waiter that the release wakes', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const mutex = new Mutex('M');
    const [waiter] = takers(lab, mutex, { waiter: 40 });
    lab.start('owner', 50, function* (k) {
      yield* mutex_lock(k, mutex);
      wake_up_process(k.cpu, waiter!);
      yield* sleep(k, 1);
      yield MS;
      yield* mutex_unlock(k, mutex);
    });
    lab.start(
      'spinner',
      50,
      function* (k) {
        yield 8.5 * MS;
        yield* mutex_lock(k, mutex);
        lab.note(k, 'spinner');
        yield MS;
        yield* mutex_unlock(k, mutex);
      },
      { cpu: 1 },
    );
    expect(lab.run().log).toEqual(['spinner', 'waiter']);
  });

  it('a first waiter woken in vain spins beside the queue and is handed the mutex', () => {
    const lab = new Lab({ cpus: 3, preemption: 'none' });
    const mutex = new Mutex('M');
    const waiter = lab.start(
      'waiter',
      50,
      function* (k) {
        yield* sleep(k, 0);
        yield* mutex_lock(k, mutex);
        lab.log.push(`waiter ${k.machine.sim.now / MS}`);
        yield* mutex_unlock(k, mutex);
      },
      { cpu: 2 },
    );
    const hog = (cpu: number, at: number, forMs: number, asleep: boolean): void => {
      lab.start(
        `hog${cpu}`,
        50,
        function* (k) {
          yield at * MS;
          yield* mutex_lock(k, mutex);
          lab.log.push(`hog${cpu} ${k.machine.sim.now / MS}`);
          if (asleep) yield* sleep(k, 2);
          yield forMs * MS;
          yield* mutex_unlock(k, mutex);
        },
        { cpu },
      );
    };
    hog(0, 0, 2, true);
    hog(1, 13, 3, false);
    lab.run();
    expect(lab.log).toEqual(['hog0 0', 'hog1 14', 'waiter 17']);
    expect(waiter.nvcsw).toBe(3);
  });

  it('one task that locks a mutex twice spins on itself, as it does in the kernel', () => {
    const lab = new Lab({ maxSteps: 10_000 });
    const mutex = new Mutex('M');
    const task = lab.start('main', 50, function* (k) {
      yield* mutex_lock(k, mutex);
      yield* mutex_lock(k, mutex);
    });
    lab.run(100);
    expect([task.nvcsw, task.sum_exec_runtime]).toEqual([0, 100 * MS]);
  });
});
