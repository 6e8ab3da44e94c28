/* Signals: who hears of them, when, and what they end. Threads as recorded on 6.1. */
import { describe, expect, it } from 'vitest';
import { SCHEDULE } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import {
  Semaphore,
  down,
  down_interruptible,
  down_killable,
  up,
} from '../../models/locking/semaphore.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { TASK_DEAD, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../../models/sched/state.ts';
import {
  allow_signal,
  dequeue_signal,
  flush_signals,
  signal_pending,
  signals,
} from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { syscall } from '../../models/syscall.ts';
import { schedule_timeout, schedule_timeout_interruptible } from '../../models/time/sleep.ts';
import { Lab, MS, US, just, set_state, sleep } from './lab.ts';

const { SIGKILL, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGSTOP, SIGCONT } = signals;

describe('a kernel thread', () => {
  it('that has ended cannot be sent any', () => {
    const lab = new Lab();
    const a = lab.task('a', 60, function* () {
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      lab.note(k, 'new', send_sig(k.cpu, SIGTERM, a));
      wake_up_process(k.cpu, a);
      yield* sleep(k, 1);
      lab.note(k, 'ended', send_sig(k.cpu, SIGTERM, a));
    });
    expect(lab.run().log).toEqual(['new(0)', `ended(${-errno.ESRCH})`]);
  });

  it('does not notice signals that it has not allowed, SIGKILL included', () => {
    const lab = new Lab();
    const a = lab.task('a', 60, function* (k) {
      lab.at('a', yield* schedule_timeout_interruptible(k, 8));
      lab.at('pending', signal_pending(k.current) ? 1 : 0);
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      lab.at('sent', send_sig(k.cpu, SIGTERM, a));
      lab.at('kill', send_sig(k.cpu, SIGKILL, a));
    });
    expect(lab.run().log).toEqual(['sent(0) j=3', 'kill(0) j=3', 'a(0) j=9', 'pending(0) j=9']);
  });

  it('with one pending does not sleep interruptibly, but uninterruptibly', () => {
    const lab = new Lab();
    lab.start('main', 50, function* (k) {
      allow_signal(k.current, SIGUSR1);
      yield* lab.align();
      set_state(k, TASK_INTERRUPTIBLE);
      send_sig(k.cpu, SIGUSR1, k.current);
      yield SCHEDULE;
      lab.at('returned');
      set_state(k, TASK_UNINTERRUPTIBLE);
      lab.at('slept', yield* schedule_timeout(k, 3));
      flush_signals(k.current);
      lab.at('pending', signal_pending(k.current) ? 1 : 0);
    });
    expect(lab.run().log).toEqual(['returned j=0', 'slept(0) j=4', 'pending(0) j=4']);
  });

  it('takes SIGKILL first, then the lowest number', () => {
    const lab = new Lab();
    const taken: number[] = [];
    lab.start('main', 50, function* (k) {
      for (const sig of [SIGUSR2, SIGKILL, SIGUSR1]) {
        allow_signal(k.current, sig);
        send_sig(k.cpu, sig, k.current);
      }
      for (let i = 0; i < 4; i++) taken.push(dequeue_signal(k.current));
      yield 0;
    });
    lab.run();
    expect(taken).toEqual([SIGKILL, SIGUSR1, SIGUSR2, 0]);
  });
});

describe('a user process', () => {
  it('in user mode on another CPU is interrupted to run its handler', () => {
    const lab = new Lab({ cpus: 2, costs: { ipi: 700 } });
    const user = lab.startUser(
      'user',
      function* (k) {
        yield 5 * MS;
        lab.log.push(`end at ${k.machine.sim.now}`);
      },
      1,
    );
    user.signals!.dispositions.set(SIGUSR1, function* (k) {
      lab.log.push(`handler at ${k.machine.sim.now}, user mode ${k.current.inUser}`);
      yield 1000;
    });
    lab.start('main', 50, function* (k) {
      yield 300 * US;
      send_sig(k.cpu, SIGUSR1, user);
    });
    expect(lab.run().log).toEqual([
      `handler at ${300 * US + 700}, user mode true`,
      `end at ${5 * MS + 1000}`,
    ]);
  });

  it('that waits for the CPU runs its handler when it gets it', () => {
    const lab = new Lab();
    const user = lab.startUser('user', function* () {
      yield 5 * MS;
      lab.log.push('end');
    });
    user.signals!.dispositions.set(
      SIGUSR1,
      just(() => lab.log.push('handler')),
    );
    const line = lab.irq(
      'I',
      just((k) => void wake_up_process(k.cpu, hi)),
    );
    const hi = lab.task('hi', 50, function* (k) {
      send_sig(k.cpu, SIGUSR1, user);
      yield MS;
      lab.log.push('hi');
    });
    lab.irqAt(MS, line);
    expect(lab.run().log).toEqual(['hi', 'handler', 'end']);
  });

  it('ends by a signal without handler, when it goes back to user mode or is there', () => {
    const lab = new Lab({ cpus: 2 });
    const user = lab.startUser(
      'user',
      function* () {
        yield 50 * MS;
        lab.log.push('never');
      },
      1,
    );
    lab.start('main', 50, function* (k) {
      yield 300 * US;
      send_sig(k.cpu, SIGCHLD, user);
      yield 300 * US;
      expect(user.state).not.toBe(TASK_DEAD);
      send_sig(k.cpu, SIGTERM, user);
      yield 1;
      lab.log.push(`state ${user.state} code ${user.exitCode}`);
    });
    expect(lab.run().log).toEqual([`state ${TASK_DEAD} code ${SIGTERM}`]);
  });

  /** Sends `sig` to a process that blocks in a system call; what came of it, and when. */
  function blocked(wait: typeof down_interruptible, sig: number, handler?: string): string {
    const lab = new Lab();
    const sem = new Semaphore('S', 0);
    const user = lab.startUser('user', function* (k) {
      const result = yield* syscall(k, 'call', (on) => wait(on, sem));
      lab.log.push(`returned ${result}`);
    });
    if (handler !== undefined)
      user.signals!.dispositions.set(
        sig,
        just(() => undefined),
      );
    user.onExit.push(() => lab.log.push(`exit ${user.exitCode} at ${lab.machine.sim.now / MS}`));
    lab.start('main', 50, function* (k) {
      yield* sleep(k, 1);
      send_sig(k.cpu, sig, user);
      yield* sleep(k, 4);
      yield* up(k, sem);
    });
    lab.run();
    return lab.log.join(', ');
  }

  function* down_uninterruptible(...args: Parameters<typeof down>) {
    yield* down(...args);
    return 0;
  }

  it('blocked interruptibly is woken by any signal and ends', () => {
    expect(blocked(down_interruptible, SIGTERM)).toBe(`exit ${SIGTERM} at 8`);
    expect(blocked(down_interruptible, SIGCHLD)).toBe('returned 0, exit 0 at 28');
  });

  it('blocked killably is woken by signals that end it, but for those that dump core', () => {
    expect(blocked(down_killable, SIGKILL)).toBe(`exit ${SIGKILL} at 8`);
    expect(blocked(down_killable, SIGTERM)).toBe(`exit ${SIGTERM} at 8`);
    expect(blocked(down_killable, SIGQUIT)).toBe(`exit ${SIGQUIT} at 28`);
    expect(blocked(down_killable, SIGTERM, 'handler')).toBe('returned 0, exit 0 at 28');
  });

  it('that is ended by a signal runs no handler of another one before', () => {
    const lab = new Lab();
    const sem = new Semaphore('S', 0);
    const user = lab.startUser('user', function* (k) {
      yield* syscall(k, 'call', (on) => down_uninterruptible(on, sem));
    });
    user.signals!.dispositions.set(
      SIGUSR1,
      just(() => lab.log.push('handler')),
    );
    lab.start('main', 50, function* (k) {
      yield* sleep(k, 1);
      send_sig(k.cpu, SIGUSR1, user);
      send_sig(k.cpu, SIGTERM, user);
      yield* up(k, sem);
    });
    expect(lab.run().log).toEqual([]);
    expect(user.exitCode).toBe(SIGTERM);
  });

  it('blocked uninterruptibly ends only when its sleep has ended', () => {
    expect(blocked(down_uninterruptible, SIGKILL)).toBe(`exit ${SIGKILL} at 28`);
  });

  it('gets -EINTR from a semaphore that a handled signal interrupted', () => {
    const lab = new Lab();
    const sem = new Semaphore('S', 0);
    const user = lab.startUser('user', function* (k) {
      const result = yield* syscall(k, 'call', (on) => down_interruptible(on, sem));
      lab.log.push(`returned ${result}`);
    });
    user.signals!.dispositions.set(
      SIGUSR1,
      just(() => lab.log.push('handler')),
    );
    lab.start('main', 50, function* (k) {
      yield* sleep(k, 1);
      send_sig(k.cpu, SIGUSR1, user);
    });
    expect(lab.run().log).toEqual(['handler', `returned ${-errno.EINTR}`]);
  });

  it('does not run a handler while its signal is blocked', () => {
    const lab = new Lab();
    const user = lab.startUser('user', function* (k) {
      k.current.signals!.blocked = 1 << (SIGUSR1 - 1);
      send_sig(k.cpu, SIGUSR1, k.current);
      yield* syscall(k, 'nop', () => just0());
      lab.log.push('blocked');
      k.current.signals!.blocked = 0;
      yield* syscall(k, 'nop', () => just0());
    });
    user.signals!.dispositions.set(
      SIGUSR1,
      just(() => lab.log.push('handler')),
    );
    expect(lab.run().log).toEqual(['blocked', 'handler']);
    function* just0() {
      yield 0;
      return 0;
    }
  });

  it('is stopped by SIGSTOP until SIGCONT, and can be killed meanwhile', () => {
    const run = (sig: number): string => {
      const lab = new Lab({ cpus: 2 });
      const user = lab.startUser(
        'user',
        function* () {
          yield 2 * MS;
          lab.log.push(`end at ${lab.machine.sim.now / MS}`);
        },
        1,
      );
      lab.start('main', 50, function* (k) {
        yield MS;
        send_sig(k.cpu, SIGSTOP, user);
        yield 5 * MS;
        send_sig(k.cpu, sig, user);
      });
      lab.run();
      return `${lab.log.join()} code ${user.exitCode}`;
    };
    expect(run(SIGCONT)).toBe('end at 7 code 0');
    expect(run(SIGKILL)).toBe(` code ${SIGKILL}`);
  });
});
