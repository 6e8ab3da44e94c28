/*
 * Works before worker pools: a thread for each queue and CPU (2.6.24, 2.6.32), keventd (2.4.27).
 * After kernel/workqueue.c and kernel/context.c of these versions.
 */
import { describe, expect, it } from 'vitest';
import type { Code, Context } from '../../models/context.ts';
import type { KernelName } from '../../models/era.ts';
import {
  alloc_workqueue,
  cancel_delayed_work,
  cancel_delayed_work_sync,
  cancel_work,
  cancel_work_sync,
  destroy_workqueue,
  drain_workqueue,
  flush_delayed_work,
  flush_scheduled_tasks,
  flush_work,
  flush_workqueue,
  mod_delayed_work,
  queue_delayed_work,
  queue_work,
  schedule_task,
  schedule_work,
  start_work,
  work_busy,
} from '../../models/workqueue/workqueue.ts';
import { MS, sleep } from './lab.ts';
import { WorkLab } from './workqueue-lab.ts';

const threaded = ['linux-2.6.24', 'linux-2.6.32'] as const;

function labOf(kernel: KernelName, cpus = 1): WorkLab {
  return new WorkLab({ kernel, cpus, preemption: 'none' });
}

function threads(lab: WorkLab): string[] {
  return lab.machine.allTasks.map(({ comm }) => comm);
}

describe.each(threaded)('a workqueue of %s', (kernel) => {
  it('has a thread for each CPU, or a single one', () => {
    const lab = labOf(kernel, 2);
    alloc_workqueue(lab.machine, 'multi', 'percpu');
    alloc_workqueue(lab.machine, 'single', 'ordered');
    lab.start('main', 50, (k) => schedule_work(k, lab.work('A')));
    lab.run();
    const names = ['multi/0', 'multi/1', 'single', 'main', 'events/0', 'events/1'];
    expect(threads(lab)).toEqual(names);
    expect(lab.log).toEqual(['A']);
  });

  it('executes works one by one: others wait for one that sleeps', () => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.sleeper('A', 3));
      yield* queue_work(k, queue, lab.work('B'));
      yield* schedule_work(k, lab.work('other queue'));
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    const log = lab.run().log;
    expect(log.filter((name) => name !== 'other queue')).toEqual(['A', 'A.', 'B', 'flushed']);
    expect(log.indexOf('other queue')).toBeLessThan(log.indexOf('A.'));
  });

  it('flushes what is queued, not what comes later', () => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.sleeper('A', 2));
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    lab.start('late', 40, (k) => queue_work(k, queue, lab.sleeper('B', 2)));
    expect(lab.run().log).toEqual(['A', 'A.', 'B', 'flushed', 'B.']);
  });

  it('may execute one work on two CPUs at once', () => {
    const lab = labOf(kernel, 2);
    const queue = lab.queue();
    const a = lab.sleeper('A', 3);
    lab.start('main', 50, (k) => queue_work(k, queue, a));
    const second = function* (k: Context): Code<number> {
      yield MS;
      return yield* queue_work(k, queue, a);
    };
    lab.start('other', 50, second, { cpu: 1 });
    expect(lab.run().log).toEqual(['A', 'A', 'A.', 'A.']);
  });

  it('cancels a pending work, and waits for one that runs', () => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    const a = lab.sleeper('A', 3);
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      lab.note(k, 'pending', yield* cancel_work_sync(k, a));
      yield* queue_work(k, queue, a);
      yield* sleep(k, 1);
      lab.note(k, 'running', yield* cancel_work_sync(k, a));
      lab.note(k, 'idle', yield* cancel_work_sync(k, a));
    });
    expect(lab.run().log).toEqual(['pending(1)', 'A', 'A.', 'running(0)', 'idle(0)']);
  });

  it('queues a delayed work when its timer fires; cancel_delayed_work stops the timer only', () => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      yield* queue_delayed_work(k, queue, d, 2);
      lab.note(k, 'timer', yield* cancel_delayed_work(k, d));
      yield* queue_delayed_work(k, queue, d, 2);
      yield* lab.busyJiffies(3);
      lab.note(k, 'queued', yield* cancel_delayed_work(k, d));
      yield* sleep(k, 1);
      yield* queue_delayed_work(k, queue, d, 2);
      lab.note(k, 'sync', yield* cancel_delayed_work_sync(k, d));
    });
    expect(lab.run().log).toEqual(['timer(1)', 'queued(0)', 'D j=3', 'sync(1)']);
  });

  it('ends its threads when it is destroyed', () => {
    const lab = labOf(kernel, 2);
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.sleeper('A', 1));
      yield* destroy_workqueue(k, queue);
      lab.note(k, 'destroyed');
    });
    expect(lab.run().log).toEqual(['A', 'A.', 'destroyed']);
    expect([...lab.machine.tasks.values()].map(({ comm }) => comm)).toEqual([]);
  });

  it('does not know what came later', () => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      const d = lab.delayed('D');
      for (const later of [
        () => mod_delayed_work(k, queue, d, 1),
        () => cancel_work(k, d.work),
        () => drain_workqueue(k, queue),
        () => work_busy(lab.machine, d.work),
        () => lab.queue('highpri'),
        () => schedule_task(k.cpu, d.work),
      ]) {
        expect(later).toThrow(`${kernel} has no `);
      }
      yield 0;
      lab.note(k, 'all refused');
    });
    expect(lab.run().log).toEqual(['all refused']);
  });
});

describe('a worker thread that flushes its own queue', () => {
  const flushFromWithin = (kernel: KernelName): string[] => {
    const lab = labOf(kernel);
    const queue = lab.queue();
    const a = lab.work('A', function* (k) {
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* queue_work(k, queue, lab.work('B'));
    });
    return lab.run().log;
  };

  it('executes it in 2.6.24, and waits for ever in 2.6.32', () => {
    expect(flushFromWithin('linux-2.6.24')).toEqual(['A', 'B', 'flushed']);
    expect(flushFromWithin('linux-2.6.32')).toEqual(['A']);
  });
});

describe('flush_work', () => {
  it('came after 2.6.24; in 2.6.32 it waits for a work that is pending or runs', () => {
    const lab = labOf('linux-2.6.32');
    const queue = lab.queue();
    const a = lab.sleeper('A', 2);
    const d = lab.delayed('D');
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* queue_work(k, queue, lab.work('B'));
      lab.note(k, 'pending', yield* flush_work(k, a));
      lab.note(k, 'idle', yield* flush_work(k, a));
      yield* lab.align();
      yield* queue_delayed_work(k, queue, d, 9);
      lab.note(k, 'delayed', yield* flush_delayed_work(k, d));
    });
    const log = ['A', 'A.', 'B', 'pending(1)', 'idle(0)', 'D j=0', 'delayed(1)'];
    expect(lab.run().log).toEqual(log);
    const old = labOf('linux-2.6.24');
    old.start('main', 50, function* (k) {
      expect(() => flush_work(k, a)).toThrow('linux-2.6.24 has no flush_work');
      yield 0;
      old.note(k, 'refused');
    });
    expect(old.run().log).toEqual(['refused']);
  });
});

describe('keventd of 2.4', () => {
  it('executes what schedule_task queued, one by one, once however often it was queued', () => {
    const lab = labOf('linux-2.4.27');
    const [a, b] = [lab.sleeper('A', 2), lab.work('B')];
    lab.start('main', 50, function* (k) {
      lab.note(k, 'A', schedule_task(k.cpu, a));
      lab.note(k, 'A', schedule_task(k.cpu, a));
      lab.note(k, 'B', schedule_task(k.cpu, b));
      yield* flush_scheduled_tasks(k);
      lab.note(k, 'flushed');
    });
    expect(lab.run().log).toEqual(['A(1)', 'A(0)', 'B(1)', 'A', 'A.', 'B', 'flushed']);
    expect(threads(lab)).toEqual(['main', 'keventd']);
  });

  it('takes a work that queues itself in the next round, after all others', () => {
    const lab = labOf('linux-2.4.27');
    let rounds = 0;
    const a = lab.work('A', function* (k) {
      if (++rounds < 3) schedule_task(k.cpu, a);
      yield MS;
    });
    lab.start('main', 50, function* (k) {
      schedule_task(k.cpu, a);
      schedule_task(k.cpu, lab.work('B'));
      yield 0;
    });
    expect(lab.run().log).toEqual(['A', 'B', 'A', 'A']);
  });

  it('is all there is: there are no workqueues', () => {
    const lab = labOf('linux-2.4.27');
    expect(() => lab.queue()).toThrow('linux-2.4.27 has no workqueues');
    start_work(lab.machine.cpus[0]!, lab.work('A'));
    expect(lab.run().log).toEqual(['A']);
  });
});
