/*
 * What becomes of a system call that a signal ends early, and in which order handlers run:
 * handle_signal() and do_signal() of arch/x86/kernel/signal.c.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import type { KernelName } from '../../models/era.ts';
import { errno } from '../../models/errno.ts';
import { register_chrdev } from '../../models/fs/char_dev.ts';
import { O_RDONLY, open } from '../../models/fs/open.ts';
import { read } from '../../models/fs/read_write.ts';
import { UserBuffer } from '../../models/fs/uio.ts';
import {
  WaitQueueHead,
  wait_event_interruptible,
  wait_event_interruptible_timeout,
  wake_up_interruptible,
} from '../../models/sched/wait.ts';
import { signals, type Disposition } from '../../models/signal/signal.ts';
import { setitimer } from '../../models/user/itimer.ts';
import {
  ERESTART_RESTARTBLOCK,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  sigaction,
  systemCall,
} from '../../models/user/signals.ts';
import { compute, kill, nanosleep, usleep } from '../../models/user/unistd.ts';
import { Bench, ms } from './user/bench.ts';

const { SIGUSR1, SIGUSR2, SIGALRM, SIGSTOP, SIGCONT, SIGTERM } = signals;
const { EINTR, ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND } = errno;

interface Outcome {
  readonly result: number;
  /** How often the call began. */
  readonly entered: number;
}

/** A call that asks for a restart with `error` while a signal is pending, else returns 7. */
function call(error: number, handler: Disposition, flags: number): Outcome {
  const bench = new Bench('linux-6.1');
  let entered = 0;
  let result = NaN;
  bench.run('usr', function* (k) {
    yield* sigaction(k, SIGUSR1, { handler, flags });
    result = yield* systemCall(k, 'call', function* (on) {
      entered++;
      yield 0;
      if (entered > 1) return 7;
      on.current.signals!.pending |= 1 << (SIGUSR1 - 1);
      return -error;
    });
  });
  bench.until();
  return { result, entered };
}

const nothing = function* (): Code {};
const again: Outcome = { result: 7, entered: 2 };
const interrupted: Outcome = { result: -EINTR, entered: 1 };

describe('a call that asks to be restarted', () => {
  it.each([
    ['ERESTARTSYS', ERESTARTSYS, again, interrupted, again],
    ['ERESTARTNOINTR', ERESTARTNOINTR, again, again, again],
    ['ERESTARTNOHAND', ERESTARTNOHAND, again, interrupted, interrupted],
    ['ERESTART_RESTARTBLOCK', ERESTART_RESTARTBLOCK, again, interrupted, interrupted],
    ['EINTR', EINTR, interrupted, interrupted, interrupted],
  ] as const)(
    '%s: without a handler, with one, with one of SA_RESTART',
    (_name, error, ...want) => {
      const outcomes = [
        call(error, 'ignore', SA_RESTART),
        call(error, nothing, 0),
        call(error, nothing, SA_RESTART),
      ];
      expect(outcomes).toEqual(want);
    },
  );
});

/** A reader of a driver that sleeps until `wake`; `others` run beside it, and see its pid. */
function sleepingRead(
  actions: readonly [number, Disposition, number][],
  others: (k: Context, pid: number, wake: () => void) => Code,
  kernel: KernelName = 'linux-6.1',
  timeout?: number,
): { result: number; entered: number; at: number } {
  const bench = new Bench(kernel);
  const queue = new WaitQueueHead('q');
  let condition = false;
  let entered = 0;
  let result = NaN;
  let at = NaN;
  register_chrdev(bench.machine, 'slow', {
    *read(k) {
      entered++;
      const holds = (): boolean => condition;
      const slept =
        timeout === undefined
          ? yield* wait_event_interruptible(k, queue, holds)
          : yield* wait_event_interruptible_timeout(k, queue, holds, timeout);
      return slept < 0 ? slept : slept + 1;
    },
  });
  const reader = bench.run('reader', function* (k) {
    for (const [sig, handler, flags] of actions) yield* sigaction(k, sig, { handler, flags });
    const fd = yield* open(k, '/dev/slow', O_RDONLY);
    result = yield* read(k, fd, new UserBuffer(1));
    at = k.machine.sim.now / ms;
  });
  bench.run('other', (k) =>
    others(k, reader.pid, () => {
      condition = true;
      wake_up_interruptible(k.cpu, queue);
    }),
  );
  bench.until(1000 * ms);
  return { result, entered, at };
}

describe("a driver's read that sleeps interruptibly", () => {
  it('is not interrupted by a signal that is ignored', () => {
    const outcome = sleepingRead([[SIGUSR1, 'ignore', 0]], function* (k, pid, wake) {
      yield* usleep(k, 1000);
      yield* kill(k, pid, SIGUSR1);
      yield* usleep(k, 1000);
      wake();
    });
    expect(outcome).toEqual({ result: 1, entered: 1, at: 2 });
  });

  it('is entered anew after each handler with SA_RESTART, and not at all without', () => {
    function* two(k: Context, pid: number, wake: () => void): Code {
      for (const sig of [SIGUSR1, SIGUSR2]) {
        yield* usleep(k, 1000);
        yield* kill(k, pid, sig);
      }
      yield* usleep(k, 1000);
      wake();
    }
    const restarting = (flags: number) =>
      sleepingRead(
        [
          [SIGUSR1, nothing, SA_RESTART],
          [SIGUSR2, nothing, flags],
        ],
        two,
      );
    expect(restarting(SA_RESTART)).toEqual({ result: 1, entered: 3, at: 3 });
    expect(restarting(0)).toEqual({ result: -EINTR, entered: 2, at: 2 });
  });

  it('with a timeout begins it anew when it is restarted', () => {
    const outcome = sleepingRead(
      [[SIGUSR1, nothing, SA_RESTART]],
      function* (k, pid) {
        yield* usleep(k, 6000);
        yield* kill(k, pid, SIGUSR1);
      },
      'linux-2.6.32',
      10,
    );
    expect(outcome).toEqual({ result: 1, entered: 2, at: 16 });
  });

  it('goes on when its process is stopped and continued', () => {
    const outcome = sleepingRead([], function* (k, pid, wake) {
      yield* usleep(k, 1000);
      yield* kill(k, pid, SIGSTOP);
      yield* usleep(k, 1000);
      yield* kill(k, pid, SIGCONT);
      yield* usleep(k, 1000);
      wake();
    });
    expect(outcome).toEqual({ result: 1, entered: 2, at: 3 });
  });

  it('the first signal that is delivered decides, whatever the flags of the others', () => {
    function* both(k: Context, pid: number, wake: () => void): Code {
      yield* usleep(k, 1000);
      yield* kill(k, pid, SIGUSR2);
      yield* kill(k, pid, SIGUSR1);
      yield* usleep(k, 1000);
      wake();
    }
    const outcomes = [
      [SA_RESTART, 0],
      [0, SA_RESTART],
    ].map(
      ([low, high]) =>
        sleepingRead(
          [
            [SIGUSR1, nothing, low!],
            [SIGUSR2, nothing, high!],
          ],
          both,
        ).entered,
    );
    expect(outcomes).toEqual([2, 1]);
  });
});

/** The marks that handlers leave when SIGUSR1 and SIGUSR2 are pending at once. */
function handlersOf(kernel: KernelName, flags = 0): string {
  const bench = new Bench(kernel);
  const order: string[] = [];
  const handler = (name: string) =>
    function* (k: Context): Code {
      order.push(`${name}[`);
      yield* compute(k, 1000);
      order.push(`]${name}`);
    };
  const task = bench.run('usr', function* (k) {
    yield* sigaction(k, SIGUSR1, { handler: handler('one'), flags });
    yield* sigaction(k, SIGUSR2, { handler: handler('two'), flags });
    yield* usleep(k, 3000);
    order.push('end');
  });
  bench.run('other', function* (k) {
    yield* usleep(k, 1000);
    yield* kill(k, task.pid, SIGUSR2);
    yield* kill(k, task.pid, SIGUSR1);
  });
  bench.until(20 * ms);
  return order.join(' ');
}

describe('handlers', () => {
  it('of signals that come at once run in reverse order: each frame is put on the last', () => {
    expect(handlersOf('linux-6.1')).toBe('two[ ]two one[ ]one end');
    expect(handlersOf('linux-2.6.24')).toBe('two[ ]two one[ ]one end');
  });

  it('run one after the other in 2.4, which delivers one signal each time', () => {
    expect(handlersOf('linux-2.4.27')).toBe('one[ ]one two[ ]two end');
  });

  /** How deep a handler that sends itself its own signal once gets, and how often it runs. */
  function nested(flags: number): number[] {
    const bench = new Bench();
    let depth = 0;
    let deepest = 0;
    let runs = 0;
    bench.run('usr', function* (k) {
      yield* sigaction(k, SIGUSR1, {
        flags,
        *handler(on) {
          deepest = Math.max(deepest, ++depth);
          if (++runs === 1) yield* kill(on, on.current.pid, SIGUSR1);
          depth--;
        },
      });
      yield* kill(k, k.current.pid, SIGUSR1);
    });
    bench.until();
    return [runs, deepest];
  }

  it('have their own signal blocked while they run, except with SA_NODEFER', () => {
    expect(nested(0)).toEqual([2, 1]);
    expect(nested(SA_NODEFER)).toEqual([2, 2]);
  });

  it('that interrupt themselves without end run out of stack: SIGSEGV', () => {
    const bench = new Bench();
    let runs = 0;
    const handler = function* (k: Context): Code {
      runs++;
      yield* kill(k, k.current.pid, SIGUSR1);
    };
    const task = bench.run('usr', function* (k) {
      yield* sigaction(k, SIGUSR1, { handler, flags: SA_NODEFER });
      yield* sigaction(k, signals.SIGSEGV, { handler: 'ignore', flags: 0 });
      yield* kill(k, k.current.pid, SIGUSR1);
    });
    bench.until();
    expect(runs).toBeGreaterThan(100);
    expect(task.exitCode).toBe(signals.SIGSEGV);
  });

  it('of SA_RESETHAND run once: the next signal ends the process', () => {
    const bench = new Bench();
    let runs = 0;
    const task = bench.run('usr', function* (k) {
      const handler = function* (): Code {
        runs++;
      };
      yield* sigaction(k, SIGTERM, { handler, flags: SA_RESETHAND });
      for (;;) yield* kill(k, k.current.pid, SIGTERM);
    });
    bench.until();
    expect([runs, task.exitCode]).toEqual([1, SIGTERM]);
  });
});

describe('nanosleep of a process that is stopped and continued', () => {
  it('ends when its time is over; in 2.4 the call is interrupted', () => {
    const sleep = (kernel: KernelName): number[] => {
      const bench = new Bench(kernel);
      const seen: number[] = [];
      const task = bench.run('usr', function* (k) {
        seen.push(yield* nanosleep(k, 20 * ms), Math.floor(k.machine.sim.now / ms));
      });
      bench.run('other', function* (k) {
        yield* usleep(k, 3000);
        yield* kill(k, task.pid, SIGSTOP);
        yield* usleep(k, 5000);
        yield* kill(k, task.pid, SIGCONT);
      });
      bench.until(100 * ms);
      return seen;
    };
    expect(sleep('linux-6.1')).toEqual([0, 20]);
    expect(sleep('linux-2.6.24')).toEqual([0, 20]);
    expect(sleep('linux-2.4.27')[0]).toBe(-EINTR);
  });
});

describe('an interval timer', () => {
  /** The instants in ms at which the handler of SIGALRM begins; it takes `handlerMs`. */
  function alarms(kernel: KernelName, value: number, interval: number, handlerMs = 0): number[] {
    const bench = new Bench(kernel);
    const at: number[] = [];
    bench.run('usr', function* (k) {
      const handler = function* (on: Context): Code {
        at.push(on.machine.sim.now / ms);
        yield* compute(on, handlerMs * ms);
      };
      yield* sigaction(k, SIGALRM, { handler, flags: 0 });
      yield* setitimer(k, value * ms, interval * ms);
      yield* compute(k, 35 * ms);
      yield* setitimer(k, 0, 0);
      yield* compute(k, 20 * ms);
    });
    bench.until(200 * ms);
    return at;
  }

  it('comes once, or at intervals until it is stopped', () => {
    for (const kernel of ['linux-2.4.27', 'linux-6.1'] as const) {
      expect(alarms(kernel, 10, 0)).toEqual([10]);
      expect(alarms(kernel, 10, 7)).toEqual([10, 17, 24, 31]);
      expect(alarms(kernel, 0, 7)).toEqual([]);
    }
  });

  it('keeps to multiples of its interval however long the handler takes', () => {
    expect(alarms('linux-6.1', 10, 10, 15).slice(0, 3)).toEqual([10, 25, 40]);
  });

  it('that is ignored comes once, since only who takes the signal starts the timer anew', () => {
    const generated = (kernel: KernelName): number => {
      const bench = new Bench(kernel);
      const rows = bench.watch('signal_generate');
      bench.run('usr', function* (k) {
        yield* sigaction(k, SIGALRM, { handler: 'ignore', flags: 0 });
        yield* setitimer(k, 5 * ms, 5 * ms);
        yield* compute(k, 22 * ms);
      });
      bench.until(100 * ms);
      return rows.length;
    };
    expect([generated('linux-6.1'), generated('linux-2.4.27')]).toEqual([1, 4]);
  });

  it('ends with its process, and refuses negative times', () => {
    const bench = new Bench();
    const seen: number[] = [];
    bench.run('usr', function* (k) {
      seen.push(yield* setitimer(k, -1, 0), yield* setitimer(k, 50 * ms, 50 * ms));
      yield* compute(k, ms);
    });
    bench.until();
    expect(seen).toEqual([-errno.EINVAL, 0]);
    expect(bench.machine.sim.now).toBeLessThan(50 * ms);
  });
});
