/* User processes: time, signals, threads, output and their end. */
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../models/context.ts';
import { errno } from '../../../models/errno.ts';
import { kernelNames } from '../../../models/era.ts';
import { printk } from '../../../models/printk.ts';
import { TASK_DEAD } from '../../../models/sched/state.ts';
import { signals } from '../../../models/signal/signal.ts';
import { SA_RESTART, set_sigaction, sigaction } from '../../../models/user/signals.ts';
import { exit, pthread_create } from '../../../models/user/spawn.ts';
import {
  close,
  compute,
  getpid,
  gettimeofday,
  kill,
  nanosleep,
  pause,
  printf,
  usleep,
} from '../../../models/user/unistd.ts';
import { Bench, ms } from './bench.ts';

/** How long a program sees a usleep last, in us. */
function sleepOf(us: number, bench: Bench): number {
  let took = -1;
  bench.run('sleeper', function* (k) {
    yield* compute(k, 300_000);
    const before = yield* gettimeofday(k);
    yield* usleep(k, us);
    took = (yield* gettimeofday(k)) - before;
  });
  bench.until(10_000 * ms);
  return took;
}

describe('sleeping', () => {
  it('usleep is exact to the microsecond with high-resolution timers', () => {
    for (const kernel of kernelNames.filter((name) => name !== 'linux-2.4.27')) {
      expect(sleepOf(50, new Bench(kernel, { hz: 100 }))).toBe(50);
    }
  });

  it('usleep lasts to a tick, one more than asked, where there are none', () => {
    // 300 us after tick 0: 10 ms are one tick and one more, so it ends at tick 2.
    expect(sleepOf(10_000, new Bench('linux-2.4.27', { hz: 100 }))).toBe(20_000 - 300);
    expect(sleepOf(50, new Bench('linux-2.4.27', { hz: 100 }))).toBe(20_000 - 300);
    expect(sleepOf(10_000, new Bench('linux-2.4.27', { hz: 1000 }))).toBe(11_000 - 300);
  });

  it('a handler ends nanosleep even with SA_RESTART, an ignored signal does not', () => {
    const results: [number, number][] = [];
    const bench = new Bench();
    for (const [name, handler] of [
      ['caught', function* () {}],
      ['deaf', 'ignore'],
    ] as const) {
      const sleeper = bench.run(name, function* (k) {
        yield* sigaction(k, signals.SIGUSR1, { handler, flags: SA_RESTART });
        results.push([yield* nanosleep(k, 20 * ms), yield* gettimeofday(k)]);
      });
      bench.run('killer', function* (k) {
        yield* nanosleep(k, 5 * ms);
        yield* kill(k, sleeper.pid, signals.SIGUSR1);
      });
    }
    bench.until();
    expect(results).toEqual([
      [-errno.EINTR, 5000],
      [0, 20_000],
    ]);
  });
});

describe('signals', () => {
  it('pause returns when a handler has run, in user mode and with its own signal blocked', () => {
    const bench = new Bench();
    const seen: unknown[] = [];
    const task = bench.run('waiter', function* (k) {
      yield* sigaction(k, signals.SIGUSR1, { handler: inHandler, flags: 0 });
      seen.push(yield* pause(k));
    });
    function* inHandler(k: Context) {
      seen.push(k.current.inUser, k.current.signals?.blocked, k.cpu.contextName());
      yield* compute(k, 1000);
    }
    bench.run('killer', function* (k) {
      yield* usleep(k, 10);
      seen.push(yield* kill(k, task.pid, signals.SIGUSR1));
    });
    bench.until();
    expect(seen).toEqual([0, true, 1 << (signals.SIGUSR1 - 1), 'user', -errno.EINTR]);
    expect(task.signals?.blocked).toBe(0);
  });

  it('a handler interrupts a program that computes', () => {
    const bench = new Bench();
    const order: string[] = [];
    const task = bench.run('busy', function* (k) {
      yield* compute(k, 10 * ms);
      order.push(`done at ${k.machine.sim.now}`);
    });
    const handler = function* (k: Context) {
      order.push(`handler at ${k.machine.sim.now}`);
      yield* printf(k, 'caught');
    };
    set_sigaction(task, signals.SIGTERM, { handler, flags: 0 });
    bench.run(
      'killer',
      function* (k) {
        yield* usleep(k, 3000);
        yield* kill(k, task.pid, signals.SIGTERM);
      },
      { scheduling: { policy: 'SCHED_FIFO', rtPriority: 1 } },
    );
    bench.until();
    expect(order).toEqual([`handler at ${3 * ms}`, `done at ${10 * ms}`]);
    expect(bench.log).toEqual(['busy: caught']);
  });

  it('a signal without a handler ends the program, and its pid can be used again', () => {
    const bench = new Bench();
    const first = bench.run('victim', (k) => compute(k, 1000 * ms), { pid: 77 });
    let second = first;
    bench.run(
      'killer',
      function* (k) {
        yield* usleep(k, 10);
        yield* kill(k, 77, signals.SIGKILL);
        yield* usleep(k, 1000);
        second = bench.user('victim', () => exitWith(5), { pid: 77 });
      },
      { scheduling: { policy: 'SCHED_FIFO', rtPriority: 1 } },
    );
    bench.until();
    expect([first.state, first.exitCode]).toEqual([TASK_DEAD, signals.SIGKILL]);
    expect([second.state, second.exitCode]).toEqual([TASK_DEAD, 5]);
    expect(bench.machine.sim.now).toBeLessThan(3 * ms);
  });

  it('SIGKILL cannot be caught, strangers cannot be killed, and who is gone is not found', () => {
    const bench = new Bench();
    const results: number[] = [];
    const victim = bench.run('victim', (k) => compute(k, 100 * ms), { uid: 1000 });
    bench.run(
      'stranger',
      function* (k) {
        results.push(yield* kill(k, victim.pid, signals.SIGTERM));
        results.push(yield* kill(k, 4711, signals.SIGTERM));
        results.push(yield* sigaction(k, signals.SIGKILL, { handler: 'ignore', flags: 0 }));
      },
      { uid: 1001 },
    );
    bench.until();
    expect(results).toEqual([-errno.EPERM, -errno.ESRCH, -errno.EINVAL]);
    expect(victim.exitCode).toBe(0);
  });
});

function* exitWith(status: number): Generator<number, number, number> {
  yield 0;
  return status;
}

describe('processes and threads', () => {
  it('threads share the process id, have ids of their own, and end alone', () => {
    const bench = new Bench();
    const ids: number[] = [];
    const main = bench.run('main', function* (k) {
      const tid = yield* pthread_create(k, function* (t) {
        ids.push(yield* getpid(t), t.current.pid);
        return 3;
      });
      yield* usleep(k, 100);
      ids.push(tid, yield* getpid(k));
    });
    bench.until();
    const tid = ids[1]!;
    expect(tid).not.toBe(main.pid);
    expect(ids).toEqual([main.pid, tid, tid, main.pid]);
  });

  it('when the first thread returns, or any is killed, all end', () => {
    for (const victim of ['main', 'thread', 'none'] as const) {
      const bench = new Bench();
      const alive: string[] = [];
      let tid = 0;
      const main = bench.run('main', function* (k) {
        tid = yield* pthread_create(k, function* (t) {
          yield* usleep(t, 50_000);
          alive.push('thread');
          return 0;
        });
        yield* usleep(k, victim === 'none' ? 10_000 : 100_000);
        alive.push('main');
      });
      bench.run('killer', function* (k) {
        yield* usleep(k, 1000);
        if (victim !== 'none') {
          yield* kill(k, victim === 'main' ? main.pid : tid, signals.SIGTERM);
        }
      });
      bench.until();
      expect(alive).toEqual(victim === 'none' ? ['main'] : []);
      expect(bench.machine.tasks.size).toBe(0);
    }
  });

  it('exit ends a program in the middle', () => {
    const bench = new Bench();
    const task = bench.run('quitter', function* (k) {
      yield* exit(k, 9);
      throw new Error('went on after exit');
    });
    bench.until();
    expect(task.exitCode).toBe(9);
  });

  it('closing what is not open is refused', () => {
    const bench = new Bench();
    const results: number[] = [];
    bench.run('closer', function* (k) {
      for (const fd of [-1, 0, 3]) results.push(yield* close(k, fd));
    });
    bench.until();
    expect(results).toEqual([-errno.EBADF, -errno.EBADF, -errno.EBADF]);
  });

  it('computing is user time, a system call is kernel time', () => {
    const bench = new Bench('linux-6.12', { costs: { syscall: 100, call: 10 } });
    bench.run('worker', function* (k) {
      yield* compute(k, 5000);
      yield* getpid(k);
    });
    bench.until();
    bench.machine.accountAll();
    const { user, kernel } = bench.machine.cpus[0]!.times.ns;
    // getpid and the entry of exit.
    expect([user, kernel]).toEqual([5000, 110 + 50]);
  });
});

describe('output', () => {
  it('the kernel log and standard output are one list with times, and rows of the trace', () => {
    const bench = new Bench('linux-6.12', { costs: { printk: 500 } });
    const rows = bench.watch('console', 'output');
    bench.kthread('driver', function* (k) {
      expect(printk(k, 'start thread [0].')).toBe(17);
      yield 0;
      expect(printk(k, 'again')).toBe(5);
    });
    bench.run('usr', function* (k) {
      yield* usleep(k, 1);
      expect(yield* printf(k, 'hello')).toBe(5);
    });
    bench.until();
    expect(bench.machine.console).toEqual([
      { timeNs: 0, from: 'kernel', text: 'start thread [0].' },
      { timeNs: 500, from: 'kernel', text: 'again' },
      { timeNs: expect.any(Number), from: 'usr', text: 'hello' },
    ]);
    expect(rows).toEqual([
      'console start thread [0]. NaN',
      'console again NaN',
      'output hello NaN',
    ]);
  });
});
