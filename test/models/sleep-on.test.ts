/* The sleep_on family with its race intact, and schedule_timeout with its exact results. */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import { kthread_stop } from '../../models/kthread.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import {
  interruptible_sleep_on,
  interruptible_sleep_on_timeout,
  sleep_on,
  sleep_on_timeout,
} from '../../models/sched/sleep_on.ts';
import { TASK_INTERRUPTIBLE, TASK_RUNNING } from '../../models/sched/state.ts';
import { WaitQueueHead, wake_up, wake_up_interruptible } from '../../models/sched/wait.ts';
import { allow_signal, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { local_irq_disable } from '../../models/cpu/preempt.ts';
import {
  msleep,
  msleep_interruptible,
  schedule_hrtimeout,
  schedule_timeout,
  schedule_timeout_interruptible,
  schedule_timeout_uninterruptible,
} from '../../models/time/sleep.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import type { KernelName } from '../../models/era.ts';
import { Lab, MS, US, just, raise_irq, sleep } from './lab.ts';

/** A task of priority 50 right after a tick. */
function timed(steps: (lab: Lab, k: Context) => Code, kernel: KernelName = 'linux-6.1'): string[] {
  const lab = new Lab({ kernel, preemption: 'none' });
  lab.start('main', 50, function* (k) {
    yield* lab.align();
    yield* steps(lab, k);
  });
  return lab.run(10_000).log;
}

const queue = (): WaitQueueHead => new WaitQueueHead('Q');

describe('sleep_on', () => {
  it('loses a wake-up that comes between the test of the condition and the sleep', () => {
    const q = queue();
    let x = 0;
    const log = timed(function* (lab, k) {
      const line = lab.irq(
        'I',
        just((on) => {
          x = 1;
          wake_up(on.cpu, q);
        }),
      );
      if (x === 0) {
        yield* raise_irq(k, line);
        lab.at('slept', yield* sleep_on_timeout(k, q, 6));
      }
    });
    expect(log).toEqual(['slept(0) j=7']);
  });

  it('has that race also inside: until it has set the state a wake-up finds nobody', () => {
    const lab = new Lab({ cpus: 2, costs: { lock: 1000 } });
    const q = queue();
    lab.start('sleeper', 50, function* (k) {
      yield 10 * US;
      lab.note(k, 'slept', yield* sleep_on_timeout(k, q, 5));
    });
    const line = lab.irq(
      'I',
      just((k) => wake_up(k.cpu, q)),
    );
    lab.irqAt(10 * US + 500, line, 1);
    lab.run();
    expect(lab.log).toEqual(['slept(0)']);
  });

  it('wakes up in reverse order', () => {
    const lab = new Lab();
    const q = queue();
    const [a, b] = ['a', 'b'].map((name) =>
      lab.task(name, 40, function* (k) {
        yield* sleep_on(k, q);
        lab.note(k, name);
      }),
    );
    lab.start('main', 50, function* (k) {
      for (const task of [a!, b!]) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 1);
      }
      wake_up(k.cpu, q);
      lab.note(k, 'woke');
    });
    expect(lab.run().log).toEqual(['woke', 'b', 'a']);
  });

  it('_timeout returns the jiffies left, 0 when they have passed', () => {
    const q = queue();
    const log = timed(function* (lab, k) {
      const wakeAt3 = (wake: typeof wake_up) =>
        mod_timer(
          k.cpu,
          new TimerList(
            'T',
            just((on) => wake(on.cpu, q)),
          ),
          k.machine.jiffies + 3,
        );
      lab.at('timed_out', yield* sleep_on_timeout(k, q, 4));
      yield* lab.align();
      wakeAt3(wake_up);
      lab.at('woken', yield* sleep_on_timeout(k, q, 10));
      yield* lab.align();
      wakeAt3(wake_up_interruptible);
      lab.at('uninterruptible', yield* sleep_on_timeout(k, q, 10));
      yield* lab.align();
      wakeAt3(wake_up_interruptible);
      lab.at('interruptible', yield* interruptible_sleep_on_timeout(k, q, 10));
      yield* lab.align();
      lab.at('zero', yield* sleep_on_timeout(k, q, 0));
      yield* lab.align();
      lab.at('one', yield* sleep_on_timeout(k, q, 1));
    });
    expect(log).toEqual([
      'timed_out(0) j=5',
      'woken(6) j=4',
      'uninterruptible(0) j=11',
      'interruptible(6) j=4',
      'zero(0) j=1',
      'one(0) j=2',
    ]);
    expect(q.entries).toEqual([]);
  });

  it('ends early by any wake-up of the task, with what is left', () => {
    const lab = new Lab();
    const q = queue();
    const a = lab.task('a', 60, function* (k) {
      lab.at('a', yield* sleep_on_timeout(k, q, 6));
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      wake_up_process(k.cpu, a);
      yield* sleep(k, 10);
      lab.at('end');
    });
    expect(lab.run().log).toEqual(['a(3) j=3', 'end j=14']);
  });

  it('ends by a signal if it is interruptible, at once if one is pending', () => {
    const lab = new Lab();
    const q = queue();
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      lab.at('first', yield* interruptible_sleep_on_timeout(k, q, 20));
      yield* interruptible_sleep_on(k, q);
      lab.at('second', yield* interruptible_sleep_on_timeout(k, q, 20));
      lab.at('uninterruptible', yield* sleep_on_timeout(k, q, 3));
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      wake_up_process(k.cpu, a);
      yield* sleep(k, 3);
      send_sig(k.cpu, signals.SIGUSR1, a);
      lab.at('sent');
      yield* sleep(k, 10);
    });
    expect(lab.run().log).toEqual([
      'sent j=4',
      'first(16) j=4',
      'second(20) j=4',
      'uninterruptible(0) j=8',
    ]);
  });

  it('restores the interrupt flag as it found it', () => {
    const lab = new Lab();
    const q = queue();
    const flags: boolean[] = [];
    lab.start('main', 50, function* (k) {
      yield* sleep_on_timeout(k, q, 1);
      flags.push(k.cpu.irqs_disabled);
      local_irq_disable(k);
      yield* sleep_on_timeout(k, q, 1);
      flags.push(k.cpu.irqs_disabled);
    });
    lab.run();
    expect(flags).toEqual([false, true]);
  });
});

describe('schedule_timeout', () => {
  it('passes through where no state was set, and returns what is left', () => {
    const log = timed(function* (lab, k) {
      lab.at('running', yield* schedule_timeout(k, 10));
      lab.at('zero', yield* schedule_timeout_interruptible(k, 0));
      yield* lab.align();
      lab.at('three', yield* schedule_timeout_interruptible(k, 3));
      k.current.state = TASK_INTERRUPTIBLE;
      lab.at('negative', yield* schedule_timeout(k, -1));
      lab.at('state', k.current.state);
    });
    expect(log).toEqual([
      'running(10) j=0',
      'zero(0) j=1',
      'three(0) j=4',
      'negative(0) j=4',
      `state(${TASK_RUNNING}) j=4`,
    ]);
  });

  it('takes n jiffies until 4.7 and n + 1 after, right after a tick', () => {
    const sleeps = (kernel: KernelName): string[] =>
      timed(function* (lab, k) {
        for (const n of [0, 1, 2, 10, 62]) {
          yield* schedule_timeout_uninterruptible(k, n);
          lab.at(`${n}`);
          yield* lab.align();
        }
      }, kernel);
    expect(sleeps('linux-6.1')).toEqual(['0 j=1', '1 j=2', '2 j=3', '10 j=11', '62 j=63']);
    expect(sleeps('linux-2.6.32')).toEqual(['0 j=1', '1 j=1', '2 j=2', '10 j=10', '62 j=62']);
    expect(sleeps('linux-2.4.27')).toEqual(['0 j=1', '1 j=1', '2 j=2', '10 j=10', '62 j=62']);
  });

  it('lets timers armed later in the same jiffy run first', () => {
    const lab = new Lab();
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      mod_timer(
        k.cpu,
        new TimerList(
          'T',
          just(() => lab.at('T')),
        ),
        k.machine.jiffies + 3,
      );
      yield* schedule_timeout_uninterruptible(k, 3);
      lab.at('main');
    });
    expect(lab.run().log).toEqual(['T j=4', 'main j=4']);
  });

  it('ends by kthread_stop, and msleep does not', () => {
    const lab = new Lab();
    const sleeper = (name: string, body: (k: Context) => Code) => lab.task(name, 40, body);
    const a = sleeper('a', function* (k) {
      lab.at('a', yield* schedule_timeout_interruptible(k, 20));
    });
    const b = sleeper('b', function* (k) {
      lab.at('b', yield* schedule_timeout_uninterruptible(k, 20));
    });
    const c = sleeper('c', function* (k) {
      yield* msleep(k, 40);
      lab.at('c');
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      for (const task of [a, b, c]) wake_up_process(k.cpu, task);
      yield* sleep(k, 4);
      for (const task of [a, b, c]) yield* kthread_stop(k, task);
      lab.at('stopped');
    });
    expect(lab.run().log).toEqual(['a(15) j=5', 'b(15) j=5', 'c j=12', 'stopped j=12']);
  });
});

describe('msleep', () => {
  it('lasts a jiffy longer than asked until 6.11, and one more where timers are rounded', () => {
    const ends = (kernel: KernelName): string[] =>
      timed(function* (lab, k) {
        yield* msleep(k, 1);
        lab.at('1');
        yield* lab.align();
        yield* msleep(k, 20);
        lab.at('20');
      }, kernel);
    expect(ends('linux-2.6.32')).toEqual(['1 j=2', '20 j=6']);
    expect(ends('linux-6.1')).toEqual(['1 j=3', '20 j=7']);
    expect(ends('linux-6.12')).toEqual(['1 j=2', '20 j=6']);
  });

  it('_interruptible goes on after a plain wake-up and returns the ms left after a signal', () => {
    const lab = new Lab();
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      lab.at('remaining', yield* msleep_interruptible(k, 100));
      lab.at('second', yield* msleep_interruptible(k, 100));
      yield* msleep(k, 20);
      lab.at('msleep');
    });
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      wake_up_process(k.cpu, a);
      yield* sleep(k, 5);
      wake_up_process(k.cpu, a);
      lab.at('plain');
      yield* sleep(k, 5);
      send_sig(k.cpu, signals.SIGUSR1, a);
      yield* sleep(k, 20);
      lab.at('end');
    });
    expect(lab.run().log).toEqual([
      'plain j=6',
      'remaining(56) j=12',
      'second(104) j=12',
      'msleep j=19',
      'end j=33',
    ]);
  });
});

describe('schedule_hrtimeout', () => {
  it('is exact to the ns, and returns what is left when it was woken before', () => {
    const lab = new Lab();
    const a = lab.start('a', 60, function* (k) {
      k.current.state = TASK_INTERRUPTIBLE;
      const left = yield* schedule_hrtimeout(k, 1_234_567);
      lab.log.push(`${left} left at ${k.machine.sim.now}`);
      k.current.state = TASK_INTERRUPTIBLE;
      const rest = yield* schedule_hrtimeout(k, 10 * MS);
      lab.log.push(`${rest} left at ${k.machine.sim.now}`);
      k.current.state = TASK_INTERRUPTIBLE;
      lab.log.push(`${yield* schedule_hrtimeout(k, 0)} left at ${k.machine.sim.now}`);
    });
    lab.irqAt(
      4 * MS,
      lab.irq(
        'I',
        just((k) => void wake_up_process(k.cpu, a)),
      ),
    );
    expect(lab.run().log).toEqual([
      '0 left at 1234567',
      '7234567 left at 4000000',
      '0 left at 4000000',
    ]);
  });

  it('waits for ticks where there are no high-resolution timers', () => {
    const lab = new Lab({ kernel: 'linux-2.4.27', hz: 100, preemption: 'none' });
    lab.start('a', 60, function* (k) {
      k.current.state = TASK_INTERRUPTIBLE;
      yield* schedule_hrtimeout(k, MS);
      lab.log.push(`${k.machine.sim.now}`);
    });
    expect(lab.run(100).log).toEqual([`${20 * MS}`]);
  });
});
