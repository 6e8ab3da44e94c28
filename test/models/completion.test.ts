/* Completions: events are counted, waiters are served in order. As recorded on 6.1. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { errno } from '../../models/errno.ts';
import {
  Completion,
  complete,
  complete_all,
  reinit_completion,
  try_wait_for_completion,
  wait_for_completion,
  wait_for_completion_interruptible,
  wait_for_completion_timeout,
} from '../../models/sched/completion.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { allow_signal, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { Lab, just, raise_irq, sleep } from './lab.ts';

describe('a completion', () => {
  it('from an interrupt lets the waiter run at its exit under full', () => {
    const run = (preemption: 'none' | 'full'): string => {
      const lab = new Lab({ preemption });
      const x = new Completion('X');
      const line = lab.irq(
        'I',
        just((k) => complete(k.cpu, x)),
      );
      const a = lab.task('a', 60, function* (k) {
        yield* wait_for_completion(k, x);
        lab.note(k, 'passed');
      });
      lab.start('main', 50, function* (k) {
        wake_up_process(k.cpu, a);
        yield* sleep(k, 2);
        yield* raise_irq(k, line);
        lab.note(k, 'after');
      });
      return lab.run().log.join(' ');
    };
    expect(run('full')).toBe('passed after');
    expect(run('none')).toBe('after passed');
  });

  it('returns the jiffies left, at least 1, and 0 on timeout; 0 sleeps to the next', () => {
    const lab = new Lab({ preemption: 'none' });
    const x = new Completion('X');
    lab.start('main', 50, function* (k) {
      const wait = (n: number) => wait_for_completion_timeout(k, x, n);
      yield* lab.align();
      lab.at('timed_out', yield* wait(4));
      yield* lab.align();
      mod_timer(
        k.cpu,
        new TimerList(
          'T',
          just((on) => complete(on.cpu, x)),
        ),
        k.machine.jiffies + 3,
      );
      lab.at('completed', yield* wait(10));
      complete(k.cpu, x);
      yield* lab.align();
      lab.at('done', yield* wait(10));
      complete(k.cpu, x);
      lab.at('done0', yield* wait(0));
      lab.at('not0', yield* wait(0));
    });
    expect(lab.run().log).toEqual([
      'timed_out(0) j=5',
      'completed(6) j=4',
      'done(10) j=0',
      'done0(1) j=0',
      'not0(0) j=1',
    ]);
  });

  it('is remembered, once for each complete()', () => {
    const lab = new Lab();
    const x = new Completion('X');
    const results: number[] = [];
    lab.start('main', 50, function* (k) {
      complete(k.cpu, x);
      complete(k.cpu, x);
      yield* wait_for_completion(k, x);
      results.push(try_wait_for_completion(k.cpu, x), try_wait_for_completion(k.cpu, x));
      complete_all(k.cpu, x);
      yield* wait_for_completion(k, x);
      yield* wait_for_completion(k, x);
      results.push(try_wait_for_completion(k.cpu, x));
      reinit_completion(x);
      results.push(try_wait_for_completion(k.cpu, x));
    });
    lab.run();
    expect(results).toEqual([1, 0, 1, 0]);
  });

  it('lets waiters go on in the order of their arrival', () => {
    const lab = new Lab();
    const x = new Completion('X');
    const tasks = ['a', 'b', 'c'].map((name) =>
      lab.task(name, 40, function* (k) {
        yield* wait_for_completion(k, x);
        lab.note(k, name);
      }),
    );
    lab.start('main', 50, function* (k) {
      for (const task of tasks) {
        wake_up_process(k.cpu, task);
        yield* sleep(k, 1);
      }
      complete(k.cpu, x);
      yield* sleep(k, 1);
      lab.note(k, 'all');
      complete_all(k.cpu, x);
    });
    expect(lab.run().log).toEqual(['a', 'all', 'b', 'c']);
  });

  it('wakes the first waiter even if it is awake already, and nobody else, since 5.7', () => {
    const woken = (kernel: KernelName): number => {
      const lab = new Lab({ kernel });
      const x = new Completion('X');
      const waiters = ['a', 'b'].map((name) =>
        lab.start(name, 60, function* (k) {
          yield* wait_for_completion(k, x);
        }),
      );
      lab.start('main', 70, function* (k) {
        yield* sleep(k, 2);
        wake_up_process(k.cpu, waiters[0]!);
        complete(k.cpu, x);
        lab.note(k, waiters.map(({ on_rq }) => Number(on_rq)).join(' '));
      });
      return lab.run().log.indexOf('1 1');
    };
    expect(woken('linux-6.1')).toBe(-1);
    expect(woken('linux-2.6.32')).toBe(0);
  });

  it('is not waited for any longer after a signal, if the wait is interruptible', () => {
    const lab = new Lab();
    const x = new Completion('X');
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      lab.note(k, 'first', yield* wait_for_completion_interruptible(k, x));
      complete(k.cpu, x);
      lab.note(k, 'second', yield* wait_for_completion_interruptible(k, x));
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      send_sig(k.cpu, signals.SIGUSR1, a);
    });
    expect(lab.run().log).toEqual([`first(${-errno.ERESTARTSYS})`, 'second(0)']);
    expect(x.wait.entries).toEqual([]);
  });
});
