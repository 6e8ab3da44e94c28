/* Tasklets: queued once, serialised, on the CPU that schedules them. Orders from Linux 6.1. */
import { describe, expect, it } from 'vitest';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import {
  Tasklet,
  tasklet_disable,
  tasklet_enable,
  tasklet_hi_schedule,
  tasklet_kill,
  tasklet_schedule,
} from '../../models/irq/tasklet.ts';
import { Lab, US, just, raise_irq, sleep } from './lab.ts';

describe('a tasklet', () => {
  it('runs once however often it was scheduled', () => {
    const lab = new Lab();
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, 'T')),
    );
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      tasklet_schedule(k.cpu, tasklet);
      tasklet_schedule(k.cpu, tasklet);
      tasklet_hi_schedule(k.cpu, tasklet);
      yield* local_bh_enable(k);
      lab.note(k, 'on');
    });
    expect(lab.run().log).toEqual(['T@softirq', 'on']);
  });

  it('that tasklets schedule waits for the next pass, high priority first', () => {
    const lab = new Lab();
    const note = (name: string) =>
      new Tasklet(
        name,
        just((k) => lab.note(k, name)),
      );
    const [b, c, h] = [note('B'), note('C'), note('H')];
    const a = new Tasklet(
      'A',
      just((k) => {
        lab.note(k, 'A');
        tasklet_schedule(k.cpu, c);
        tasklet_hi_schedule(k.cpu, h);
      }),
    );
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      tasklet_schedule(k.cpu, a);
      tasklet_schedule(k.cpu, b);
      yield* local_bh_enable(k);
    });
    expect(lab.run().log).toEqual(['A', 'B', 'H', 'C'].map((name) => `${name}@softirq`));
  });

  it('runs on the CPU that scheduled it, never on two at once', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const tasklet = new Tasklet('T', function* (k) {
      lab.note(k, `begin ${k.cpu.id}`);
      yield 300 * US;
      lab.note(k, `end ${k.cpu.id}`);
    });
    const line = lab.irq(
      'I',
      just((k) => tasklet_schedule(k.cpu, tasklet)),
    );
    lab.irqAt(100 * US, line, 1);
    lab.irqAt(200 * US, line, 0);
    expect(lab.run().log).toEqual(
      ['begin 1', 'end 1', 'begin 0', 'end 0'].map((entry) => `${entry}@softirq`),
    );
  });

  it('that is disabled stays queued, tried again and again, until it is enabled', () => {
    const lab = new Lab({ preemption: 'none' });
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, `T over ${k.current.comm}`)),
    );
    const line = lab.irq(
      'I',
      just((k) => tasklet_schedule(k.cpu, tasklet)),
    );
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      yield* tasklet_disable(k, tasklet);
      yield* raise_irq(k, line);
      lab.note(k, 'after');
      yield* sleep(k, 2);
      lab.note(k, 'disabled');
      tasklet_enable(tasklet);
      lab.note(k, 'enabled');
      yield* sleep(k, 2);
    });
    expect(lab.run().log).toEqual(['after', 'disabled', 'enabled', 'T over ksoftirqd/0@softirq']);
  });

  it('runs before tasklet_kill returns', () => {
    for (const kernel of ['linux-6.1', 'linux-2.6.32'] as const) {
      const lab = new Lab({ kernel, preemption: 'none' });
      const tasklet = new Tasklet(
        'T',
        just((k) => lab.note(k, 'T')),
      );
      lab.start('main', 50, function* (k) {
        tasklet_schedule(k.cpu, tasklet);
        lab.note(k, 'scheduled');
        yield* tasklet_kill(k, tasklet);
        lab.note(k, 'killed');
      });
      expect(lab.run().log).toEqual(['scheduled', 'T@softirq', 'killed']);
      expect(tasklet.scheduled).toBe(false);
    }
  });

  it('has ended on the other CPU when tasklet_disable returns', () => {
    for (const kernel of ['linux-6.1', 'linux-2.6.32'] as const) {
      const lab = new Lab({ kernel, cpus: 2, preemption: 'none' });
      const tasklet = new Tasklet('T', function* (k) {
        lab.note(k, 'begin');
        yield 300 * US;
        lab.note(k, 'end');
      });
      lab.irqAt(
        10 * US,
        lab.irq(
          'I',
          just((k) => tasklet_schedule(k.cpu, tasklet)),
        ),
        1,
      );
      lab.start('main', 50, function* (k) {
        yield 50 * US;
        lab.note(k, 'disable');
        yield* tasklet_disable(k, tasklet);
        lab.note(k, 'disabled');
      });
      expect(lab.run().log).toEqual(['begin@softirq', 'disable', 'end@softirq', 'disabled']);
    }
  });
});
