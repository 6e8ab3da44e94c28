/* Reader-writer spinlocks: the bias form until 3.15, the queued form after. */
import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../models/era.ts';
import { local_bh_disable, local_bh_enable } from '../../models/irq/softirq.ts';
import {
  Rwlock,
  read_lock,
  read_lock_bh,
  read_lock_irqsave,
  read_trylock,
  read_unlock,
  read_unlock_bh,
  read_unlock_irqrestore,
  rwlock_init,
  write_lock,
  write_lock_bh,
  write_lock_irq,
  write_trylock,
  write_unlock,
  write_unlock_bh,
  write_unlock_irq,
} from '../../models/locking/rwlock.ts';
import { Lab, MS, raise_irq } from './lab.ts';

const bias = 'linux-2.6.32';
const queued = 'linux-6.1';

/** CPU 0 reads from 0 to 1000, CPU 1 wants to write at 100, `third` happens on CPU 2 at 200. */
function withWaitingWriter(kernel: KernelName, third: (lab: Lab, lock: Rwlock) => void): string {
  const lab = new Lab({ kernel, cpus: 3, preemption: 'none' });
  const lock = new Rwlock('W');
  lab.start('reader', 50, function* (k) {
    yield* read_lock(k, lock);
    yield 1000;
    lab.note(k, 'unlock');
    yield* read_unlock(k, lock);
  });
  lab.start(
    'writer',
    50,
    function* (k) {
      yield 100;
      yield* write_lock(k, lock);
      lab.note(k, 'written');
      yield 100;
      yield* write_unlock(k, lock);
    },
    { cpu: 1 },
  );
  third(lab, lock);
  return lab.run().log.join(' ');
}

it.each([
  [bias, 1, 'written unlock'],
  [bias, 2, 'written unlock'],
  [queued, 2, 'unlock'],
] as const)(
  'a waiter on %s, initialised by an interrupt on CPU %i, sees what is in memory: %s',
  (kernel, cpu, log) => {
    const initialise = (lab: Lab, lock: Rwlock): void => {
      const irq = lab.irq('I', function* (k) {
        yield 10;
        rwlock_init(k, lock);
      });
      lab.irqAt(300, irq, cpu);
    };
    expect(withWaitingWriter(kernel, initialise)).toBe(log);
  },
);

/** A second reader on CPU 2, in a context of its own. */
function reader(lab: Lab, lock: Rwlock, bh: boolean): void {
  lab.start(
    'second',
    50,
    function* (k) {
      yield 200;
      if (bh) local_bh_disable(k);
      yield* read_lock(k, lock);
      lab.note(k, 'read');
      yield* read_unlock(k, lock);
      if (bh) yield* local_bh_enable(k);
    },
    { cpu: 2 },
  );
}

describe('a reader that comes while a writer waits', () => {
  it('enters at once in the bias form', () => {
    expect(withWaitingWriter(bias, (lab, lock) => reader(lab, lock, false))).toBe(
      'read unlock written',
    );
  });

  it('waits behind the writer in the queued form', () => {
    expect(withWaitingWriter(queued, (lab, lock) => reader(lab, lock, false))).toBe(
      'unlock written read',
    );
  });

  it('enters at once in the queued form where bottom halves are off: "in interrupt"', () => {
    expect(withWaitingWriter(queued, (lab, lock) => reader(lab, lock, true))).toBe(
      'read unlock written',
    );
  });

  it('enters at once in the queued form in an interrupt', () => {
    const inIrq = (lab: Lab, lock: Rwlock): void => {
      const line = lab.irq('I', function* (k) {
        yield* read_lock(k, lock);
        lab.note(k, 'read');
        yield* read_unlock(k, lock);
      });
      lab.irqAt(200, line, 2);
    };
    expect(withWaitingWriter(queued, inIrq)).toBe('read@hardirq unlock written');
  });

  it('does not get it by trylock in the queued form, but in the bias form', () => {
    const trying = (kernel: KernelName): string =>
      withWaitingWriter(kernel, (lab, lock) => {
        lab.start(
          'second',
          50,
          function* (k) {
            yield 200;
            const got = yield* read_trylock(k, lock);
            lab.note(k, 'try', got);
            if (got === 1) yield* read_unlock(k, lock);
          },
          { cpu: 2 },
        );
      });
    expect(trying(queued)).toBe('try(0) unlock written');
    expect(trying(bias)).toBe('try(1) unlock written');
  });

  it('deadlocks with itself in the queued form if it reads already', () => {
    const nested = (kernel: KernelName): string => {
      const lab = new Lab({ kernel, cpus: 2, preemption: 'none' });
      const lock = new Rwlock('W');
      lab.start('reader', 50, function* (k) {
        yield* read_lock(k, lock);
        yield 1000;
        yield* read_lock(k, lock);
        lab.note(k, 'nested');
        yield* read_unlock(k, lock);
        yield* read_unlock(k, lock);
      });
      lab.start(
        'writer',
        50,
        function* (k) {
          yield 100;
          yield* write_lock(k, lock);
          lab.note(k, 'written');
          yield* write_unlock(k, lock);
        },
        { cpu: 1 },
      );
      return lab.run(100).log.join(' ');
    };
    expect(nested(bias)).toBe('nested written');
    expect(nested(queued)).toBe('');
  });
});

describe('a writer', () => {
  it('starves in the bias form while readers overlap, and not in the queued form', () => {
    const writtenAt = (kernel: KernelName): number => {
      const lab = new Lab({ kernel, cpus: 3, preemption: 'none' });
      const lock = new Rwlock('W');
      let at = 0;
      for (const cpu of [0, 1]) {
        lab.start(
          `reader${cpu}`,
          50,
          function* (k) {
            yield 1 + cpu * 60;
            for (let i = 0; i < 100; i++) {
              yield* read_lock(k, lock);
              yield 100;
              yield* read_unlock(k, lock);
              yield 10;
            }
          },
          { cpu },
        );
      }
      lab.start(
        'writer',
        50,
        function* (k) {
          yield 300;
          yield* write_lock(k, lock);
          at = k.machine.sim.now;
          yield* write_unlock(k, lock);
        },
        { cpu: 2 },
      );
      lab.run();
      return at;
    };
    expect(writtenAt(bias)).toBeGreaterThan(10_000);
    expect(writtenAt(queued)).toBeLessThan(500);
  });

  it('excludes readers and writers; waiting readers enter together', () => {
    for (const kernel of [bias, queued] as const) {
      const lab = new Lab({ kernel, cpus: 4, preemption: 'none' });
      const lock = new Rwlock('W');
      const inside: number[] = [];
      lab.start('writer', 50, function* (k) {
        yield* write_lock(k, lock);
        yield 1000;
        inside.push(lock.readers - lock.waiters.filter((waiter) => waiter.counted).length);
        yield* write_unlock(k, lock);
      });
      for (const cpu of [1, 2, 3]) {
        lab.start(
          `reader${cpu}`,
          50,
          function* (k) {
            yield 10 * cpu;
            yield* read_lock(k, lock);
            lab.log.push(`${k.machine.sim.now}`);
            yield 100;
            inside.push(lock.readers);
            yield* read_unlock(k, lock);
          },
          { cpu },
        );
      }
      expect(lab.run().log).toEqual(['1000', '1000', '1000']);
      expect(inside[0]).toBe(0);
      expect(inside[1]).toBe(3);
    }
  });

  it('of the bias form that was interrupted while it spins looks again afterwards', () => {
    const lab = new Lab({ kernel: bias, cpus: 2, preemption: 'none' });
    const lock = new Rwlock('W');
    lab.irqAt(
      50,
      lab.irq('I', function* () {
        yield 500;
      }),
      1,
    );
    lab.start('reader', 50, function* (k) {
      yield* read_lock(k, lock);
      yield 100;
      yield* read_unlock(k, lock);
      yield 100;
      yield* read_lock(k, lock);
      yield 1000;
      yield* read_unlock(k, lock);
    });
    lab.start(
      'writer',
      50,
      function* (k) {
        yield 10;
        yield* write_lock(k, lock);
        lab.log.push(`${k.machine.sim.now}`);
        yield* write_unlock(k, lock);
      },
      { cpu: 1 },
    );
    // The lock was free from 100 to 200, while the writer's CPU was busy with the interrupt.
    expect(lab.run().log).toEqual(['1200']);
  });
});

describe('an interrupted holder', () => {
  it('as a reader admits a reader in the interrupt, with a writer waiting elsewhere', () => {
    for (const kernel of [bias, queued] as const) {
      const lab = new Lab({ kernel, cpus: 2, preemption: 'none' });
      const lock = new Rwlock('W');
      const line = lab.irq('I', function* (k) {
        yield* read_lock(k, lock);
        lab.note(k, 'read');
        yield* read_unlock(k, lock);
      });
      lab.start('main', 50, function* (k) {
        yield* read_lock(k, lock);
        yield 500;
        yield* raise_irq(k, line);
        lab.note(k, 'unlock');
        yield* read_unlock(k, lock);
      });
      lab.start(
        'writer',
        50,
        function* (k) {
          yield 100;
          yield* write_lock(k, lock);
          lab.note(k, 'written');
          yield* write_unlock(k, lock);
        },
        { cpu: 1 },
      );
      expect(lab.run().log).toEqual(['read@hardirq', 'unlock', 'written']);
    }
  });

  it('as a writer deadlocks with a reader in the interrupt', () => {
    for (const kernel of [bias, queued] as const) {
      const lab = new Lab({ kernel, preemption: 'none' });
      const lock = new Rwlock('W');
      const line = lab.irq('I', function* (k) {
        yield* read_lock(k, lock);
        lab.note(k, 'never');
      });
      lab.start('main', 50, function* (k) {
        yield* write_lock(k, lock);
        yield* raise_irq(k, line);
        lab.note(k, 'never');
      });
      expect(lab.machine.sim.run(10 * MS)).toBe('until');
      expect(lab.log).toEqual([]);
      expect(lab.machine.findings.all[1]!.kind).toBe('self-deadlock');
    }
  });
});

describe('the variants and trylocks', () => {
  it('return what they returned on 6.1', () => {
    const lab = new Lab();
    const lock = new Rwlock('W');
    const results: number[] = [];
    lab.start('main', 50, function* (k) {
      results.push(yield* read_trylock(k, lock), yield* read_trylock(k, lock));
      results.push(yield* write_trylock(k, lock));
      yield* read_unlock(k, lock);
      results.push(yield* write_trylock(k, lock));
      yield* read_unlock(k, lock);
      results.push(yield* write_trylock(k, lock));
      results.push(yield* read_trylock(k, lock), yield* write_trylock(k, lock));
      yield* write_unlock(k, lock);
      results.push(k.cpu.preempt_count);
    });
    lab.run();
    expect(results).toEqual([1, 1, 0, 0, 1, 0, 0, 0]);
  });

  it('leave the counter and the interrupt flag as they found them', () => {
    const lab = new Lab();
    const lock = new Rwlock('W');
    const seen: string[] = [];
    lab.start('main', 50, function* (k) {
      const look = (): void =>
        void seen.push(`${k.cpu.preempt_count.toString(16)}${k.cpu.irqs_disabled ? 'd' : ''}`);
      yield* read_lock_bh(k, lock);
      look();
      yield* read_unlock_bh(k, lock);
      const flags = yield* read_lock_irqsave(k, lock);
      look();
      yield* read_unlock_irqrestore(k, lock, flags);
      look();
      yield* write_lock_bh(k, lock);
      yield* write_unlock_bh(k, lock);
      yield* write_lock_irq(k, lock);
      look();
      yield* write_unlock_irq(k, lock);
      look();
    });
    lab.run();
    expect(seen).toEqual(['201', '1d', '0', '1d', '0']);
    expect(lock.acquired).toBe(4);
  });
});
