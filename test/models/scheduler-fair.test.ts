/* SCHED_NORMAL: shares by weight, slices, wake-ups; the completely fair scheduler up to 6.5. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { preempt_disable, preempt_enable } from '../../models/cpu/preempt.ts';
import { cond_resched, wake_up_process, yield_ } from '../../models/sched/core.ts';
import { sched_setscheduler } from '../../models/sched/setscheduler.ts';
import { weightOfNice } from '../../models/sched/weights.ts';
import { SCHEDULE } from '../../models/context.ts';
import { TASK_INTERRUPTIBLE } from '../../models/sched/state.ts';
import { Lab, MS, US, just, set_state, sleep, wake, type TaskOptions, type Body } from './lab.ts';

const normal: TaskOptions = { policy: 'SCHED_NORMAL' };

/** Two hogs of 20 jiffies each, as recorded on 6.1. */
function hogs(preemption: 'none' | 'voluntary' | 'full'): string[] {
  const lab = new Lab({ preemption });
  const hog = (name: string) =>
    lab.task(
      name,
      0,
      function* () {
        lab.at(`${name}_begin`);
        yield* lab.busyJiffies(20);
        lab.at(`${name}_end`);
      },
      normal,
    );
  const [a, b] = [hog('a'), hog('b')];
  lab.start('main', 50, function* (k) {
    yield* lab.align();
    preempt_disable(k);
    wake_up_process(k.cpu, a);
    wake_up_process(k.cpu, b);
    yield* preempt_enable(k);
    yield* sleep(k, 60);
    lab.at('end');
  });
  return lab.run().log;
}

describe('two hogs in the kernel', () => {
  it('run one after the other where nothing preempts them', () => {
    for (const preemption of ['none', 'voluntary'] as const) {
      expect(hogs(preemption)).toEqual([
        'a_begin j=0',
        'a_end j=20',
        'b_begin j=20',
        'b_end j=40',
        'end j=61',
      ]);
    }
  });

  it('take turns under full', () => {
    expect(hogs('full')).toEqual([
      'a_begin j=0',
      'b_begin j=1',
      'a_end j=20',
      'b_end j=21',
      'end j=61',
    ]);
  });

  it('take turns where they call cond_resched', () => {
    const lab = new Lab({ preemption: 'none' });
    const hog = (name: string) =>
      lab.task(
        name,
        0,
        function* (k) {
          for (let i = 0; i < 4; i++) {
            yield* lab.busyJiffies(1);
            lab.at(name, yield* cond_resched(k));
          }
        },
        normal,
      );
    const [a, b] = [hog('a'), hog('b')];
    lab.start('main', 50, function* (k) {
      yield* lab.align();
      preempt_disable(k);
      wake_up_process(k.cpu, a);
      wake_up_process(k.cpu, b);
      yield* preempt_enable(k);
    });
    const log = lab.run().log.map((entry) => entry[0]);
    expect(log.join('')).toMatch(/^(ab){4}$/);
  });
});

describe('hogs in user mode', () => {
  it('share a CPU by their weights, whatever the preemption model', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom<KernelName>('linux-2.6.32', 'linux-6.1'),
        (nices, kernel) => {
          const lab = new Lab({ kernel, hz: 1000, preemption: 'none' });
          const tasks = nices.map((nice, i) => {
            const task = lab.startUser(`hog${i}`, function* () {
              for (;;) yield 50 * MS;
            });
            sched_setscheduler(null, task, { policy: 'SCHED_NORMAL', nice });
            return task;
          });
          lab.run(8000);
          const total = nices.reduce((sum, nice) => sum + weightOfNice(nice), 0);
          tasks.forEach((task, i) => {
            const share = task.sum_exec_runtime / (8000 * MS);
            expect(Math.abs(share - weightOfNice(nices[i]!) / total)).toBeLessThan(0.02);
          });
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a slice', () => {
  it('that is over is not begun anew when the same task is picked again', () => {
    const lab = new Lab({ preemption: 'none', hz: 1000 });
    const a = lab.startUser('a', function* () {
      yield 20 * MS;
    });
    lab.run(0);
    lab.startUser('b', function* (k) {
      lab.log.push(`b at ${k.machine.sim.now / MS}`);
      yield MS;
    });
    // a runs for more than its 3 ms because it is 4.5 ms behind; then the next tick is enough.
    a.vruntime = lab.machine.cpus[0]!.rq.waitingFair()[0]!.vruntime - 4.5 * MS;
    lab.run(50);
    expect(lab.log).toEqual(['b at 5']);
  });

  it('counts the least virtual runtime also when its owner has gone to sleep', () => {
    const lab = new Lab({ preemption: 'none' });
    const b = lab.startUser('b', function* () {
      yield MS;
    });
    lab.start(
      'a',
      0,
      function* (k) {
        yield 2 * MS;
        b.vruntime = k.current.vruntime + 10 * MS;
        yield* sleep(k, 1);
      },
      normal,
    );
    const rt = lab.task('rt', 50, function* (k) {
      expect(k.cpu.rq.min_vruntime).toBe(b.vruntime);
      lab.note(k, 'rt');
      yield 0;
    });
    lab.irqAt(
      2 * MS - 1,
      lab.irq(
        'I',
        just((k) => void wake_up_process(k.cpu, rt)),
      ),
    );
    expect(lab.run().log).toEqual(['rt']);
  });
});

describe('a fair task that wakes up', () => {
  it('preempts a hog when it has slept long', () => {
    const lab = new Lab();
    const sleeper = lab.task(
      'sleeper',
      0,
      function* (k) {
        for (;;) {
          set_state(k, TASK_INTERRUPTIBLE);
          yield SCHEDULE;
          lab.log.push(`sleeper at ${k.machine.sim.now / US}`);
          yield 100 * US;
        }
      },
      normal,
    );
    const line = lab.irq(
      'I',
      just((k) => void wake_up_process(k.cpu, sleeper)),
    );
    lab.start(
      'hog',
      0,
      function* () {
        yield 200 * MS;
      },
      normal,
    );
    wake_up_process(lab.machine.cpus[0]!, sleeper);
    lab.irqAt(100 * MS, line);
    lab.run(150);
    expect(lab.log).toEqual([`sleeper at ${100_000}`]);
  });

  /** `a` wakes `b`, who has never run; they are created in the order of `names`. */
  function wakesNeverRun(names: readonly string[]): string[] {
    const lab = new Lab();
    const bodies: Record<string, Body> = {
      a: function* (k) {
        yield* wake(k, tasks['b']!);
        lab.note(k, 'woke');
        yield 100 * US;
        lab.note(k, 'busy');
        yield* sleep(k, 2);
        lab.note(k, 'slept');
      },
      b: function* (k) {
        lab.note(k, 'b');
        yield 0;
      },
    };
    const tasks = Object.fromEntries(
      names.map((name) => [name, lab.task(name, 0, bodies[name]!, normal)]),
    );
    wake_up_process(lab.machine.cpus[0]!, tasks['a']!);
    return lab.run().log;
  }

  it('does not preempt another that has run hardly longer', () => {
    expect(wakesNeverRun(['a', 'b'])).toEqual(['woke', 'busy', 'b', 'slept']);
  });

  it('preempts one that was created after it: that one ran when it was created', () => {
    expect(wakesNeverRun(['b', 'a'])).toEqual(['b', 'woke', 'busy', 'slept']);
  });

  it('always preempts one of SCHED_IDLE', () => {
    const lab = new Lab();
    const b = lab.task(
      'b',
      0,
      function* (k) {
        lab.note(k, 'b');
        yield 0;
      },
      normal,
    );
    lab.start(
      'a',
      0,
      function* (k) {
        yield* wake(k, b);
        lab.note(k, 'a');
      },
      { policy: 'SCHED_IDLE' },
    );
    expect(lab.run().log).toEqual(['b', 'a']);
  });

  it('never preempts a real-time task', () => {
    const lab = new Lab();
    const b = lab.task(
      'b',
      -20,
      function* (k) {
        lab.note(k, 'b');
        yield 0;
      },
      normal,
    );
    lab.start('a', 1, function* (k) {
      yield* wake(k, b);
      yield 300 * MS;
      lab.note(k, 'a');
    });
    expect(lab.run().log).toEqual(['a', 'b']);
  });

  it('for the first time starts a slice later than those that run, if it was just forked', () => {
    const lab = new Lab();
    const hog = lab.startUser('hog', function* () {
      for (;;) yield MS;
    });
    lab.run(40);
    const child = lab.startUser('child', function* () {
      for (;;) yield MS;
    });
    const ahead = child.vruntime - lab.machine.cpus[0]!.rq.min_vruntime;
    // Two tasks share a period of 6 ms.
    expect(ahead).toBe(3 * MS);
    expect(hog.vruntime).toBeLessThan(child.vruntime);
  });
});

describe('yield() of a fair task', () => {
  const yields = (kernel: KernelName): string => {
    const lab = new Lab({ kernel, preemption: 'none', hz: 1000 });
    const body = (name: string) =>
      lab.task(
        name,
        0,
        function* (k) {
          for (let i = 0; i < 3; i++) {
            lab.note(k, name);
            yield 10 * US;
            yield* yield_(k);
          }
        },
        normal,
      );
    const tasks = [body('a'), body('b')];
    lab.start('main', 50, function* (k) {
      for (const task of tasks) wake_up_process(k.cpu, task);
      tasks[1]!.vruntime += 500 * US;
      yield 0;
    });
    return lab.run().log.join('');
  };

  it('lets the next in line run where it skips the caller, unless that is far behind', () => {
    expect(yields('linux-6.1')).toBe('ababab');
  });

  it('does nothing for a task that is still first in line in kernels that have no skipping', () => {
    expect(yields('linux-2.6.32')).toBe('aaabbb');
  });
});

describe('a CPU without work', () => {
  it('pulls a task that waits elsewhere', () => {
    const lab = new Lab({ cpus: 2 });
    for (const name of ['a', 'b', 'c']) {
      lab.start(
        name,
        0,
        function* (k) {
          yield 10 * MS;
          lab.note(k, `${name} on ${k.cpu.id} at ${Math.round(k.machine.sim.now / MS)}`);
        },
        { ...normal, bound: false },
      );
    }
    lab.run();
    expect(lab.log).toHaveLength(3);
    expect(lab.machine.sim.now).toBeLessThan(21 * MS);
    expect(lab.log.map((entry) => entry.includes('on 1')).filter(Boolean).length).toBeGreaterThan(
      0,
    );
  });

  it('leaves tasks where they are bound', () => {
    const lab = new Lab({ cpus: 2 });
    for (const name of ['a', 'b']) {
      lab.start(
        name,
        0,
        function* (k) {
          yield 10 * MS;
          lab.note(k, `${k.cpu.id}`);
        },
        normal,
      );
    }
    lab.run();
    expect(lab.log).toEqual(['0', '0']);
    expect(lab.machine.sim.now).toBeGreaterThanOrEqual(20 * MS);
  });
});
