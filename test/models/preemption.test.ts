/*
 * Where a task gives way to a more urgent one: which points count under which preemption model.
 * The expected orders were recorded on Linux 6.1.
 */
import { describe, expect, it } from 'vitest';
import type { PreemptionModel } from '../../models/era.ts';
import type { Code, Context } from '../../models/context.ts';
import {
  local_irq_disable,
  local_irq_enable,
  preempt_disable,
  preempt_enable,
} from '../../models/cpu/preempt.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import { cond_resched, might_sleep, wake_up_process, yield_ } from '../../models/sched/core.ts';
import {
  Spinlock,
  spin_lock_irqsave,
  spin_unlock_irqrestore,
} from '../../models/locking/spinlock.ts';
import { mod_timer, TimerList } from '../../models/time/timer.ts';
import type { Task } from '../../models/sched/task.ts';
import { Lab, US, just, raise_irq, sleep, wake } from './lab.ts';

/** A FIFO task of priority 50 does `steps` and has `hi`, of priority 60, at hand to wake. */
function against(
  preemption: PreemptionModel,
  steps: (lab: Lab, k: Context, hi: Task) => Code,
): string {
  const lab = new Lab({ preemption });
  const hi = lab.task('hi', 60, function* (k) {
    lab.note(k, 'hi');
    yield 0;
  });
  lab.start('main', 50, (k) => steps(lab, k, hi));
  return lab.run().log.join(' ');
}

function* condResched(lab: Lab, k: Context): Code {
  lab.note(k, 'cond_resched', yield* cond_resched(k));
}

describe('a more urgent task that was woken', () => {
  const cases: [string, string, string, (lab: Lab, k: Context, hi: Task) => Code][] = [
    [
      'from a task runs at once under full, else at cond_resched',
      'woke busy hi cond_resched(1)',
      'hi woke busy cond_resched(0)',
      function* (lab, k, hi) {
        yield* wake(k, hi);
        lab.note(k, 'woke');
        yield 100 * US;
        lab.note(k, 'busy');
        yield* condResched(lab, k);
      },
    ],
    [
      'by an interrupt runs at its exit under full, else at cond_resched',
      'irq@hardirq after busy hi cond_resched(1)',
      'irq@hardirq hi after busy cond_resched(0)',
      function* (lab, k, hi) {
        const line = lab.irq(
          'I',
          just((on) => {
            wake_up_process(on.cpu, hi);
            lab.note(on, 'irq');
          }),
        );
        yield* raise_irq(k, line);
        lab.note(k, 'after');
        yield 100 * US;
        lab.note(k, 'busy');
        yield* condResched(lab, k);
      },
    ],
    [
      'with bottom halves off waits for the last local_bh_enable',
      'woke cond_resched(0) enabled hi cond_resched(1)',
      'woke cond_resched(0) hi enabled cond_resched(0)',
      function* (lab, k, hi) {
        local_bh_disable(k);
        wake_up_process(k.cpu, hi);
        lab.note(k, 'woke');
        yield* condResched(lab, k);
        yield* local_bh_enable(k);
        lab.note(k, 'enabled');
        yield* condResched(lab, k);
      },
    ],
    [
      'with preemption off waits for the outer preempt_enable',
      'woke inner outer hi cond_resched(1)',
      'woke inner hi outer cond_resched(0)',
      function* (lab, k, hi) {
        preempt_disable(k);
        wake_up_process(k.cpu, hi);
        lab.note(k, 'woke');
        preempt_disable(k);
        yield* preempt_enable(k);
        lab.note(k, 'inner');
        yield* preempt_enable(k);
        lab.note(k, 'outer');
        yield* condResched(lab, k);
      },
    ],
    [
      'with interrupts off is not let in by local_irq_enable, but by the next preempt_enable',
      'on busy pair hi cond_resched(1)',
      'on busy hi pair cond_resched(0)',
      function* (lab, k, hi) {
        local_irq_disable(k);
        wake_up_process(k.cpu, hi);
        yield* local_irq_enable(k);
        lab.note(k, 'on');
        yield 50 * US;
        lab.note(k, 'busy');
        preempt_disable(k);
        yield* preempt_enable(k);
        lab.note(k, 'pair');
        yield* condResched(lab, k);
      },
    ],
    [
      'with interrupts off is let in by the next tick',
      'on ticks hi cond_resched(1)',
      'on hi ticks cond_resched(0)',
      function* (lab, k, hi) {
        yield* lab.align();
        local_irq_disable(k);
        wake_up_process(k.cpu, hi);
        yield* local_irq_enable(k);
        lab.note(k, 'on');
        yield* lab.busyJiffies(2);
        lab.note(k, 'ticks');
        yield* condResched(lab, k);
      },
    ],
    [
      'under a spinlock with interrupts off runs after the unlock',
      'woke unlocked hi cond_resched(1)',
      'woke hi unlocked cond_resched(0)',
      function* (lab, k, hi) {
        const lock = new Spinlock('L');
        const flags = yield* spin_lock_irqsave(k, lock);
        wake_up_process(k.cpu, hi);
        lab.note(k, 'woke');
        yield* spin_unlock_irqrestore(k, lock, flags);
        lab.note(k, 'unlocked');
        yield* condResched(lab, k);
      },
    ],
    [
      'by a timer runs at the exit of the tick',
      'timer@softirq spun hi cond_resched(1)',
      'timer@softirq hi spun cond_resched(0)',
      function* (lab, k, hi) {
        const timer = new TimerList(
          'T',
          just((on) => {
            wake_up_process(on.cpu, hi);
            lab.note(on, 'timer');
          }),
        );
        yield* lab.align();
        mod_timer(k.cpu, timer, k.machine.jiffies + 2);
        yield* lab.busyJiffies(4);
        lab.note(k, 'spun');
        yield* condResched(lab, k);
      },
    ],
  ];
  for (const [name, cooperative, full, steps] of cases) {
    it(name, () => {
      expect(against('none', steps)).toBe(cooperative);
      expect(against('voluntary', steps)).toBe(cooperative);
      expect(against('full', steps)).toBe(full);
    });
  }

  it('runs at might_sleep under voluntary only, and before it under full', () => {
    const steps = function* (lab: Lab, k: Context, hi: Task): Code {
      local_irq_disable(k);
      wake_up_process(k.cpu, hi);
      yield* local_irq_enable(k);
      yield* might_sleep(k, 'here');
      lab.note(k, 'passed');
      yield* sleep(k, 1);
      lab.note(k, 'end');
    };
    expect(against('none', steps)).toBe('passed hi end');
    expect(against('voluntary', steps)).toBe('hi passed end');
    expect(against('full', steps)).toBe('passed hi end');
  });
});

describe('cond_resched', () => {
  it('does nothing with interrupts off, as with preemption or bottom halves off', () => {
    const steps = function* (lab: Lab, k: Context, hi: Task): Code {
      local_irq_disable(k);
      wake_up_process(k.cpu, hi);
      yield* condResched(lab, k);
      yield* local_irq_enable(k);
      yield* condResched(lab, k);
    };
    expect(against('none', steps)).toBe('cond_resched(0) hi cond_resched(1)');
    expect(against('voluntary', steps)).toBe('cond_resched(0) hi cond_resched(1)');
  });
});

describe('a preempted task', () => {
  it('of SCHED_FIFO goes on before others of its priority', () => {
    const lab = new Lab({ preemption: 'full' });
    const a = lab.task('a', 60, function* (k) {
      lab.note(k, 'a_begin');
      yield* lab.busyJiffies(4);
      lab.note(k, 'a_end');
    });
    const b = lab.task('b', 60, function* (k) {
      lab.note(k, 'b');
      yield 0;
    });
    lab.start('main', 70, function* (k) {
      wake_up_process(k.cpu, a);
      wake_up_process(k.cpu, b);
      yield* sleep(k, 2);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['a_begin', 'main', 'a_end', 'b']);
  });

  it('stays runnable whatever state it has set', () => {
    const lab = new Lab({ preemption: 'full' });
    const hi = lab.task('hi', 60, function* (k) {
      lab.note(k, 'hi');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      k.current.state = 2;
      wake_up_process(k.cpu, hi);
      preempt_disable(k);
      yield* preempt_enable(k);
      lab.note(k, 'main', k.current.state);
      k.current.state = 0;
    });
    expect(lab.run().log).toEqual(['hi', 'main(2)']);
  });
});

describe('yield()', () => {
  it('lets the next of the same priority run, and nobody of a lower one', () => {
    const lab = new Lab({ preemption: 'none' });
    const eq = lab.task('eq', 50, function* (k) {
      lab.note(k, 'eq');
      yield* yield_(k);
      lab.note(k, 'eq_again');
    });
    const lo = lab.task('lo', 40, function* (k) {
      lab.note(k, 'lo');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      wake_up_process(k.cpu, eq);
      wake_up_process(k.cpu, lo);
      yield 100 * US;
      lab.note(k, 'busy');
      yield* yield_(k);
      lab.note(k, 'yielded');
      yield* yield_(k);
      lab.note(k, 'yielded');
    });
    expect(lab.run().log).toEqual(['busy', 'eq', 'yielded', 'eq_again', 'yielded', 'lo']);
  });
});

describe('need_resched', () => {
  it('that was honoured meanwhile does not switch a second time', () => {
    // The wake-up costs time, burnt before preempt_enable gives way; an interrupt gives way first.
    const lab = new Lab({ preemption: 'full', costs: { wakeup: 10 * US } });
    const hi = lab.task('hi', 60, function* (k) {
      lab.note(k, 'hi');
      yield 0;
    });
    const other = lab.task('other', 50, function* (k) {
      lab.note(k, 'other');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      lab.irqAt(
        k.machine.sim.now + 5 * US,
        lab.irq(
          'I',
          just(() => undefined),
        ),
      );
      preempt_disable(k);
      k.spend(0);
      wake_up_process(k.cpu, other);
      wake_up_process(k.cpu, hi);
      yield* preempt_enable(k);
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['hi', 'main', 'other']);
  });

  it('that was honoured meanwhile makes no fair task give way to one hardly before it', () => {
    const lab = new Lab({ preemption: 'full', costs: { wakeup: 10 * US } });
    const hi = lab.task(
      'hi',
      60,
      just(() => undefined),
    );
    const other = lab.task(
      'other',
      0,
      function* (k) {
        lab.note(k, 'other');
        yield 0;
      },
      { policy: 'SCHED_NORMAL' },
    );
    lab.start(
      'main',
      0,
      function* (k) {
        yield 1000 * US;
        lab.irqAt(
          k.machine.sim.now + 5 * US,
          lab.irq(
            'I',
            just(() => undefined),
          ),
        );
        preempt_disable(k);
        wake_up_process(k.cpu, other);
        other.vruntime = k.current.vruntime + 8 * US;
        wake_up_process(k.cpu, hi);
        yield* preempt_enable(k);
        lab.note(k, 'main');
      },
      { policy: 'SCHED_NORMAL' },
    );
    expect(lab.run().log).toEqual(['main', 'other']);
  });

  it('reaches an idle CPU whoever sets it, with interrupts that take no time', () => {
    const lab = new Lab({ cpus: 2, costs: { ipi: 0 } });
    const there = lab.task(
      'there',
      50,
      function* (k) {
        lab.note(k, `there on ${k.cpu.id}`);
        yield 0;
      },
      { cpu: 1 },
    );
    lab.start('main', 50, function* (k) {
      yield 10 * US;
      wake_up_process(k.cpu, there);
      yield 10 * US;
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['there on 1', 'main']);
  });

  it('reaches an idle CPU also when nothing runs that could have set it', () => {
    const lab = new Lab();
    const task = lab.task('task', 50, function* (k) {
      lab.note(k, `at ${k.machine.sim.now}`);
      yield 0;
    });
    const [cpu] = lab.machine.cpus;
    lab.machine.sim.at(500, { fire: () => void wake_up_process(cpu!, task) });
    expect(lab.run().log).toEqual(['at 500']);
  });

  it('is seen by an idle CPU that burns time which it owes before it halts', () => {
    const lab = new Lab({ cpus: 2, costs: { wakeup: 50 } });
    const task = lab.task('task', 50, function* (k) {
      lab.log.push(`ran at ${k.machine.sim.now}`);
      yield 0;
    });
    lab.irqAt(
      20,
      lab.irq(
        'I',
        just((k) => void wake_up_process(k.cpu, task)),
      ),
    );
    // CPU 0 has woken a task of CPU 1 and has nothing else to do.
    const other = lab.task(
      'other',
      50,
      function* () {
        yield 10;
      },
      { cpu: 1 },
    );
    wake_up_process(lab.machine.cpus[0]!, other);
    lab.run();
    expect(lab.log).toEqual(['ran at 100']);
  });
});

describe('an interrupt at the very end of a burn', () => {
  it('comes before the next step or after it, as it was scheduled before the burn or after', () => {
    const lab = new Lab();
    const line = lab.irq(
      'I',
      just((k) => lab.note(k, 'irq')),
    );
    lab.irqAt(100, line);
    lab.start('main', 50, function* (k) {
      yield 100;
      lab.note(k, 'step1');
      lab.irqAt(k.machine.sim.now + 100, line);
      yield 100;
      lab.note(k, 'step2');
    });
    expect(lab.run().log).toEqual(['irq@hardirq', 'step1', 'irq@hardirq', 'step2']);
  });

  it('takes nothing from what the interrupted code still has to do', () => {
    const lab = new Lab({ costs: { irq: 7 } });
    const line = lab.irq(
      'I',
      just(() => undefined),
    );
    for (const ns of [50, 99, 100, 107, 150]) lab.irqAt(ns, line);
    let end = 0;
    lab.start('main', 50, function* (k) {
      yield 100;
      yield 100;
      end = k.machine.sim.now;
    });
    lab.run();
    expect(end).toBe(200 + 7 * line.count);
    expect(line.count).toBe(5 - line.lost);
  });
});
