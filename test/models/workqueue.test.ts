/*
 * Workqueues as Linux 6.1 has them: who executes a work and when. Orders from kernel/workqueue.c
 * and from recordings of 6.1.192 (test/conformance/kernel/cases/wq-*).
 */
import { describe, expect, it } from 'vitest';
import { local_irq_restore, local_irq_save, preempt_disable } from '../../models/cpu/preempt.ts';
import {
  cancel_work,
  flush_workqueue,
  queue_work,
  queue_work_on,
  schedule_work,
  work_busy,
} from '../../models/workqueue/workqueue.ts';
import { US, MS, raise_irq, sleep } from './lab.ts';
import { WorkLab } from './workqueue-lab.ts';

const models = ['none', 'voluntary', 'full'] as const;

describe('the works of a CPU', () => {
  it('run one after the other, in the order of queueing, in a kworker of the CPU', () => {
    const lab = new WorkLab({ record: true });
    const queue = lab.queue();
    const works = ['A', 'B', 'C'].map((name) => lab.work(name));
    lab.start('main', 50, function* (k) {
      for (const work of works) yield* queue_work(k, queue, work);
      lab.note(k, 'queued');
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    expect(lab.run().log).toEqual(['queued', 'A', 'B', 'C', 'flushed']);
    const starts = lab.rows().filter((row) => row.includes('workqueue_execute_start'));
    expect(starts.map((row) => row.split(',')[5])).toEqual(Array(3).fill('kworker/0:0'));
    expect(lab.count('workqueue_queue_work')).toBe(3);
    expect(lab.count('workqueue_activate_work')).toBe(3);
    expect(lab.count('workqueue_execute_end')).toBe(3);
  });

  it('begin while another sleeps, not while another runs', () => {
    for (const preemption of models) {
      const lab = new WorkLab({ preemption });
      const queue = lab.queue();
      const a = lab.sleeper('A', 3);
      const b = lab.work('B', function* () {
        yield 300 * US;
        lab.log.push('B.');
      });
      const c = lab.work('C');
      lab.start('main', 50, function* (k) {
        for (const work of [a, b, c]) yield* queue_work(k, queue, work);
        yield* flush_workqueue(k, queue);
        lab.note(k, 'flushed');
      });
      expect(lab.run().log).toEqual(['A', 'B', 'B.', 'C', 'A.', 'flushed']);
    }
  });

  it('may all sleep at once: a worker is made when none is idle', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const names = Array.from({ length: 12 }, (_, i) => `W${i}`);
    lab.start('main', 50, function* (k) {
      for (const name of names) yield* queue_work(k, queue, lab.sleeper(name, 5));
      yield* flush_workqueue(k, queue);
      lab.note(k, 'flushed');
    });
    expect(lab.run().log.slice(0, 12)).toEqual(names);
    expect(lab.log.slice(12, 24).sort()).toEqual(names.map((name) => `${name}.`).sort());
    expect(lab.log[24]).toBe('flushed');
    const workers = lab.machine.allTasks.filter(({ comm }) => comm.startsWith('kworker/'));
    expect(workers.map(({ comm }) => comm)).toContain('kworker/0:12');
    expect(workers).toHaveLength(13);
  });

  it('wait for the end of one that hogs the CPU, unless it is marked as such', () => {
    for (const [flavour, order] of [
      ['percpu', ['hog', 'hog.', 'B']],
      ['cpu_intensive', ['hog', 'B', 'hog.']],
    ] as const) {
      const lab = new WorkLab({ preemption: 'full' });
      const queue = lab.queue(flavour);
      const hog = lab.work('hog', function* () {
        for (let i = 0; i < 100; i++) yield MS;
        lab.log.push('hog.');
      });
      lab.start('main', 50, function* (k) {
        yield* queue_work(k, queue, hog);
        yield* queue_work(k, queue, lab.work('B'));
      });
      expect(lab.run().log).toEqual(order);
    }
  });

  it('stay on the CPU that queued them, or on the one that is asked for', () => {
    const lab = new WorkLab({ cpus: 2, record: true });
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.work('here'));
      yield* queue_work_on(k, lab.machine.cpus[1]!, queue, lab.work('there'));
    });
    lab.run();
    const starts = lab.rows().filter((row) => row.includes('workqueue_execute_start'));
    const where = starts.map((row) => row.split(',')).map((f) => `${f[8]} ${f[5]} on ${f[2]}`);
    expect(where.sort()).toEqual(['here kworker/0:0 on 0', 'there kworker/1:0 on 1']);
  });

  it('of a queue with high priority have workers of nice -20', () => {
    const lab = new WorkLab();
    const queue = lab.queue('highpri');
    lab.start('main', 50, (k) => queue_work(k, queue, lab.work('A')));
    lab.run();
    const worker = lab.machine.allTasks.find(({ comm }) => comm === 'kworker/0:0H')!;
    expect([worker.nice, worker.policy]).toEqual([-20, 'SCHED_NORMAL']);
  });

  it('of the queue of the system run with those of other queues', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, lab.sleeper('A', 2));
      yield* schedule_work(k, lab.work('B'));
      yield* queue_work(k, queue, lab.work('C'));
    });
    expect(lab.run().log).toEqual(['A', 'B', 'C', 'A.']);
  });
});

describe('max_active', () => {
  it('of 1 lets works wait for one that sleeps', () => {
    for (const [flavour, max] of [
      ['percpu1', 0],
      ['percpu', 1],
      ['ordered', 0],
    ] as const) {
      const lab = new WorkLab();
      const queue = lab.queue(flavour, max);
      lab.start('main', 50, function* (k) {
        for (const work of [lab.sleeper('A', 3), lab.work('B'), lab.work('C')]) {
          yield* queue_work(k, queue, work);
        }
        yield* flush_workqueue(k, queue);
        lab.note(k, 'flushed');
      });
      expect(lab.run().log).toEqual(['A', 'A.', 'B', 'C', 'flushed']);
    }
  });

  it('counts for each CPU, except in a queue that has one pool', () => {
    for (const [flavour, order] of [
      ['percpu1', ['A', 'B', 'A.', 'B.']],
      ['ordered', ['A', 'A.', 'B', 'B.']],
    ] as const) {
      const lab = new WorkLab({ cpus: 2 });
      const queue = lab.queue(flavour);
      const [a, b] = [lab.sleeper('A', 3), lab.sleeper('B', 3)];
      lab.start('main', 50, (k) => queue_work(k, queue, a));
      lab.start(
        'other',
        50,
        function* (k) {
          yield 10 * US;
          yield* queue_work(k, queue, b);
        },
        { cpu: 1 },
      );
      expect(lab.run().log).toEqual(order);
    }
  });

  it('gives its place to the next when a work is cancelled', () => {
    const lab = new WorkLab();
    const queue = lab.queue('percpu1');
    const [a, b, c] = [lab.work('A'), lab.work('B'), lab.work('C')];
    lab.start('main', 50, function* (k) {
      for (const work of [a, b, c]) yield* queue_work(k, queue, work);
      lab.note(k, 'cancel', yield* cancel_work(k, a));
      lab.note(k, 'cancel', yield* cancel_work(k, b));
    });
    expect(lab.run().log).toEqual(['cancel(1)', 'cancel(1)', 'C']);
  });
});

describe('an unbound queue', () => {
  it('uses another CPU while this one is busy, all its works at once', () => {
    const lab = new WorkLab({ cpus: 2, record: true });
    const queue = lab.queue('unbound');
    const done: string[] = [];
    const work = (name: string) =>
      lab.work(name, function* () {
        yield 200 * US;
        done.push(name);
      });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, work('A'));
      yield* queue_work(k, queue, work('B'));
      yield 300 * US;
      lab.note(k, 'main', done.length);
    });
    lab.run();
    expect(lab.log).toContain('main(1)');
    const row = lab.rows().find((text) => text.includes('workqueue_execute_start'))!;
    expect(row.split(',')[5]).toBe('kworker/u4:0');
  });
});

describe('a work', () => {
  it('that is pending is not queued again; one that runs is, and runs again afterwards', () => {
    const lab = new WorkLab({ cpus: 2 });
    const queue = lab.queue();
    const a = lab.sleeper('A', 4);
    lab.start('main', 50, function* (k) {
      lab.note(k, 'queued', yield* queue_work(k, queue, a));
      lab.note(k, 'queued', yield* queue_work(k, queue, a));
      yield* sleep(k, 2);
      lab.note(k, 'busy', work_busy(lab.machine, a));
      const elsewhere = lab.machine.cpus[1]!;
      lab.note(k, 'queued', yield* queue_work_on(k, elsewhere, queue, a));
      lab.note(k, 'queued', yield* queue_work(k, queue, a));
      lab.note(k, 'busy', work_busy(lab.machine, a));
    });
    const log = ['queued(1)', 'queued(0)', 'A', 'busy(2)', 'queued(1)', 'queued(0)', 'busy(3)'];
    expect(lab.run().log).toEqual([...log, 'A.', 'A', 'A.']);
  });

  it('that queues itself runs again and again, and lets others in between', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    let rounds = 0;
    const a = lab.work('A', function* (k) {
      if (++rounds < 3) yield* queue_work(k, queue, a);
    });
    lab.start('main', 50, function* (k) {
      yield* queue_work(k, queue, a);
      yield* queue_work(k, queue, lab.work('B'));
    });
    expect(lab.run().log).toEqual(['A', 'B', 'A', 'A']);
  });

  it('may be queued from an interrupt', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    const line = lab.irq('I', function* (k) {
      lab.note(k, 'I', yield* queue_work(k, queue, lab.work('A')));
    });
    lab.start('main', 50, function* (k) {
      yield* raise_irq(k, line);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['I(1)@hardirq', 'main', 'A']);
  });

  it('does not preempt who queues it: interrupts are off when the worker is woken', () => {
    const lab = new WorkLab({ preemption: 'full' });
    const queue = lab.queue('highpri');
    const body = function* (k: Parameters<typeof queue_work>[0]) {
      yield 20 * MS;
      yield* queue_work(k, queue, lab.work('A'));
      yield 10 * US;
      lab.note(k, 'queued');
      yield 10 * MS;
      lab.note(k, 'after the tick');
    };
    lab.start('main', 0, body, { policy: 'SCHED_NORMAL' });
    expect(lab.run().log).toEqual(['queued', 'A', 'after the tick']);
  });

  it('leaves interrupts as they were when it is queued', () => {
    const lab = new WorkLab();
    const queue = lab.queue();
    lab.start('main', 50, function* (k) {
      const flags = local_irq_save(k);
      yield* queue_work(k, queue, lab.work('A'));
      lab.note(k, k.cpu.irqs_disabled ? 'still off' : 'on');
      yield* local_irq_restore(k, flags);
    });
    expect(lab.run().log).toEqual(['still off', 'A']);
  });

  it('that leaves preemption off is reported', () => {
    const lab = new WorkLab({ preemption: 'none' });
    const queue = lab.queue();
    const bad = lab.work('bad', function* (k) {
      preempt_disable(k);
    });
    lab.start('main', 50, (k) => queue_work(k, queue, bad));
    lab.run();
    const [finding] = lab.machine.findings.all;
    expect([finding?.kind, finding?.object]).toEqual(['preempt-leak', 'bad']);
    expect(finding?.text).toMatch(
      /^BUG: workqueue leaked lock or atomic: kworker\/0:0\/0x00000001/,
    );
  });
});

describe('a worker', () => {
  it('that an interrupt queues for while it is about to sleep does not sleep', () => {
    const lab = new WorkLab({ costs: { lock: 5_000, wakeup: 2_000 } });
    const queue = lab.queue();
    const works = Array.from({ length: 40 }, (_, i) => lab.work(`W${i}`));
    for (const [i, work] of works.entries()) {
      const line = lab.irq(`I${i}`, function* (k) {
        yield* queue_work(k, queue, work);
      });
      lab.irqAt(100 * US + i * 700, line);
    }
    lab.run();
    expect([...lab.log].sort()).toEqual(works.map(({ name }) => name).sort());
  });
});
