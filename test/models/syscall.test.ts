/* The border between user and kernel mode: what runs in which, and the way back. */
import { describe, expect, it } from 'vitest';
import type { Code } from '../../models/context.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { syscall } from '../../models/syscall.ts';
import { Lab, MS, US, just, wake } from './lab.ts';

function* work(ns: number): Code<number> {
  yield ns;
  return 3;
}

describe('a system call', () => {
  it('runs in kernel mode, costs entry and exit, and returns the result of its body', () => {
    const lab = new Lab({ costs: { syscall: 141 }, record: true });
    lab.startUser('user', function* (k) {
      yield 1000;
      lab.note(k, 'result', yield* syscall(k, 'call', () => work(500)));
      yield 2000;
    });
    lab.run();
    expect(lab.log).toEqual(['result(3)']);
    // The last one is exit(), of which the second half is never reached.
    expect(lab.machine.cpus[0]!.times.ns).toMatchObject({ user: 3000, kernel: 500 + 141 + 70 });
    const kinds = lab.rows().map((row) => row.split(',').slice(7, 10).join(' '));
    expect(kinds.filter((row) => row.startsWith('sys_'))).toEqual([
      'sys_enter call ',
      'sys_exit call 3',
      'sys_enter exit ',
    ]);
  });

  it('gives way to a more urgent task when it returns, under every model', () => {
    const run = (preemption: 'none' | 'full'): string => {
      const lab = new Lab({ preemption });
      const hi = lab.task('hi', 50, function* (k) {
        lab.note(k, 'hi');
        yield 0;
      });
      lab.startUser('user', function* (k) {
        yield* syscall(k, 'call', function* (on) {
          yield* wake(on, hi);
          lab.note(on, 'kernel');
          return 0;
        });
        lab.note(k, 'user');
      });
      return lab.run().log.join(' ');
    };
    expect(run('none')).toBe('kernel hi user');
    expect(run('full')).toBe('hi kernel user');
  });
});

describe('user mode', () => {
  it('gives way at the exit of any interrupt, under every model', () => {
    for (const preemption of ['none', 'voluntary', 'full'] as const) {
      const lab = new Lab({ preemption });
      const hi = lab.task('hi', 50, function* (k) {
        lab.log.push(`hi at ${k.machine.sim.now / US}`);
        yield 100 * US;
      });
      lab.irqAt(
        300 * US,
        lab.irq(
          'I',
          just((k) => void wake_up_process(k.cpu, hi)),
        ),
      );
      lab.startUser('user', function* (k) {
        yield MS;
        lab.log.push(`user at ${k.machine.sim.now / US}`);
      });
      expect(lab.run().log).toEqual(['hi at 300', 'user at 1100']);
    }
  });

  it('is what two processes share by the tick', () => {
    const lab = new Lab({ preemption: 'none', hz: 1000 });
    const ends = ['a', 'b'].map((name) =>
      lab.startUser(name, function* (k) {
        yield 50 * MS;
        lab.log.push(`${name} at ${k.machine.sim.now / MS}`);
      }),
    );
    lab.run();
    expect(lab.log).toHaveLength(2);
    expect(ends.every((task) => task.nivcsw > 5)).toBe(true);
    expect(lab.machine.sim.now).toBeGreaterThanOrEqual(100 * MS);
  });
});
