/* Softirqs: order of vectors, passes, and who serves what is left. Orders from Linux 6.1. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { local_irq_disable, local_irq_enable } from '../../models/cpu/preempt.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { raise_softirq } from '../../models/irq/softirq.ts';
import {
  Tasklet,
  tasklet_disable,
  tasklet_enable,
  tasklet_hi_schedule,
  tasklet_schedule,
} from '../../models/irq/tasklet.ts';
import { Hrtimer } from '../../models/time/hrtimer.ts';
import { TimerList, mod_timer } from '../../models/time/timer.ts';
import { Lab, MS, US, just, raise_irq, sleep } from './lab.ts';

function labWithNetRx(kernel: KernelName = 'linux-6.1'): Lab {
  const lab = new Lab({ kernel, preemption: 'none' });
  lab.machine.softirqActions.set(
    'NET_RX',
    just((k) => lab.note(k, 'net_rx')),
  );
  return lab;
}

describe('pending softirqs', () => {
  it('run in the order of their vectors when bottom halves come on again', () => {
    const lab = labWithNetRx();
    const note = (name: string) => just((k) => lab.note(k, name));
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      local_bh_disable(k);
      tasklet_schedule(k.cpu, new Tasklet('T', note('tasklet')));
      raise_softirq(k.cpu, 'NET_RX');
      new Hrtimer('H', true, note('hrtimer')).start(k.cpu, 100 * US);
      mod_timer(k.cpu, new TimerList('M', note('timer')), k.machine.jiffies + 1);
      tasklet_hi_schedule(k.cpu, new Tasklet('HI', note('hi')));
      yield* lab.busyJiffies(3);
      lab.note(k, 'pending');
      yield* local_bh_enable(k);
      lab.note(k, 'on');
    });
    const softirqs = ['hi', 'timer', 'net_rx', 'tasklet', 'hrtimer'].map((s) => `${s}@softirq`);
    expect(lab.run().log).toEqual(['pending', ...softirqs, 'on']);
  });

  it('run networking before tasklets and timers with HI in 2.4', () => {
    const lab = labWithNetRx('linux-2.4.27');
    const note = (name: string) => just((k) => lab.note(k, name));
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      local_bh_disable(k);
      tasklet_schedule(k.cpu, new Tasklet('T', note('tasklet')));
      raise_softirq(k.cpu, 'NET_RX');
      mod_timer(k.cpu, new TimerList('M', note('timer')), k.machine.jiffies + 1);
      yield* lab.busyJiffies(3);
      yield* local_bh_enable(k);
    });
    const softirqs = ['timer', 'net_rx', 'tasklet'].map((s) => `${s}@softirq`);
    expect(lab.run().log).toEqual(softirqs);
  });

  it('do not run at the exit of an interrupt while bottom halves are off', () => {
    const lab = labWithNetRx();
    const line = lab.irq(
      'I',
      just((k) => raise_softirq(k.cpu, 'NET_RX')),
    );
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      local_bh_disable(k);
      yield* raise_irq(k, line);
      lab.note(k, 'after');
      yield* local_bh_enable(k);
      lab.note(k, 'inner');
      yield* local_bh_enable(k);
      lab.note(k, 'outer');
    });
    expect(lab.run().log).toEqual(['after', 'inner', 'net_rx@softirq', 'outer']);
  });

  it('that an interrupt raises inside a softirq wait for the next pass', () => {
    const lab = new Lab();
    const c = new Tasklet(
      'C',
      just((k) => lab.note(k, 'C')),
    );
    const line = lab.irq(
      'I',
      just((k) => {
        lab.note(k, 'irq');
        tasklet_schedule(k.cpu, c);
      }),
    );
    const a = new Tasklet('A', function* (k) {
      lab.note(k, 'A');
      yield* raise_irq(k, line);
      lab.note(k, 'A_end');
    });
    const b = new Tasklet(
      'B',
      just((k) => lab.note(k, 'B')),
    );
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      tasklet_schedule(k.cpu, a);
      tasklet_schedule(k.cpu, b);
      yield* local_bh_enable(k);
      lab.note(k, 'on');
    });
    expect(lab.run().log).toEqual([
      'A@softirq',
      'irq@hardirq',
      'A_end@softirq',
      'B@softirq',
      'C@softirq',
      'on',
    ]);
  });

  it('that a softirq raises are served in the next pass, also those of a later vector', () => {
    const lab = labWithNetRx();
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, 'tasklet')),
    );
    const hi = new Tasklet('HI', function* (k) {
      lab.note(k, 'hi');
      tasklet_schedule(k.cpu, tasklet);
      raise_softirq(k.cpu, 'NET_RX');
      local_bh_disable(k);
      yield* local_bh_enable(k);
      lab.note(k, 'hi_end');
    });
    const other = new Tasklet(
      'O',
      just((k) => lab.note(k, 'other')),
    );
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      tasklet_hi_schedule(k.cpu, hi);
      tasklet_schedule(k.cpu, other);
      yield* local_bh_enable(k);
      lab.note(k, 'on');
    });
    expect(lab.run().log).toEqual([
      'hi@softirq',
      'hi_end@softirq',
      'other@softirq',
      'tasklet@softirq',
      'net_rx@softirq',
      'on',
    ]);
  });
});

describe('ksoftirqd', () => {
  /** A tasklet that schedules itself again until it ran `times` times. */
  function repeating(lab: Lab, times: number, each = 0): Tasklet {
    let n = 0;
    const tasklet = new Tasklet('T', function* (k) {
      lab.note(k, k.current.comm, ++n);
      yield each;
      if (n < times) tasklet_schedule(k.cpu, tasklet);
    });
    return tasklet;
  }

  function runs(lab: Lab): number {
    return lab.log.filter((entry) => entry.startsWith('main')).length;
  }

  it('takes over after ten passes', () => {
    for (const kernel of ['linux-2.6.24', 'linux-2.6.32', 'linux-6.1', 'linux-6.12'] as const) {
      const lab = new Lab({ kernel, preemption: 'none' });
      const tasklet = repeating(lab, 15);
      lab.start('main', 50, function* (k) {
        yield* raise_irq(
          k,
          lab.irq(
            'I',
            just((on) => tasklet_schedule(on.cpu, tasklet)),
          ),
        );
        lab.note(k, 'after');
        yield* sleep(k, 4);
      });
      lab.run();
      expect(lab.log.indexOf('after')).toBe(10);
      expect(lab.log.slice(0, 10)).toEqual(
        Array.from({ length: 10 }, (_, i) => `main(${i + 1})@softirq`),
      );
      expect(lab.log.slice(11)).toEqual(
        [11, 12, 13, 14, 15].map((n) => `ksoftirqd/0(${n})@softirq`),
      );
    }
  });

  it('takes over in 2.4 as soon as a vector comes up a second time', () => {
    const lab = new Lab({ kernel: 'linux-2.4.27', preemption: 'none' });
    const tasklet = repeating(lab, 3);
    lab.start('main', 50, function* (k) {
      yield* raise_irq(
        k,
        lab.irq(
          'I',
          just((on) => tasklet_schedule(on.cpu, tasklet)),
        ),
      );
      yield* sleep(k, 4);
    });
    expect(lab.run().log).toEqual([
      'main(1)@softirq',
      'ksoftirqd_CPU0(2)@softirq',
      'ksoftirqd_CPU0(3)@softirq',
    ]);
  });

  it('takes over when softirqs have run for 2 ms by the jiffies (6.1), not before (2.6.32)', () => {
    const long = (kernel: KernelName): number => {
      const lab = new Lab({ kernel, preemption: 'none', hz: 1000 });
      const tasklet = repeating(lab, 20, MS);
      lab.start('main', 50, function* (k) {
        yield 10;
        yield* raise_irq(
          k,
          lab.irq(
            'I',
            just((on) => tasklet_schedule(on.cpu, tasklet)),
          ),
        );
        yield* sleep(k, 100);
      });
      lab.run();
      return runs(lab);
    };
    expect(long('linux-6.1')).toBe(2);
    expect(long('linux-2.6.32')).toBe(10);
  });

  it('takes over when a task waits for the CPU (6.1)', () => {
    const lab = new Lab({ preemption: 'none' });
    const hi = lab.task(
      'hi',
      60,
      just(() => undefined),
    );
    hi.state = 1;
    let n = 0;
    const tasklet = new Tasklet('T', function* (k) {
      lab.note(k, k.current.comm, ++n);
      if (n === 3) k.cpu.resched(k.cpu);
      if (n < 6) tasklet_schedule(k.cpu, tasklet);
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      yield* raise_irq(
        k,
        lab.irq(
          'I',
          just((on) => tasklet_schedule(on.cpu, tasklet)),
        ),
      );
      yield* sleep(k, 100);
    });
    lab.run();
    expect(runs(lab)).toBe(3);
    expect(n).toBe(6);
  });

  it('gives way to a more urgent task between two passes, under every model', () => {
    for (const preemption of ['none', 'voluntary', 'full'] as const) {
      const lab = new Lab({ preemption });
      const tasklet = new Tasklet(
        'T',
        just(() => undefined),
      );
      const line = lab.irq(
        'I',
        just((k) => tasklet_schedule(k.cpu, tasklet)),
      );
      lab.start('main', 50, function* (k) {
        // Disabled, it keeps ksoftirqd busy for ever.
        yield* tasklet_disable(k, tasklet);
        yield* raise_irq(k, line);
        yield* sleep(k, 2);
        lab.log.push(`main at ${k.machine.jiffies}`);
        tasklet_enable(tasklet);
      });
      expect(lab.run().log).toEqual(['main at 3']);
    }
  });

  it('serves what a task raises, but any interrupt that ends first does it instead', () => {
    const lab = new Lab({ preemption: 'none' });
    const tasklet = new Tasklet(
      'T',
      just((k) => lab.note(k, `over ${k.current.comm}`)),
    );
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      tasklet_schedule(k.cpu, tasklet);
      yield 300 * US;
      lab.note(k, 'busy');
      yield* sleep(k, 3);
      tasklet_schedule(k.cpu, tasklet);
      yield* lab.busyJiffies(2);
      lab.note(k, 'busy');
    });
    expect(lab.run().log).toEqual([
      'busy',
      'over ksoftirqd/0@softirq',
      'over main@softirq',
      'busy',
    ]);
  });

  it('that is about to run keeps an interrupt from NET_RX, but not from tasklets (6.1)', () => {
    const served = (kernel: KernelName, tasklets: boolean): string => {
      const lab = labWithNetRx(kernel);
      const tasklet = new Tasklet(
        'T',
        just((k) => lab.note(k, 'tasklet')),
      );
      const line = lab.irq(
        'I',
        just((k) => {
          raise_softirq(k.cpu, 'NET_RX');
          if (tasklets) tasklet_schedule(k.cpu, tasklet);
        }),
      );
      lab.start('main', 50, function* (k) {
        raise_softirq(k.cpu, 'HRTIMER');
        yield* raise_irq(k, line);
        lab.note(k, 'main');
        yield* sleep(k, 1);
      });
      return lab.run().log.join(' ');
    };
    expect(served('linux-6.1', false)).toBe('main net_rx@softirq');
    expect(served('linux-6.1', true)).toBe('net_rx@softirq tasklet@softirq main');
    expect(served('linux-6.12', false)).toBe('net_rx@softirq main');
    expect(served('linux-2.6.32', false)).toBe('net_rx@softirq main');
  });

  it('is not woken for what is raised with bottom halves off', () => {
    const lab = labWithNetRx();
    lab.start('main', 50, function* (k) {
      local_bh_disable(k);
      raise_softirq(k.cpu, 'NET_RX');
      yield* local_bh_enable(k);
    });
    expect(lab.run().log).toEqual(['net_rx@softirq']);
    expect(lab.machine.cpus[0]!.ksoftirqd).toBeNull();
  });

  it('has slept since the beginning: a task that ran long before does not delay it', () => {
    const lab = labWithNetRx();
    lab.start(
      'hog',
      0,
      function* (k) {
        yield 100 * MS;
        local_irq_disable(k);
        raise_softirq(k.cpu, 'NET_RX');
        yield* local_irq_enable(k);
        lab.note(k, `need_resched ${k.cpu.need_resched}`);
      },
      { policy: 'SCHED_NORMAL' },
    );
    expect(lab.run().log[0]).toBe('need_resched true');
  });
});
