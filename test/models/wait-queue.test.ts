/* Wait queues: order of wake-ups, exclusive waiters, wait_event and its results. From Linux 6.1. */
import { describe, expect, it } from 'vitest';
import { SCHEDULE, type Code, type Context } from '../../models/context.ts';
import { errno } from '../../models/errno.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import {
  TASK_INTERRUPTIBLE,
  TASK_RUNNING,
  TASK_UNINTERRUPTIBLE,
} from '../../models/sched/state.ts';
import type { Task } from '../../models/sched/task.ts';
import {
  WaitEntry,
  WaitQueueHead,
  add_wait_queue,
  add_wait_queue_exclusive,
  autoremove_wake_function,
  finish_wait,
  prepare_to_wait,
  prepare_to_wait_exclusive,
  remove_wait_queue,
  wait_event,
  wait_event_interruptible,
  wait_event_interruptible_exclusive,
  wait_event_interruptible_timeout,
  wait_event_killable,
  wait_event_timeout,
  waitqueue_active,
  wake_up,
  wake_up_all,
  wake_up_interruptible,
  wake_up_interruptible_all,
  wake_up_nr,
} from '../../models/sched/wait.ts';
import { allow_signal, signal_pending, signals } from '../../models/signal/signal.ts';
import { send_sig } from '../../models/signal/send.ts';
import { schedule_timeout } from '../../models/time/sleep.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { Lab, just, raise_irq, sleep } from './lab.ts';

/** `waiters` begin to wait one jiffy after the other, then `then` runs. */
function waiting(
  names: string,
  wait: (k: Context, name: string, lab: Lab) => Code,
  then: (k: Context, lab: Lab, tasks: Task[]) => Code,
): string {
  const lab = new Lab();
  const tasks = [...names].map((name) => lab.task(name, 40, (k) => wait(k, name, lab)));
  lab.start('main', 50, function* (k) {
    for (const task of tasks) {
      wake_up_process(k.cpu, task);
      yield* sleep(k, 1);
    }
    yield* then(k, lab, tasks);
  });
  return lab.run().log.join(' ');
}

describe('a wake-up', () => {
  it('wakes non-exclusive waiters, the last one first', () => {
    const queue = new WaitQueueHead('Q');
    const log = waiting(
      'abc',
      function* (k, name, lab) {
        k.current.state = TASK_UNINTERRUPTIBLE;
        const entry = new WaitEntry(k.current);
        add_wait_queue(queue, entry);
        yield SCHEDULE;
        lab.note(k, name);
        remove_wait_queue(entry);
      },
      function* (k, lab) {
        wake_up(k.cpu, queue);
        lab.note(k, 'woke');
        yield* sleep(k, 2);
        lab.note(k, 'end');
      },
    );
    expect(log).toBe('woke c b a end');
  });

  it('wakes exclusive waiters one at a time, the first one first, after all others', () => {
    const queue = new WaitQueueHead('Q');
    const log = waiting(
      'abXcY',
      function* (k, name, lab) {
        k.current.state = TASK_UNINTERRUPTIBLE;
        const entry = new WaitEntry(k.current, autoremove_wake_function);
        if (name >= 'a') add_wait_queue_exclusive(queue, entry);
        else add_wait_queue(queue, entry);
        yield SCHEDULE;
        lab.note(k, name);
      },
      function* (k, lab) {
        for (let i = 1; i <= 3; i++) {
          wake_up(k.cpu, queue);
          yield* sleep(k, 1);
          lab.note(k, `${i}`);
        }
      },
    );
    expect(log).toBe('Y X a 1 b 2 c 3');
  });

  it('takes as many exclusive waiters as it was told, wake_up_all every one', () => {
    const queue = new WaitQueueHead('Q');
    const log = waiting(
      'abcd',
      function* (k, name, lab) {
        const entry = new WaitEntry(k.current, autoremove_wake_function);
        prepare_to_wait_exclusive(k, queue, entry, TASK_UNINTERRUPTIBLE);
        yield SCHEDULE;
        lab.note(k, name);
        finish_wait(k, entry);
      },
      function* (k, lab) {
        wake_up_nr(k.cpu, queue, 2);
        yield* sleep(k, 2);
        lab.note(k, 'phase');
        wake_up_all(k.cpu, queue);
        yield* sleep(k, 2);
      },
    );
    expect(log).toBe('a b phase c d');
  });

  it('spends itself on an entry that stays queued, but not on one that is awake', () => {
    const queue = new WaitQueueHead('Q');
    const active: boolean[] = [];
    const log = waiting(
      'ab',
      function* (k, name, lab) {
        k.current.state = TASK_UNINTERRUPTIBLE;
        const entry = new WaitEntry(k.current);
        add_wait_queue_exclusive(queue, entry);
        yield SCHEDULE;
        lab.note(k, name);
        remove_wait_queue(entry);
      },
      function* (k) {
        for (let i = 0; i < 2; i++) {
          wake_up(k.cpu, queue);
          active.push(waitqueue_active(queue));
        }
        yield* sleep(k, 2);
        active.push(waitqueue_active(queue));
      },
    );
    expect(log).toBe('a b');
    expect(active).toEqual([true, true, false]);
  });

  it('of interruptible sleepers leaves the others asleep', () => {
    const queue = new WaitQueueHead('Q');
    const log = waiting(
      'iu',
      function* (k, name, lab) {
        const entry = new WaitEntry(k.current, autoremove_wake_function);
        const state = name === 'i' ? TASK_INTERRUPTIBLE : TASK_UNINTERRUPTIBLE;
        prepare_to_wait(k, queue, entry, state);
        yield SCHEDULE;
        lab.note(k, name);
      },
      function* (k, lab) {
        wake_up_interruptible(k.cpu, queue);
        yield* sleep(k, 1);
        lab.note(k, 'main');
        wake_up(k.cpu, queue);
      },
    );
    expect(log).toBe('i main u');
  });

  it('can come from a task, an interrupt or a timer', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    const timer = new TimerList(
      'T',
      just((k) => wake_up(k.cpu, queue)),
    );
    let n = 0;
    lab.start('waiter', 60, function* (k) {
      for (let i = 1; i <= 3; i++) {
        yield* wait_event(k, queue, () => n >= i);
        lab.note(k, `${i}`);
      }
    });
    lab.start('main', 50, function* (k) {
      n++;
      wake_up(k.cpu, queue);
      yield 0;
      n++;
      const line = lab.irq(
        'I',
        just((on) => wake_up(on.cpu, queue)),
      );
      yield* raise_irq(k, line);
      n++;
      mod_timer(k.cpu, timer, k.machine.jiffies + 1);
      yield* sleep(k, 5);
    });
    expect(lab.run().log).toEqual(['1', '2', '3']);
  });
});

describe('wait_event', () => {
  it('sleeps on while its condition does not hold', () => {
    const queue = new WaitQueueHead('Q');
    let x = 0;
    const log = waiting(
      'abc',
      function* (k, name, lab) {
        yield* wait_event(k, queue, () => x === 1);
        lab.note(k, name);
      },
      function* (k, lab) {
        wake_up(k.cpu, queue);
        yield* sleep(k, 2);
        lab.note(k, 'nobody');
        x = 1;
        wake_up(k.cpu, queue);
        yield* sleep(k, 2);
      },
    );
    // The vain wake-up has turned the queue round: who went back to sleep last is woken first.
    expect(log).toBe('nobody a b c');
  });

  it('of exclusive waiters lets one pass for each wake_up', () => {
    const queue = new WaitQueueHead('Q');
    let x = 0;
    const log = waiting(
      'abc',
      function* (k, name, lab) {
        yield* wait_event_interruptible_exclusive(k, queue, () => x === 1);
        lab.note(k, name);
      },
      function* (k, lab) {
        x = 1;
        for (const phase of ['1', '2']) {
          wake_up(k.cpu, queue);
          yield* sleep(k, 2);
          lab.note(k, phase);
        }
        wake_up_interruptible_all(k.cpu, queue);
        yield* sleep(k, 2);
      },
    );
    expect(log).toBe('a 1 b 2 c');
  });

  it('loses no wake-up that comes between its test and its sleep', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    const line = lab.irq(
      'I',
      just((k) => wake_up(k.cpu, queue)),
    );
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      const entry = new WaitEntry(k.current, autoremove_wake_function);
      prepare_to_wait(k, queue, entry, TASK_UNINTERRUPTIBLE);
      yield* raise_irq(k, line);
      lab.at('slept', yield* schedule_timeout(k, 6));
      finish_wait(k, entry);
    });
    expect(lab.run().log).toEqual(['slept(6) j=0']);
  });

  it('evaluates its condition once for each look, so that it may take something', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    let items = 3;
    let looks = 0;
    const take = (): boolean => {
      looks++;
      return items > 0 && items-- > 0;
    };
    lab.start('main', 50, function* (k) {
      yield* wait_event(k, queue, take);
      yield* wait_event_timeout(k, queue, take, 5);
      yield* wait_event_timeout(k, queue, take, 0);
    });
    lab.run();
    expect([items, looks]).toEqual([0, 3]);
  });

  it('with a timeout returns the jiffies left, at least 1 if the condition holds', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    let [x, silent] = [0, 0];
    const later = (k: Context, act: () => void): void => {
      mod_timer(k.cpu, new TimerList('T', just(act)), k.machine.jiffies + 3);
    };
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      lab.at('timed_out', yield* wait_event_timeout(k, queue, () => false, 4));
      yield* lab.align();
      later(k, () => {
        x = 1;
        wake_up(k.cpu, queue);
      });
      lab.at('woken', yield* wait_event_timeout(k, queue, () => x === 1, 10));
      yield* lab.align();
      lab.at('true', yield* wait_event_timeout(k, queue, () => true, 10));
      lab.at('true0', yield* wait_event_timeout(k, queue, () => true, 0));
      lab.at('false0', yield* wait_event_timeout(k, queue, () => false, 0));
      later(k, () => (silent = 1));
      lab.at('silent', yield* wait_event_timeout(k, queue, () => silent === 1, 5));
    });
    expect(lab.run().log).toEqual([
      'timed_out(0) j=5',
      'woken(6) j=4',
      'true(10) j=0',
      'true0(1) j=0',
      'false0(0) j=0',
      'silent(1) j=6',
    ]);
  });

  it('that a signal ends returns -ERESTARTSYS, unless the condition holds', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    let x = 0;
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      const holds = (): boolean => x === 1;
      lab.note(k, 'first', yield* wait_event_interruptible(k, queue, holds));
      lab.note(k, 'timed', yield* wait_event_interruptible_timeout(k, queue, holds, 5));
      x = 1;
      lab.note(k, 'true', yield* wait_event_interruptible(k, queue, holds));
      lab.note(k, 'pending', signal_pending(k.current) ? 1 : 0);
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 3);
      send_sig(k.cpu, signals.SIGUSR1, a);
    });
    const restart = -errno.ERESTARTSYS;
    expect(lab.run().log).toEqual([
      `first(${restart})`,
      `timed(${restart})`,
      'true(0)',
      'pending(1)',
    ]);
    expect(a.state).not.toBe(TASK_RUNNING);
    expect(queue.entries).toEqual([]);
  });

  it('that a signal ends takes no exclusive wake-up from another waiter', () => {
    const lab = new Lab({ costs: { access: 1000 } });
    const queue = new WaitQueueHead('Q');
    let x = 0;
    const waiter = (name: string, prio: number) =>
      lab.task(name, prio, function* (k) {
        allow_signal(k.current, signals.SIGUSR1);
        const holds = (): boolean => name === 'b' && x === 1;
        lab.note(k, name, yield* wait_event_interruptible_exclusive(k, queue, holds));
      });
    const [a, b] = [waiter('a', 60), waiter('b', 55)];
    const line = lab.irq(
      'I',
      just((k) => {
        x = 1;
        wake_up(k.cpu, queue);
      }),
    );
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      wake_up_process(k.cpu, b);
      yield* sleep(k, 2);
      // The wake-up comes while `a`, interrupted, looks at its condition for the last time.
      lab.irqAt(k.machine.sim.now + 500, line);
      send_sig(k.cpu, signals.SIGUSR1, a);
      yield 0;
    });
    expect(lab.run().log).toEqual([`a(${-errno.ERESTARTSYS})`, 'b(0)']);
  });

  it('killable is ended by SIGKILL alone', () => {
    const lab = new Lab();
    const queue = new WaitQueueHead('Q');
    const a = lab.task('a', 60, function* (k) {
      allow_signal(k.current, signals.SIGUSR1);
      allow_signal(k.current, signals.SIGKILL);
      lab.note(k, 'a', yield* wait_event_killable(k, queue, () => false));
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, a);
      yield* sleep(k, 1);
      send_sig(k.cpu, signals.SIGUSR1, a);
      yield* sleep(k, 1);
      lab.note(k, 'main');
      send_sig(k.cpu, signals.SIGKILL, a);
    });
    expect(lab.run().log).toEqual(['main', `a(${-errno.ERESTARTSYS})`]);
  });
});
