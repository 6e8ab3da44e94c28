/* Hard interrupts: admission, nesting by era, what runs at their exit. Orders from Linux 6.1. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import {
  local_irq_disable,
  local_irq_enable,
  local_irq_restore,
  local_irq_save,
} from '../../models/cpu/preempt.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { do_exit } from '../../models/sched/exit.ts';
import { Lab, US, just, raise_irq } from './lab.ts';

describe('an interrupt', () => {
  it('runs its tasklet at its exit, before the interrupted task goes on', () => {
    const lab = new Lab();
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, 'tasklet')),
    );
    const line = lab.irq(
      'I',
      just((k) => {
        tasklet_schedule(k.cpu, tasklet);
        lab.note(k, 'irq');
      }),
    );
    lab.start('main', 50, function* (k) {
      yield* raise_irq(k, line);
      lab.note(k, 'after');
    });
    expect(lab.run().log).toEqual(['irq@hardirq', 'tasklet@softirq', 'after']);
  });

  it('waits until the outermost local_irq_restore', () => {
    const lab = new Lab();
    const line = lab.irq(
      'I',
      just((k) => lab.note(k, 'irq')),
    );
    lab.start('main', 50, function* (k) {
      const outer = local_irq_save(k);
      const inner = local_irq_save(k);
      yield* raise_irq(k, line);
      lab.note(k, 'raised');
      yield* local_irq_restore(k, inner);
      lab.note(k, 'inner');
      yield* local_irq_restore(k, outer);
      lab.note(k, 'outer');
    });
    expect(lab.run().log).toEqual(['raised', 'inner', 'irq@hardirq', 'outer']);
  });

  it('is pending once, however often it is raised', () => {
    const lab = new Lab();
    const line = lab.irq(
      'I',
      just((k) => lab.note(k, 'irq')),
    );
    lab.start('main', 50, function* (k) {
      local_irq_disable(k);
      for (let i = 0; i < 3; i++) k.cpu.raise(line);
      yield* local_irq_enable(k);
      lab.note(k, 'on');
    });
    expect(lab.run().log).toEqual(['irq@hardirq', 'on']);
    expect([line.count, line.lost]).toEqual([1, 2]);
  });

  it('that is raised in its own handler runs again after it', () => {
    const lab = new Lab();
    const line = lab.irq('I', function* (k) {
      lab.note(k, `in ${line.count}`);
      if (line.count < 3) k.cpu.raise(line);
      yield 10;
      lab.note(k, `out ${line.count}`);
    });
    lab.start('main', 50, function* (k) {
      yield* raise_irq(k, line);
      lab.note(k, 'after');
    });
    expect(lab.run().log).toEqual([
      ...[1, 2, 3].flatMap((n) => [`in ${n}@hardirq`, `out ${n}@hardirq`]),
      'after',
    ]);
  });

  it('is served by one CPU at a time: what is raised elsewhere meanwhile runs there again', () => {
    const lab = new Lab({ cpus: 2 });
    const line = lab.irq('I', function* (k) {
      lab.note(k, `in on ${k.cpu.id}`);
      yield 10 * US;
      lab.note(k, `out on ${k.cpu.id}`);
    });
    lab.irqAt(100, line, 0);
    lab.irqAt(200, line, 1);
    expect(lab.run().log).toEqual(['in', 'out', 'in', 'out'].map((what) => `${what} on 0@hardirq`));
  });

  it('with the lower number comes first when several wait', () => {
    const lab = new Lab();
    const first = lab.irq(
      'first',
      just((k) => lab.note(k, 'first')),
    );
    const second = lab.irq(
      'second',
      just((k) => lab.note(k, 'second')),
    );
    lab.start('main', 50, function* (k) {
      local_irq_disable(k);
      k.cpu.raise(second);
      k.cpu.raise(first);
      yield* local_irq_enable(k);
    });
    expect(lab.run().log).toEqual(['first@hardirq', 'second@hardirq']);
  });

  /** I raises J inside its handler and leaves work to a tasklet. */
  function nested(kernel: KernelName, disabled: boolean): string {
    const lab = new Lab({ kernel, preemption: 'none' });
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, 'T')),
    );
    const j = lab.irq(
      'J',
      just((k) => lab.note(k, 'J')),
    );
    const i = lab.irq(
      'I',
      function* (k) {
        tasklet_schedule(k.cpu, tasklet);
        yield* raise_irq(k, j);
        lab.note(k, 'I');
      },
      disabled,
    );
    lab.start('main', 50, function* (k) {
      yield* raise_irq(k, i);
      lab.note(k, 'after');
    });
    return lab.run().log.join(' ');
  }

  it('is interrupted by another one where handlers run with interrupts on', () => {
    for (const kernel of ['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32'] as const) {
      expect(nested(kernel, false)).toBe('J@hardirq I@hardirq T@softirq after');
    }
  });

  it('is not where they run with interrupts off, nor if it was registered so', () => {
    expect(nested('linux-6.1', false)).toBe('I@hardirq J@hardirq T@softirq after');
    expect(nested('linux-2.6.32', true)).toBe('I@hardirq J@hardirq T@softirq after');
  });

  it('that waits when a task ends is taken by whoever comes next', () => {
    const lab = new Lab();
    const line = lab.irq(
      'I',
      just((k) => lab.note(k, `irq over ${k.current.comm}`)),
    );
    lab.start('main', 50, function* (k) {
      local_irq_disable(k);
      k.cpu.raise(line);
      yield* do_exit(k, 3);
    });
    expect(lab.run().log).toEqual(['irq over swapper/0@hardirq']);
    expect(lab.machine.tasks.size).toBe(0);
  });
});

describe('the time of a CPU', () => {
  it('is booked to the context that spent it, and what a handler owes to the handler', () => {
    const lab = new Lab({ costs: { irq: 10, softirq: 3 } });
    const tasklet = new Tasklet('T', function* (k) {
      yield 50;
      k.spend(8);
    });
    const line = lab.irq('I', function* (k) {
      tasklet_schedule(k.cpu, tasklet);
      k.spend(20);
      yield 0;
      k.spend(5);
    });
    lab.startUser('user', function* (k) {
      yield 1000;
      k.cpu.raise(line);
      yield 1000;
    });
    lab.machine.sim.at(1_000_000, { fire: () => undefined });
    lab.run();
    const { ns } = lab.machine.cpus[0]!.times;
    expect(ns).toEqual({
      hardirq: 10 + 20 + 5,
      softirq: 3 + 50 + 8,
      kernel: 0,
      user: 2000,
      idle: 1_000_000 - 2096,
    });
  });
});
