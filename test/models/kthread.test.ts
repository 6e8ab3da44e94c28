/* Kernel threads: created asleep, stopped by kthread_stop. As recorded on 6.1. */
import { describe, expect, it } from 'vitest';
import { SCHEDULE } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { kthread_should_stop, kthread_stop } from '../../models/kthread.ts';
import { Semaphore, down_interruptible } from '../../models/locking/semaphore.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { TASK_DEAD, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../../models/sched/state.ts';
import { send_sig } from '../../models/signal/send.ts';
import { Lab, MS, set_state, sleep, wake } from './lab.ts';

describe('a kernel thread', () => {
  it('does not run before it is woken, and sleeps uninterruptibly until then', () => {
    const lab = new Lab({ preemption: 'none' });
    const a = lab.task('a', 60, function* (k) {
      lab.note(k, 'a');
      yield 0;
    });
    const never = lab.task('never', 60, function* (k) {
      lab.note(k, 'never');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      yield* sleep(k, 3);
      lab.note(k, 'woke', yield* wake(k, a));
      yield* sleep(k, 2);
    });
    expect(lab.run().log).toEqual(['woke(1)', 'a']);
    expect(never.state).toBe(TASK_UNINTERRUPTIBLE);
    expect(a.state).toBe(TASK_DEAD);
  });

  it('that was created long ago is not put behind those that have run since', () => {
    const lab = new Lab();
    const a = lab.task(
      'a',
      0,
      function* (k) {
        lab.note(k, 'a');
        yield 0;
      },
      { policy: 'SCHED_NORMAL' },
    );
    lab.start(
      'hog',
      0,
      function* (k) {
        yield 100 * MS;
        yield* wake(k, a);
        lab.note(k, 'hog');
      },
      { policy: 'SCHED_NORMAL' },
    );
    expect(lab.run().log).toEqual(['a', 'hog']);
  });

  it('that was just created starts a slice later than those that run', () => {
    const lab = new Lab();
    lab.start(
      'hog',
      0,
      function* (k) {
        yield 100 * MS;
        const a = lab.task(
          'a',
          0,
          function* (on) {
            lab.note(on, 'a');
            yield 0;
          },
          { policy: 'SCHED_NORMAL' },
        );
        yield* wake(k, a);
        lab.note(k, 'hog');
      },
      { policy: 'SCHED_NORMAL' },
    );
    expect(lab.run().log).toEqual(['hog', 'a']);
  });

  it('returns its value to kthread_stop', () => {
    const lab = new Lab();
    const a = lab.task('a', 40, function* (k) {
      lab.note(k, 'should_stop', kthread_should_stop(k) ? 1 : 0);
      set_state(k, TASK_INTERRUPTIBLE);
      yield SCHEDULE;
      lab.note(k, 'should_stop', kthread_should_stop(k) ? 1 : 0);
      return 7;
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 2);
      lab.note(k, 'stop', yield* kthread_stop(k, a));
      lab.note(k, 'again', yield* kthread_stop(k, a));
    });
    expect(lab.run().log).toEqual(['should_stop(0)', 'should_stop(1)', 'stop(7)', 'again(7)']);
  });

  it('that is stopped before its first run never runs', () => {
    const lab = new Lab();
    const a = lab.task('a', 60, function* (k) {
      lab.note(k, 'a');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      lab.note(k, 'stop', yield* kthread_stop(k, a));
    });
    expect(lab.run().log).toEqual([`stop(${-errno.EINTR})`]);
  });

  it('is also got out of an interruptible wait that tests for signals, in 6.1', () => {
    const run = (kernel: 'linux-6.1' | 'linux-2.6.32'): string => {
      const lab = new Lab({ kernel });
      const sem = new Semaphore('S', 0);
      const a = lab.task('a', 60, function* (k) {
        const result = yield* down_interruptible(k, sem);
        lab.note(k, 'a', result);
        return result;
      });
      lab.start('main', 50, function* (k) {
        wake_up_process(k.cpu, a);
        yield* sleep(k, 2);
        lab.note(k, 'stop', yield* kthread_stop(k, a));
      });
      return lab.run().log.join(' ');
    };
    expect(run('linux-6.1')).toBe(`a(${-errno.EINTR}) stop(${-errno.EINTR})`);
    expect(run('linux-2.6.32')).toBe('');
  });

  it('that has ended can be sent no signal: -ESRCH', () => {
    const lab = new Lab();
    const results: number[] = [];
    const ended = lab.start('a', 60, function* () {
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      yield* sleep(k, 1);
      results.push(send_sig(k.cpu, 10, ended));
    });
    lab.run();
    expect(results).toEqual([-3]);
  });

  it('has a name of at most 15 characters', () => {
    const lab = new Lab();
    const task = lab.task('a_name_that_is_far_too_long', 0, function* () {
      yield 0;
    });
    expect(task.comm).toBe('a_name_that_is_');
    expect(task.actor).toBe('a_name_that_is_far_too_long');
  });
});
