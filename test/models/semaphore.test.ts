/* Semaphores: the FIFO form of 2.6.26 and later, as recorded on 6.1, and the two-counter form. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { errno } from '../../models/errno.ts';
import {
  Semaphore,
  down,
  down_interruptible,
  down_killable,
  down_timeout,
  down_trylock,
  up,
} from '../../models/locking/semaphore.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { allow_signal, signal_pending, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { Lab, MS, US, raise_irq, sleep } from './lab.ts';

const fifo = 'linux-6.1';
const twoCounter = 'linux-2.6.24';
const both = [fifo, twoCounter] as const;

/** Tasks a, b, ... of the given priorities go down one after the other on a count of 0. */
function queued(kernel: KernelName, prios: Readonly<Record<string, number>>) {
  const lab = new Lab({ kernel });
  const sem = new Semaphore('S', 0);
  const tasks = Object.entries(prios).map(([name, prio]) =>
    lab.task(name, prio, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      lab.note(k, name, yield* down_interruptible(k, sem));
    }),
  );
  return { lab, sem, tasks };
}

describe('a FIFO semaphore', () => {
  it('is handed over in the order of arrival, whatever the priorities', () => {
    const { lab, sem, tasks } = queued(fifo, { a: 40, b: 60, c: 50 });
    lab.start('main', 70, function* (k) {
      for (const task of tasks) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 2);
      }
      for (let i = 1; i <= 3; i++) {
        yield* up(k, sem);
        lab.note(k, `up${i}`, sem.count);
        yield* sleep(k, 2);
      }
    });
    expect(lab.run().log).toEqual(['up1(0)', 'a(0)', 'up2(0)', 'b(0)', 'up3(0)', 'c(0)']);
  });

  it('lets nobody barge in between up and the woken waiter', () => {
    const { lab, sem, tasks } = queued(fifo, { a: 40 });
    lab.start('main', 70, function* (k) {
      wake_up_process(k.cpu, tasks[0]!);
      yield* sleep(k, 2);
      yield* up(k, sem);
      lab.note(k, 'try', yield* down_trylock(k, sem));
      yield* sleep(k, 2);
    });
    expect(lab.run().log).toEqual(['try(1)', 'a(0)']);
  });

  it('lets a more urgent waiter run before up returns, where the kernel is preemptible', () => {
    for (const [preemption, order] of [
      ['full', 'a(0) up'],
      ['none', 'up a(0)'],
    ] as const) {
      const lab = new Lab({ preemption });
      const sem = new Semaphore('S', 0);
      const a = lab.task('a', 60, function* (k) {
        lab.note(k, 'a', yield* down_interruptible(k, sem));
      });
      lab.start('main', 50, function* (k) {
        wake_up_process(k.cpu, a);
        yield* sleep(k, 1);
        yield* up(k, sem);
        lab.note(k, 'up');
      });
      expect(lab.run().log.join(' ')).toBe(order);
    }
  });

  it('lets a waiter that is interrupted leave the queue', () => {
    const { lab, sem, tasks } = queued(fifo, { a: 60, b: 60 });
    lab.start('main', 70, function* (k) {
      for (const task of tasks) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 2);
      }
      send_sig(k.cpu, signals.SIGUSR1, tasks[0]!);
      yield* sleep(k, 2);
      yield* up(k, sem);
      yield* sleep(k, 2);
    });
    expect(lab.run().log).toEqual([`a(${-errno.EINTR})`, 'b(0)']);
    expect(sem.waiters).toEqual([]);
  });

  it('_timeout returns -ETIME after its jiffies, 0 after up, and ignores other wake-ups', () => {
    const lab = new Lab({ preemption: 'none' });
    const sem = new Semaphore('S', 0);
    const a = lab.task('a', 60, function* (k) {
      lab.at('a', yield* down_timeout(k, sem, 6));
      lab.at('zero', yield* down_timeout(k, sem, 0));
      mod_timer(k.cpu, new TimerList('T', (on) => up(on, sem)), k.machine.jiffies + 3);
      lab.at('in_time', yield* down_timeout(k, sem, 10));
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      lab.at('spurious', wake_up_process(k.cpu, a));
    });
    const time = -errno.ETIME;
    expect(lab.run().log).toEqual([
      'spurious(1) j=3',
      `a(${time}) j=7`,
      `zero(${time}) j=7`,
      'in_time(0) j=11',
    ]);
  });
});

describe('a two-counter semaphore', () => {
  it('may be taken by a running task before the woken sleeper', () => {
    const run = (kernel: KernelName): string => {
      const { lab, sem, tasks } = queued(kernel, { a: 40 });
      lab.start('main', 70, function* (k) {
        wake_up_process(k.cpu, tasks[0]!);
        yield* sleep(k, 2);
        yield* up(k, sem);
        yield* down(k, sem);
        lab.note(k, 'main');
        yield* up(k, sem);
        yield* sleep(k, 2);
      });
      return lab.run().log.join(' ');
    };
    expect(run(twoCounter)).toBe('main a(0)');
    expect(run(fifo)).toBe('a(0)');
  });

  it('lets down_trylock fail while another one that failed has not repaired its count', () => {
    const run = (kernel: KernelName): string => {
      const lab = new Lab({ kernel, cpus: 3, preemption: 'none', costs: { lock: 100 } });
      const sem = new Semaphore('S', 0);
      const attempt = (name: string, at: number, cpu: number) =>
        lab.start(
          name,
          50,
          function* (k) {
            yield at;
            lab.note(k, name, yield* down_trylock(k, sem));
          },
          { cpu },
        );
      lab.start('holder', 50, function* (k) {
        yield 1140;
        yield* up(k, sem);
        lab.note(k, 'up');
      });
      attempt('b', 1000, 1); // takes one off at 1100, repairs it at 1200
      attempt('c', 1060, 2); // takes one off at 1160: the semaphore is free since 1140
      lab.run();
      lab.log.push(`count ${sem.count}`);
      return lab.log.join(' ');
    };
    expect(run(twoCounter)).toBe('up b(1) c(1) count 1');
    expect(run(fifo)).toBe('b(1) up c(0) count 0');
  });

  it('ends killable and timed waits although its kernels had none', () => {
    const lab = new Lab({ kernel: twoCounter });
    const sem = new Semaphore('S', 0);
    const a = lab.task('a', 60, function* (k) {
      lab.note(k, 'timeout', yield* down_timeout(k, sem, 3));
      allow_signal(k.current, signals.SIGKILL);
      lab.note(k, 'killable', yield* down_killable(k, sem));
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 10);
      send_sig(k.cpu, signals.SIGKILL, a);
      yield* sleep(k, 1);
      yield* up(k, sem);
    });
    expect(lab.run().log).toEqual([`timeout(${-errno.ETIME})`, `killable(${-errno.EINTR})`]);
    expect(sem.count).toBe(1);
  });
});

describe.each(both)('a semaphore of %s', (kernel) => {
  it('is taken by trylock with 0, and 1 says that it was not', () => {
    const lab = new Lab({ kernel });
    const sem = new Semaphore('S', 2);
    const results: number[] = [];
    lab.start('main', 50, function* (k) {
      for (let i = 0; i < 3; i++) results.push(yield* down_trylock(k, sem));
      yield* up(k, sem);
      results.push(yield* down_trylock(k, sem));
    });
    lab.run();
    expect(results).toEqual([0, 0, 1, 0]);
    expect(sem.count).toBe(0);
  });

  it('can be released and tried in an interrupt', () => {
    const lab = new Lab({ kernel });
    const sem = new Semaphore('S', 0);
    const line = lab.irq('I', function* (k) {
      lab.note(k, 'try', yield* down_trylock(k, sem));
      yield* up(k, sem);
      lab.note(k, 'up');
    });
    const a = lab.task('a', 60, function* (k) {
      yield* down(k, sem);
      lab.note(k, 'a');
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield 0;
      yield* raise_irq(k, line);
      lab.note(k, 'after');
    });
    expect(lab.run().log).toEqual(['try(1)@hardirq', 'up@hardirq', 'a', 'after']);
  });

  it('is not given up by a signal that the sleep does not look at', () => {
    const lab = new Lab({ kernel });
    const sem = new Semaphore('S', 0);
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      lab.note(k, 'interruptible', yield* down_interruptible(k, sem));
      lab.note(k, 'pending', signal_pending(k.current) ? 1 : 0);
      lab.note(k, 'again', yield* down_interruptible(k, sem));
      lab.note(k, 'killable', yield* down_killable(k, sem));
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      send_sig(k.cpu, signals.SIGUSR1, a);
      yield* sleep(k, 2);
      lab.note(k, 'slept');
      yield* up(k, sem);
    });
    const eintr = -errno.EINTR;
    expect(lab.run().log).toEqual([
      `interruptible(${eintr})`,
      'pending(1)',
      `again(${eintr})`,
      'slept',
      'killable(0)',
    ]);
  });

  it('never lets in more than its count, and everybody in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ at: fc.nat(300), hold: fc.nat(300), how: fc.nat(3) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.constantFrom<'none' | 'full'>('none', 'full'),
        (count, users, preemption) => {
          const lab = new Lab({
            kernel,
            cpus: 2,
            preemption,
            costs: { lock: 7, unlock: 5, wakeup: 30, context_switch: 40, ipi: 20 },
          });
          const sem = new Semaphore('S', count);
          let [inside, most, done] = [0, 0, 0];
          users.forEach(({ at, hold, how }, i) => {
            lab.start(
              `t${i}`,
              0,
              function* (k) {
                yield at;
                if (how === 0) {
                  while ((yield* down_trylock(k, sem)) !== 0) yield* sleep(k, 1);
                } else if (how === 1) {
                  while ((yield* down_timeout(k, sem, 1)) !== 0) yield 50;
                } else {
                  yield* down(k, sem);
                }
                most = Math.max(most, ++inside);
                if (how === 2) yield* sleep(k, 1);
                yield hold;
                inside--;
                yield* up(k, sem);
                done++;
              },
              { policy: 'SCHED_NORMAL', cpu: i % 2 },
            );
          });
          lab.run();
          expect(most).toBeLessThanOrEqual(count);
          expect(done).toBe(users.length);
          expect(sem.count).toBe(count);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('time spent', () => {
  it('in waiting is the lock’s own statistics', () => {
    const lab = new Lab();
    const sem = new Semaphore('S', 0);
    lab.start('a', 60, function* (k) {
      yield* down(k, sem);
    });
    lab.start('main', 50, function* (k) {
      yield 3 * MS + 5 * US;
      yield* up(k, sem);
    });
    lab.run();
    expect(sem.waitTotal).toBe(3 * MS + 5 * US);
    expect([sem.contended, sem.acquired]).toEqual([1, 1]);
  });
});
