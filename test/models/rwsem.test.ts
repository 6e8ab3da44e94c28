/*
 * Reader-writer semaphores of 6.1 and, where it says so, of 2.6. More orders are recorded:
 * test/conformance/kernel. The order by era: test/eras/sleeping-locks.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernelNames, type KernelName } from '../../models/era.ts';
import { errno } from '../../models/errno.ts';
import {
  RwSemaphore,
  down_read,
  down_read_interruptible,
  down_read_killable,
  down_read_trylock,
  down_write,
  down_write_killable,
  down_write_trylock,
  downgrade_write,
  up_read,
  up_write,
} from '../../models/locking/rwsem.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import type { Task } from '../../models/sched/task.ts';
import { allow_signal, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import type { Code, Context } from '../../models/context.ts';
import { Lab, MS, US, sleep, type TaskOptions } from './lab.ts';

const old = 'linux-2.6.24';
const recent = 'linux-6.1';
const EINTR = -errno.EINTR;

/** A task that takes the semaphore for reading (name r...) or writing and gives it back. */
function taker(lab: Lab, sem: RwSemaphore, name: string, options: TaskOptions = {}): Task {
  const reads = name.startsWith('r');
  return lab.task(
    name,
    options.policy === 'SCHED_NORMAL' ? 0 : (options.prio ?? 40),
    function* (k) {
      if (reads) yield* down_read(k, sem);
      else yield* down_write(k, sem);
      lab.note(k, name);
      if (reads) yield* up_read(k, sem);
      else yield* up_write(k, sem);
    },
    options,
  );
}

function* wakeOneByOne(k: Context, tasks: readonly Task[]): Code {
  for (const task of tasks) {
    wake_up_process(k.cpu, task);
    yield* sleep(k, 1);
  }
}

describe('the trylocks', () => {
  it('return 1 for success: reading beside readers, writing alone', () => {
    for (const kernel of [old, recent] as const) {
      const lab = new Lab({ kernel });
      const sem = new RwSemaphore('R');
      const got: number[] = [];
      lab.start('main', 50, function* (k) {
        got.push(yield* down_read_trylock(k, sem), yield* down_read_trylock(k, sem));
        got.push(yield* down_write_trylock(k, sem));
        yield* up_read(k, sem);
        yield* up_read(k, sem);
        got.push(yield* down_write_trylock(k, sem), yield* down_read_trylock(k, sem));
        yield* downgrade_write(k, sem);
        got.push(yield* down_read_trylock(k, sem));
      });
      lab.run();
      expect(got).toEqual([1, 1, 0, 1, 0, 1]);
    }
  });

  it('fail while somebody waits', () => {
    for (const kernel of [old, recent] as const) {
      const lab = new Lab({ kernel });
      const sem = new RwSemaphore('R');
      const writer = taker(lab, sem, 'w');
      lab.start('main', 50, function* (k) {
        yield* down_read(k, sem);
        yield* wakeOneByOne(k, [writer]);
        lab.note(k, 'read', yield* down_read_trylock(k, sem));
        lab.note(k, 'write', yield* down_write_trylock(k, sem));
        yield* up_read(k, sem);
      });
      expect(lab.run().log).toEqual(['read(0)', 'write(0)', 'w']);
    }
  });
});

describe('a signal', () => {
  function* wait(k: Context, sem: RwSemaphore, how: string): Code<number> {
    if (how === 'read_interruptible') return yield* down_read_interruptible(k, sem);
    if (how === 'read_killable') return yield* down_read_killable(k, sem);
    return yield* down_write_killable(k, sem);
  }

  it.each([
    ['read_interruptible', signals.SIGUSR1, EINTR],
    ['read_killable', signals.SIGUSR1, 0],
    ['read_killable', signals.SIGKILL, EINTR],
    ['write_killable', signals.SIGUSR1, 0],
    ['write_killable', signals.SIGKILL, EINTR],
  ])('ends down_%s or not (%i: %i)', (how, signal, result) => {
    for (const kernel of kernelNames) {
      const lab = new Lab({ kernel, preemption: 'none' });
      const sem = new RwSemaphore('R');
      const waiter = lab.task('waiter', 60, function* (k) {
        allow_signal(k.current, signal);
        lab.note(k, 'got', yield* wait(k, sem, how));
      });
      lab.start('main', 50, function* (k) {
        yield* down_write(k, sem);
        yield* wakeOneByOne(k, [waiter]);
        send_sig(k.cpu, signal, waiter);
        yield* sleep(k, 1);
        lab.note(k, 'main');
        yield* up_write(k, sem);
      });
      const got = `got(${result})`;
      expect(lab.run().log).toEqual(result === 0 ? ['main', got] : [got, 'main']);
      if (result !== 0) expect([sem.count, sem.waiters]).toEqual([0, []]);
    }
  });

  it('that ends the wait of a writer lets in the readers behind it', () => {
    for (const kernel of kernelNames) {
      const lab = new Lab({ kernel, preemption: 'none' });
      const sem = new RwSemaphore('R');
      const writer = lab.task('w', 60, function* (k) {
        allow_signal(k.current, signals.SIGKILL);
        lab.note(k, 'w', yield* down_write_killable(k, sem));
      });
      const reader = taker(lab, sem, 'r');
      lab.start('main', 50, function* (k) {
        yield* down_read(k, sem);
        yield* wakeOneByOne(k, [writer, reader]);
        send_sig(k.cpu, signals.SIGKILL, writer);
        yield* sleep(k, 1);
        lab.note(k, 'main');
        yield* up_read(k, sem);
      });
      expect(lab.run().log).toEqual([`w(${EINTR})`, 'r', 'main']);
      expect(sem.count).toBe(0);
    }
  });
});

describe('the hand-over', () => {
  /** How often a running writer takes it again every second jiffy before the waiter gets it. */
  function stolen(options: TaskOptions, hz = 250): number {
    const lab = new Lab({ preemption: 'none', hz });
    const sem = new RwSemaphore('R');
    const waiter = taker(lab, sem, 'w', options);
    let times = 0;
    lab.start('main', 70, function* (k) {
      yield* down_write(k, sem);
      yield* wakeOneByOne(k, [waiter]);
      for (;;) {
        yield* up_write(k, sem);
        yield* down_write(k, sem);
        if (lab.log.length > 0) break;
        times++;
        yield* sleep(k, 1);
      }
      yield* up_write(k, sem);
    });
    lab.run();
    return times;
  }

  it('is asked for by a real-time writer before it sleeps', () => {
    expect(stolen({ prio: 40 })).toBe(0);
  });

  it('is asked for by a normal writer woken in vain after more than 4 ms, or a jiffy', () => {
    const normal: TaskOptions = { policy: 'SCHED_NORMAL' };
    expect(stolen(normal, 250)).toBe(1);
    expect(stolen(normal, 1000)).toBe(3);
    expect(stolen(normal, 100)).toBe(1);
  });

  it('keeps readers and writers from stealing', () => {
    const lab = new Lab({ preemption: 'none' });
    const sem = new RwSemaphore('R');
    const [w, r] = [taker(lab, sem, 'w'), taker(lab, sem, 'r', { prio: 80 })];
    lab.start('main', 70, function* (k) {
      yield* down_write(k, sem);
      yield* wakeOneByOne(k, [w]);
      yield* up_write(k, sem);
      lab.note(k, 'released');
      yield* wakeOneByOne(k, [r]);
    });
    expect(lab.run().log).toEqual(['released', 'w', 'r']);
  });
});

describe('more than 256 readers', () => {
  it('are let in 256 at a time', () => {
    const lab = new Lab({ preemption: 'none' });
    const sem = new RwSemaphore('R');
    let [inside, most] = [0, 0];
    for (let i = 0; i < 300; i++) {
      lab.start(`r${i}`, 60, function* (k) {
        yield* down_read(k, sem);
        most = Math.max(most, ++inside);
        yield* sleep(k, 1);
        inside--;
        yield* up_read(k, sem);
      });
    }
    lab.start('main', 70, function* (k) {
      yield* down_write(k, sem);
      yield* sleep(k, 1);
      yield* up_write(k, sem);
    });
    lab.run();
    expect([most, sem.count, sem.holders]).toEqual([256, 0, []]);
  });
});

describe('on several CPUs', () => {
  interface Setting {
    readonly kernel?: KernelName;
    readonly policy?: 'SCHED_NORMAL' | 'SCHED_FIFO';
    /** What CPU 0 does with it, for 100 us of work and then, if it says so, sleeping. */
    readonly held: 'read' | 'write';
    readonly forUs?: number;
    readonly sleeps?: boolean;
  }

  /** CPU 1 wants to write after 10 us; how long it ran until then, and whether it slept. */
  function writer({ kernel = recent, policy = 'SCHED_FIFO', held, forUs = 100, sleeps }: Setting) {
    const lab = new Lab({ kernel, cpus: 2, preemption: 'none' });
    const sem = new RwSemaphore('R');
    lab.start('holder', 50, function* (k) {
      if (held === 'read') yield* down_read(k, sem);
      else yield* down_write(k, sem);
      yield forUs * US;
      if (sleeps === true) yield* sleep(k, 2);
      if (held === 'read') yield* up_read(k, sem);
      else yield* up_write(k, sem);
    });
    let gotAt = 0;
    const task = lab.start(
      'writer',
      policy === 'SCHED_NORMAL' ? 0 : 50,
      function* (k) {
        yield 10 * US;
        yield* down_write(k, sem);
        gotAt = k.machine.sim.now / US;
        yield* up_write(k, sem);
      },
      { cpu: 1, policy },
    );
    lab.run();
    return { gotAt, ran: task.sum_exec_runtime / US, slept: task.nvcsw > 1 };
  }

  it('a writer spins while the writer that owns it runs', () => {
    expect(writer({ held: 'write' })).toEqual({ gotAt: 100, ran: 100, slept: false });
    expect(writer({ held: 'write', kernel: 'linux-2.6.32' })).toMatchObject({ slept: true });
  });

  it('a writer that spins goes to sleep when the owner does', () => {
    expect(writer({ held: 'write', sleeps: true })).toMatchObject({ ran: 100, slept: true });
  });

  it('a normal writer spins for 10.5 us on one reader, a real-time writer not at all', () => {
    const normal = { held: 'read', policy: 'SCHED_NORMAL' } as const;
    expect(writer({ ...normal, forUs: 20 })).toEqual({ gotAt: 20, ran: 20, slept: false });
    expect(writer(normal)).toMatchObject({ ran: 20.501, slept: true });
    expect(writer({ held: 'read', forUs: 20 })).toMatchObject({ ran: 10, slept: true });
  });

  it('a writer that has spun in vain on readers keeps others from it until they are gone', () => {
    const lab = new Lab({ cpus: 3, preemption: 'none' });
    const sem = new RwSemaphore('R');
    lab.start('reader', 50, function* (k) {
      yield* down_read(k, sem);
      yield 100 * US;
      expect(sem.nonspinnable).toBe(true);
      yield* up_read(k, sem);
    });
    const [first, second] = [1, 2].map((cpu) =>
      lab.start(
        `w${cpu}`,
        0,
        function* (k) {
          yield (cpu === 1 ? 10 : 50) * US;
          yield* down_write(k, sem);
          yield* up_write(k, sem);
        },
        { cpu, policy: 'SCHED_NORMAL' },
      ),
    );
    lab.run();
    expect(first!.sum_exec_runtime / US).toBe(20.501);
    expect(second!.sum_exec_runtime / US).toBe(50);
    expect(sem.nonspinnable).toBe(false);
  });

  it('a spinning writer takes it before the normal writer that sleeps in line', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const sem = new RwSemaphore('R');
    const sleeper = taker(lab, sem, 'w_asleep', { policy: 'SCHED_NORMAL' });
    lab.start('owner', 50, function* (k) {
      yield* down_write(k, sem);
      yield* wakeOneByOne(k, [sleeper]);
      yield MS;
      yield* up_write(k, sem);
    });
    lab.start(
      'spinner',
      50,
      function* (k) {
        yield 8.5 * MS;
        yield* down_write(k, sem);
        lab.note(k, 'w_spinning');
        yield* up_write(k, sem);
      },
      { cpu: 1 },
    );
    expect(lab.run().log).toEqual(['w_spinning', 'w_asleep']);
  });
});

describe('a semaphore that was released once too often', () => {
  it('keeps a real-time writer trying for ever, while time passes and better tasks run', () => {
    const lab = new Lab({ kernel: recent });
    const sem = new RwSemaphore('R');
    lab.start('w', 40, function* (k) {
      yield* up_read(k, sem);
      yield* down_write(k, sem);
      lab.note(k, 'w');
    });
    lab.start('better', 50, function* (k) {
      yield* sleep(k, 5);
      lab.note(k, 'better');
    });
    lab.run(100);
    expect(lab.log).toEqual(['better']);
    expect(sem.waiters).toHaveLength(1);
  });
});

describe('whatever the order', () => {
  it('writers are alone, everybody gets in, and nothing is left behind', () => {
    const verbs = ['read', 'write', 'tryRead', 'tryWrite', 'downgrade', 'killable'] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...kernelNames),
        fc.constantFrom<'none' | 'full'>('none', 'full'),
        fc.array(
          fc.record({
            how: fc.constantFrom(...verbs),
            at: fc.nat(300),
            hold: fc.nat(300),
            sleeps: fc.boolean(),
            rt: fc.boolean(),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        (kernel, preemption, users) => {
          const lab = new Lab({
            kernel,
            cpus: 3,
            preemption: kernel === 'linux-2.4.27' ? 'none' : preemption,
            costs: { lock: 7, unlock: 5, wakeup: 30, context_switch: 40, ipi: 20, handover: 9 },
          });
          const sem = new RwSemaphore('R');
          let [reading, writing, done] = [0, 0, 0];
          const check = (): void => expect(writing === 0 || writing + reading === 1).toBe(true);
          users.forEach(({ how, at, hold, sleeps, rt }, i) => {
            const stay = function* (k: Context): Code {
              check();
              if (sleeps) yield* sleep(k, 1);
              yield hold;
              check();
            };
            const body = function* (k: Context): Code {
              yield at * US;
              for (let round = 0; round < 2; round++) {
                if (how === 'read' || how === 'tryRead') {
                  if (how === 'read') yield* down_read(k, sem);
                  else while ((yield* down_read_trylock(k, sem)) === 0) yield* sleep(k, 1);
                  reading++;
                  yield* stay(k);
                  reading--;
                  yield* up_read(k, sem);
                } else {
                  if (how === 'tryWrite') {
                    while ((yield* down_write_trylock(k, sem)) === 0) yield* sleep(k, 1);
                  } else if (how === 'killable') yield* down_write_killable(k, sem);
                  else yield* down_write(k, sem);
                  writing++;
                  yield* stay(k);
                  writing--;
                  if (how === 'downgrade') {
                    reading++;
                    yield* downgrade_write(k, sem);
                    yield* stay(k);
                    reading--;
                    yield* up_read(k, sem);
                  } else yield* up_write(k, sem);
                }
              }
              done++;
            };
            const options: TaskOptions = rt
              ? { cpu: i % 3 }
              : { cpu: i % 3, policy: 'SCHED_NORMAL' };
            lab.start(`t${i}`, rt ? 40 + i : 0, body, options);
          });
          lab.run();
          expect([done, sem.count, sem.waiters, sem.holders]).toEqual([users.length, 0, [], []]);
          expect(sem.osq.spinners).toEqual([]);
          expect(lab.machine.findings.all).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
