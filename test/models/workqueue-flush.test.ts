/* Waiting for works, cancelling them, and works with a timer, as Linux 6.1 has it. */
import { describe, expect, it } from 'vitest';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  cancel_work,
  cancel_work_sync,
  destroy_workqueue,
  drain_workqueue,
  flush_delayed_work,
  flush_work,
  flush_workqueue,
  mod_delayed_work,
  queue_delayed_work,
  queue_work,
} from '../../models/workqueue/workqueue.ts';
import { US, sleep } from './lab.ts';
import { WorkLab } from './workqueue-lab.ts';

describe('flush_work', () => {
  it('waits for a work that is pending or runs, and returns 0 for an idle one', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.sleeper('A', 3);
    lab.start('main', 50, function* (k) {
      lab.note(k, 'never queued', yield* flush_work(k, a));
      yield* queue_work(k, queue, a);
      lab.note(k, 'pending', yield* flush_work(k, a));
      yield* queue_work(k, queue, a);
      yield* sleep(k, 1);
      lab.note(k, 'running', yield* flush_work(k, a));
      lab.note(k, 'idle', yield* flush_work(k, a));
    });
    const log = ['never queued(0)', 'A', 'A.', 'pending(1)', 'A', 'A.', 'running(1)', 'idle(0)'];
    expect(lab.run().log).toEqual(log);
  });

  it('waits for the last queueing of a work that runs and is queued again', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.sleeper('A', 4);
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* sleep(k, 2);
      yield* queue_work(k, queue, a);
      lab.note(k, 'flushed', yield* flush_work(k, a));
    });
    expect(lab.run().log).toEqual(['A', 'A.', 'A', 'A.', 'flushed(1)']);
  });

  it('does not wait for works behind it', () => {
    const lab = new WorkLab();
    const queue = lab.queue('ordered');
    const [a, b] = [lab.sleeper('A', 2), lab.sleeper('B', 2)];
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* queue_work(k, queue, b);
      yield* flush_work(k, a);
      lab.note(k, 'A is done');
      yield* flush_work(k, b);
      lab.note(k, 'B is done');
    });
    expect(lab.run().log).toEqual(['A', 'A.', 'A is done', 'B', 'B.', 'B is done']);
  });

  it('waits for ever in the work itself', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.work('A', function* (k) {
      yield* flush_work(k, a);
      lab.note(k, 'never');
    });
    lab.start('main', 50, (k) => queue_work(k, queue, a));
    expect(lab.run().log).toEqual(['A']);
    const stuck = lab.machine.blockedTasks().find(({ waitingFor }) => waitingFor === 'A');
    expect(stuck?.comm).toBe('kworker/0:0');
  });
});

describe('flush_workqueue', () => {
  it('waits for all that is queued, not for what comes later', () => {
    const lab = new WorkLab();
    const queue = lab.queue('ordered');
    const works = ['A', 'B', 'C'].map((name) => lab.sleeper(name, 1));
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, works[0]!);
      yield* queue_work(k, queue, works[1]!);
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    lab.start('late', 40, (k) => queue_work(k, queue, works[2]!));
    expect(lab.run().log).toEqual(['A', 'A.', 'B', 'B.', 'flushed', 'C', 'C.']);
  });

  it('returns at once if nothing is queued', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* flush_workqueue(k, queue);
      lab.at('flushed');
    });
    expect(lab.run().log).toEqual(['flushed j=0']);
  });

  it('lets everybody wait for his own works only, more of them than there are colours', () => {
    const lab = new WorkLab();
    const queue = lab.queue('ordered');
    const flushers = 40;
    for (let i = 0; i < flushers; i++) {
      const work = lab.sleeper(`W${i}`, 1);
      lab.start(`F${i}`, 50, function* (k) {
        yield* queue_work(k, queue, work);
        yield* flush_workqueue(k, queue);
        lab.note(k, `F${i}`);
      });
    }
    const { log } = lab.run();
    for (let i = 0; i < flushers; i++) {
      expect(log.indexOf(`F${i}`)).toBeGreaterThan(log.indexOf(`W${i}.`));
    }
    // With a colour of his own a flusher goes on before the next work ends.
    for (let i = 0; i < 14; i++)
      expect(log.indexOf(`F${i}`)).toBeLessThan(log.indexOf(`W${i + 2}.`));
    expect(log).toHaveLength(3 * flushers);
  });

  it('waits on every CPU', () => {
    const lab = new WorkLab({ cpus: 2 });
    const queue = lab.queue();
    const [a, b] = [lab.sleeper('A', 2), lab.sleeper('B', 5)];
    lab.start('other', 50, (k) => queue_work(k, queue, b), { cpu: 1 });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield 10 * US;
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    expect(lab.run().log.slice(-3)).toEqual(['A.', 'B.', 'flushed']);
  });
});

describe('drain_workqueue', () => {
  it('waits until works that queue themselves stop; those of others are refused', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    let rounds = 0;
    const chain = lab.work('chain', function* (k) {
      yield* sleep(k, 1);
      if (++rounds < 3) yield* queue_work(k, queue, chain);
    });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, chain);
      yield* drain_workqueue(k, queue);
      lab.note(k, 'drained');
    });
    lab.start('late', 40, (k) => queue_work(k, queue, lab.work('late')));
    expect(lab.run().log).toEqual(['chain', 'chain', 'chain', 'drained']);
  });
});

describe('destroy_workqueue', () => {
  it('waits for the works; to queue afterwards is a use after free', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.sleeper('A', 1));
      yield* destroy_workqueue(k, queue);
      lab.note(k, 'destroyed');
      yield* queue_work(k, queue, lab.work('B'));
    });
    expect(lab.run().log).toEqual(['A', 'A.', 'destroyed']);
    expect(lab.machine.findings.all.map(({ kind, object }) => [kind, object])).toEqual([
      ['use-after-free', 'Q'],
    ]);
  });
});

describe('cancel_work and cancel_work_sync', () => {
  it('of a pending work return 1 and it never runs', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.work('A');
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      lab.note(k, 'cancel', yield* cancel_work(k, a));
      lab.note(k, 'cancel', yield* cancel_work(k, a));
      lab.note(k, 'queue', yield* queue_work(k, queue, a));
      lab.note(k, 'sync', yield* cancel_work_sync(k, a));
      lab.note(k, 'sync', yield* cancel_work_sync(k, a));
    });
    expect(lab.run().log).toEqual(['cancel(1)', 'cancel(0)', 'queue(1)', 'sync(1)', 'sync(0)']);
  });

  it('of a work that runs return 0, the second after its end', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.sleeper('A', 4);
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* sleep(k, 1);
      lab.note(k, 'cancel', yield* cancel_work(k, a));
      lab.note(k, 'sync', yield* cancel_work_sync(k, a));
    });
    expect(lab.run().log).toEqual(['A', 'cancel(0)', 'A.', 'sync(0)']);
  });

  it('of a work that runs and is pending keep it from running again', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.work('A', function* (k) {
      lab.note(k, 'again', yield* queue_work(k, queue, a));
      yield* sleep(k, 3);
      lab.note(k, 'again', yield* queue_work(k, queue, a));
    });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* sleep(k, 1);
      lab.note(k, 'sync', yield* cancel_work_sync(k, a));
      lab.note(k, 'queue', yield* queue_work(k, queue, a));
      yield* cancel_work(k, a);
    });
    expect(lab.run().log).toEqual(['A', 'again(1)', 'again(0)', 'sync(1)', 'queue(1)']);
  });

  it('may be called by several at once: one after the other', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const a = lab.sleeper('A', 4);
    const canceller = (name: string) =>
      lab.start(name, 50, function* (k) {
        yield* sleep(k, 1);
        lab.note(k, name, yield* cancel_work_sync(k, a));
      });
    lab.start('main', 60, (k) => queue_work(k, queue, a));
    canceller('X');
    canceller('Y');
    expect(lab.run().log.sort()).toEqual(['A', 'A.', 'X(0)', 'Y(0)']);
  });
});

describe('a delayed work', () => {
  it('runs when the timer has fired, and is pending from the beginning', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      lab.note(k, 'queue', yield* queue_delayed_work(k, queue, d, 3));
      lab.note(k, 'queue', yield* queue_delayed_work(k, queue, d, 1));
      lab.note(k, 'queue', yield* queue_work(k, queue, d.work));
    });
    expect(lab.run().log).toEqual(['queue(1)', 'queue(0)', 'queue(0)', 'D j=4']);
  });

  it('without a delay is queued at once', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      yield* queue_delayed_work(k, queue, d, 0);
    });
    expect(lab.run().log).toEqual(['D j=0']);
  });

  it('gets another delay by mod_delayed_work, pending or not', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      lab.note(k, 'mod', yield* mod_delayed_work(k, queue, d, 9));
      lab.note(k, 'mod', yield* mod_delayed_work(k, queue, d, 2));
      yield* mod_delayed_work(k, queue, d, 0);
      lab.note(k, 'mod', yield* mod_delayed_work(k, queue, d, 5));
    });
    expect(lab.run().log).toEqual(['mod(0)', 'mod(1)', 'mod(1)', 'D j=6']);
  });

  it('is cancelled while its timer runs, while it is queued, and when it is done', () => {
    for (const cancel of [cancel_delayed_work, cancel_delayed_work_sync]) {
      const lab = new WorkLab();
      const queue = lab.queue();
      const d = lab.delayed('D');
      lab.start('main', 50, function* (k) {
        yield* lab.align();
        yield* queue_delayed_work(k, queue, d, 3);
        lab.note(k, 'timer', yield* cancel(k, d));
        yield* queue_delayed_work(k, queue, d, 1);
        yield* lab.busyJiffies(3);
        lab.note(k, 'queued', yield* cancel(k, d));
        yield* queue_delayed_work(k, queue, d, 1);
        yield* sleep(k, 3);
        lab.note(k, 'done', yield* cancel(k, d));
      });
      expect(lab.run().log).toEqual(['timer(1)', 'queued(1)', 'D j=5', 'done(0)']);
    }
  });

  it('runs at once when it is flushed', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      yield* queue_delayed_work(k, queue, d, 9);
      lab.note(k, 'flush', yield* flush_delayed_work(k, d));
      lab.note(k, 'flush', yield* flush_delayed_work(k, d));
    });
    expect(lab.run().log).toEqual(['D j=0', 'flush(1)', 'flush(0)']);
  });
});
