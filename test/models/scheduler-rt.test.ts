/* SCHED_FIFO and SCHED_RR: who runs, where a change of priority puts a task. Orders from 6.1. */
import { describe, expect, it } from 'vitest';
import { preempt_disable, preempt_enable } from '../../models/cpu/preempt.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { sched_setscheduler } from '../../models/sched/setscheduler.ts';
import type { Task } from '../../models/sched/task.ts';
import { Lab, MS, US, sleep, wake } from './lab.ts';

const fifo = (rtPriority: number) => ({ policy: 'SCHED_FIFO' as const, rtPriority });

/** Tasks `names` of the given priorities are woken in that order, then `change` is applied. */
function orderAfter(
  prios: Readonly<Record<string, number>>,
  change: (tasks: Record<string, Task>, lab: Lab) => void,
): string {
  const lab = new Lab();
  const tasks: Record<string, Task> = {};
  for (const [name, prio] of Object.entries(prios)) {
    tasks[name] = lab.task(name, prio, function* (k) {
      lab.note(k, name);
      yield 0;
    });
  }
  lab.start('main', 70, function* (k) {
    preempt_disable(k);
    for (const task of Object.values(tasks)) wake_up_process(k.cpu, task);
    change(tasks, lab);
    yield* preempt_enable(k);
    yield* sleep(k, 2);
    lab.note(k, 'end');
  });
  return lab.run().log.join(' ');
}

describe('a change of priority', () => {
  const set = (lab: Lab, task: Task, prio: number): void =>
    sched_setscheduler(lab.machine.cpus[0]!, task, fifo(prio));

  it('that lowers a queued task puts it at the head of its new list', () => {
    expect(
      orderAfter({ c: 60, a: 62, b: 61 }, ({ a, b }, lab) => {
        set(lab, a!, 60);
        set(lab, b!, 60);
      }),
    ).toBe('b a c end');
  });

  it('that raises a queued task puts it at the tail', () => {
    expect(
      orderAfter({ a: 58, b: 59, c: 60 }, ({ a, b }, lab) => {
        set(lab, a!, 60);
        set(lab, b!, 60);
      }),
    ).toBe('c a b end');
  });

  it('to the same priority does not move it, nor does one of policy alone', () => {
    expect(
      orderAfter({ a: 60, b: 60, c: 60 }, ({ a, b }, lab) => {
        set(lab, a!, 60);
        set(lab, b!, 65);
        set(lab, b!, 60);
      }),
    ).toBe('b a c end');
    expect(
      orderAfter({ a: 60, b: 60 }, ({ a }, lab) => {
        const rr = { policy: 'SCHED_RR' as const, rtPriority: 60 };
        sched_setscheduler(lab.machine.cpus[0]!, a!, rr);
      }),
    ).toBe('a b end');
  });

  it('that raises another task above the running one preempts it', () => {
    const run = (preemption: 'none' | 'full'): string => {
      const lab = new Lab({ preemption });
      const a = lab.task('a', 40, function* (k) {
        lab.note(k, 'a');
        yield 0;
      });
      lab.start('main', 50, function* (k) {
        yield* wake(k, a);
        lab.note(k, 'woke');
        sched_setscheduler(k.cpu, a, fifo(60));
        yield 50 * US;
        lab.note(k, 'raised');
      });
      return lab.run().log.join(' ');
    };
    expect(run('full')).toBe('woke a raised');
    expect(run('none')).toBe('woke raised a');
  });

  it('of the running task to that of a queued one keeps the CPU', () => {
    const lab = new Lab();
    const other = lab.task('other', 40, function* (k) {
      lab.note(k, 'other');
      yield 0;
    });
    lab.start('main', 60, function* (k) {
      yield* wake(k, other);
      set(lab, k.current, 40);
      yield 0;
      lab.note(k, `main ${k.cpu.need_resched}`);
      yield* sleep(k, 1);
    });
    expect(lab.run().log).toEqual(['main false', 'other']);
  });

  it('that lowers the running task below a queued one gives the CPU away', () => {
    const lab = new Lab();
    const a = lab.task('a', 40, function* (k) {
      lab.note(k, 'a');
      yield 0;
    });
    lab.start('main', 50, function* (k) {
      yield* wake(k, a);
      sched_setscheduler(k.cpu, k.current, fifo(30));
      yield 50 * US;
      lab.note(k, 'main');
    });
    expect(lab.run().log).toEqual(['a', 'main']);
  });

  it('of a running fair task does not charge its time as a real-time task to it', () => {
    const lab = new Lab();
    lab.start(
      'main',
      0,
      function* (k) {
        yield 3 * MS;
        sched_setscheduler(k.cpu, k.current, fifo(50));
        yield 500 * MS;
        sched_setscheduler(k.cpu, k.current, { policy: 'SCHED_NORMAL' });
        lab.note(k, 'ahead', k.current.vruntime - k.cpu.rq.min_vruntime);
        lab.note(k, 'ran', k.current.sum_exec_runtime / MS);
        yield 0;
      },
      { policy: 'SCHED_NORMAL' },
    );
    expect(lab.run().log).toEqual(['ahead(0)', 'ran(503)']);
  });
});

describe('SCHED_RR', () => {
  it.each([100, 250, 300, 1000])('rotates every 100 ms at %i Hz', (hz) => {
    const lab = new Lab({ hz });
    const body = function* (name: string) {
      yield* lab.busyJiffies(Math.floor((hz * 12) / 100));
      lab.at(`${name}_end`);
    };
    const rr = { policy: 'SCHED_RR' as const };
    const a = lab.task('a', 50, () => body('a'), rr);
    const b = lab.task('b', 50, () => body('b'), rr);
    lab.start('main', 70, function* (k) {
      yield* lab.align();
      preempt_disable(k);
      wake_up_process(k.cpu, a);
      wake_up_process(k.cpu, b);
      yield* preempt_enable(k);
      yield* sleep(k, hz);
    });
    const slice = Math.floor(hz / 10);
    expect(lab.run().log).toEqual([
      `a_end j=${2 * slice}`,
      `b_end j=${2 * slice + 120 * (hz / 1000) - slice}`,
    ]);
  });

  it('goes on with what is left of its slice after a more urgent task', () => {
    const lab = new Lab();
    const body = (name: string) =>
      function* () {
        lab.at(name);
        yield* lab.busyJiffies(60);
      };
    const a = lab.task('a', 50, body('a'), { policy: 'SCHED_RR' });
    const b = lab.task('b', 50, body('b'), { policy: 'SCHED_RR' });
    lab.start('main', 70, function* (k) {
      yield* lab.align();
      preempt_disable(k);
      wake_up_process(k.cpu, a);
      wake_up_process(k.cpu, b);
      yield* preempt_enable(k);
      yield* sleep(k, 9);
      yield* lab.busyJiffies(5);
    });
    expect(lab.run().log).toEqual(['a j=0', 'b j=30']);
  });

  it('is not interrupted by its slice while it is alone', () => {
    const lab = new Lab({ record: true });
    lab.start(
      'a',
      50,
      function* () {
        yield 500 * MS;
      },
      { policy: 'SCHED_RR' },
    );
    lab.run();
    expect(lab.count('sched_switch')).toBe(2);
  });
});

describe('real-time tasks on several CPUs', () => {
  it('go to the CPU whose task is least urgent', () => {
    const lab = new Lab({ cpus: 2 });
    for (const [name, prio] of [
      ['lo', 10],
      ['mid', 20],
    ] as const) {
      lab.start(
        name,
        prio,
        function* () {
          yield 10 * MS;
        },
        { cpu: name === 'lo' ? 1 : 0 },
      );
    }
    const hi = lab.task(
      'hi',
      30,
      function* (k) {
        lab.note(k, `hi on ${k.cpu.id}`);
        yield 0;
      },
      { bound: false },
    );
    const line = lab.irq('I', function* (k) {
      wake_up_process(k.cpu, hi);
      yield 0;
    });
    lab.irqAt(MS, line);
    expect(lab.run().log).toEqual(['hi on 1']);
  });

  it('that wait are pulled by a CPU that goes idle', () => {
    const lab = new Lab({ cpus: 2 });
    lab.start(
      'other',
      50,
      function* () {
        yield 2 * MS;
      },
      { cpu: 1 },
    );
    const first = lab.start(
      'first',
      50,
      function* () {
        yield 10 * MS;
      },
      { bound: false },
    );
    lab.start(
      'second',
      50,
      function* (k) {
        lab.note(k, `second on ${k.cpu.id} at ${k.machine.sim.now / MS}`);
        yield 0;
      },
      { bound: false },
    );
    lab.run();
    expect(first.cpu.id).toBe(0);
    expect(lab.log).toEqual(['second on 1 at 2']);
  });
});
