/*
 * Spinlocks: exclusion, and what interrupts and bottom halves do meanwhile. Whom a contended one
 * goes to, by era: test/eras/spinlock.test.ts.
 */
import { describe, expect, it } from 'vitest';
import {
  Spinlock,
  spin_is_locked,
  spin_lock,
  spin_lock_bh,
  spin_lock_irq,
  spin_lock_init,
  spin_lock_irqsave,
  spin_trylock,
  spin_trylock_bh,
  spin_trylock_irq,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spin_unlock_irqrestore,
} from '../../models/locking/spinlock.ts';
import { local_irq_disable } from '../../models/cpu/preempt.ts';
import { Tasklet, tasklet_schedule } from '../../models/irq/tasklet.ts';
import { Lab, MS, US, just, raise_irq } from './lab.ts';

describe('a contended spinlock', () => {
  it('is taken by an interrupted waiter of an unfair lock when it looks again', () => {
    const lab = new Lab({ kernel: 'linux-2.6.24', cpus: 2, preemption: 'none' });
    const lock = new Spinlock('L');
    lab.irqAt(
      50,
      lab.irq('I', function* () {
        yield 500;
      }),
      1,
    );
    for (const cpu of [0, 1]) {
      lab.start(
        `${cpu}`,
        50,
        function* (k) {
          yield 1 + cpu * 10;
          yield* spin_lock(k, lock);
          yield 100;
          lab.log.push(`${cpu} at ${k.machine.sim.now}`);
          yield* spin_unlock(k, lock);
        },
        { cpu },
      );
    }
    expect(lab.run().log).toEqual(['0 at 101', `1 at ${50 + 500 + 100}`]);
  });

  it('is taken by a waiter of an unfair lock when somebody initialises it', () => {
    const lab = new Lab({ kernel: 'linux-2.6.24', cpus: 2, preemption: 'none' });
    const lock = new Spinlock('L');
    lab.start('holder', 50, (k) => spin_lock(k, lock), { cpu: 0 });
    lab.irqAt(
      300,
      lab.irq('I', function* (k) {
        yield 10;
        spin_lock_init(k, lock);
      }),
      1,
    );
    lab.start(
      'waiter',
      50,
      function* (k) {
        yield 100;
        yield* spin_lock(k, lock);
        lab.note(k, 'in');
        yield* spin_unlock(k, lock);
      },
      { cpu: 1 },
    );
    expect(lab.run().log).toEqual(['in']);
    expect(spin_is_locked(lock)).toBe(0);
  });

  it('lets interrupts reach a spinning waiter, also one whose softirq runs for long', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const lock = new Spinlock('L');
    const tasklet = new Tasklet('T', function* (k) {
      yield 2 * MS;
      lab.note(k, 'softirq');
    });
    lab.irqAt(
      500 * US,
      lab.irq(
        'I',
        just((k) => tasklet_schedule(k.cpu, tasklet)),
      ),
      1,
    );
    lab.start('0', 50, function* (k) {
      yield* spin_lock(k, lock);
      yield MS;
      lab.note(k, 'unlock');
      yield* spin_unlock(k, lock);
    });
    lab.start(
      '1',
      50,
      function* (k) {
        yield 10;
        yield* spin_lock(k, lock);
        lab.note(k, 'locked');
        lab.log.push(`waited ${lock.waitMax / US}`);
        yield* spin_unlock(k, lock);
      },
      { cpu: 1 },
    );
    expect(lab.run().log[0]).toBe('unlock');
    expect(lab.log.slice(1, 3)).toEqual(['softirq@softirq', 'locked']);
  });

  it('keeps interrupts out of a waiter that has turned them off', () => {
    const lab = new Lab({ cpus: 2, preemption: 'none' });
    const lock = new Spinlock('L');
    lab.irqAt(
      50,
      lab.irq(
        'I',
        just((k) => lab.note(k, 'irq')),
      ),
      1,
    );
    lab.start('0', 50, function* (k) {
      yield* spin_lock(k, lock);
      yield 100;
      yield* spin_unlock(k, lock);
    });
    lab.start(
      '1',
      50,
      function* (k) {
        yield 10;
        const flags = yield* spin_lock_irqsave(k, lock);
        lab.note(k, 'locked');
        yield* spin_unlock_irqrestore(k, lock, flags);
        lab.note(k, 'unlocked');
      },
      { cpu: 1 },
    );
    expect(lab.run().log).toEqual(['locked', 'irq@hardirq', 'unlocked']);
  });

  it('that is never released does not keep the run from its end', () => {
    const lab = new Lab({ cpus: 2, maxSteps: 10_000 });
    const lock = new Spinlock('L');
    lab.start('0', 50, function* (k) {
      yield* spin_lock(k, lock);
      yield* spin_lock(k, lock);
    });
    lab.start(
      '1',
      50,
      function* (k) {
        yield 10;
        yield* spin_lock(k, lock);
      },
      { cpu: 1 },
    );
    expect(lab.machine.sim.run(100 * MS)).toBe('until');
    expect(lab.machine.findings.all.map((finding) => finding.text)).toEqual([
      'WARNING: possible recursive locking detected',
      'BUG: spinlock recursion on CPU#0, 0/2',
    ]);
    lab.machine.accountAll();
    expect(lab.machine.cpus[1]!.times.ns.kernel).toBe(100 * MS);
  });
});

describe('a spinlock taken plainly', () => {
  it('lets an interrupt and its tasklet in; with _bh the tasklet waits for the unlock', () => {
    const run = (bh: boolean): string => {
      const lab = new Lab();
      const lock = new Spinlock('L');
      const tasklet = new Tasklet(
        'T',
        just((k) => lab.note(k, 'tasklet')),
      );
      const line = lab.irq(
        'I',
        just((k) => {
          lab.note(k, 'irq');
          tasklet_schedule(k.cpu, tasklet);
        }),
      );
      lab.start('main', 50, function* (k) {
        yield* bh ? spin_lock_bh(k, lock) : spin_lock(k, lock);
        yield* raise_irq(k, line);
        lab.note(k, 'raised');
        yield* bh ? spin_unlock_bh(k, lock) : spin_unlock(k, lock);
        lab.note(k, 'unlocked');
      });
      return lab.run().log.join(' ');
    };
    expect(run(false)).toBe('irq@hardirq tasklet@softirq raised unlocked');
    expect(run(true)).toBe('irq@hardirq raised tasklet@softirq unlocked');
  });

  it('deadlocks with an interrupt that wants it on the same CPU, and the kernel says so', () => {
    const lab = new Lab();
    const lock = new Spinlock('L');
    const line = lab.irq('I', function* (k) {
      yield* spin_lock(k, lock);
      lab.note(k, 'never');
    });
    lab.start('main', 50, function* (k) {
      yield* spin_lock(k, lock);
      yield* raise_irq(k, line);
      lab.note(k, 'never');
    });
    expect(lab.run().log).toEqual([]);
    expect(lab.machine.findings.all[1]).toMatchObject({
      kind: 'self-deadlock',
      text: 'BUG: spinlock recursion on CPU#0, main/2',
      actor: 'I',
      object: 'L',
    });
  });
});

describe('the variants', () => {
  it('leave preemption, interrupts and bottom halves as the table of the kernel says', () => {
    const lab = new Lab();
    const lock = new Spinlock('L');
    const seen: string[] = [];
    lab.start('main', 50, function* (k) {
      const look = (name: string): void => {
        const { preempt_count: count, irqs_disabled: off } = k.cpu;
        seen.push(`${name} ${count.toString(16)}${off ? ' irqs off' : ''}`);
      };
      yield* spin_lock(k, lock);
      look('lock');
      yield* spin_unlock(k, lock);
      yield* spin_lock_bh(k, lock);
      look('bh');
      yield* spin_unlock_bh(k, lock);
      yield* spin_lock_irq(k, lock);
      look('irq');
      yield* spin_unlock_irq(k, lock);
      local_irq_disable(k);
      const flags = yield* spin_lock_irqsave(k, lock);
      yield* spin_unlock_irqrestore(k, lock, flags);
      look('restored');
      yield* spin_lock_irq(k, lock);
      yield* spin_unlock_irq(k, lock);
      look('unlock_irq');
    });
    lab.run();
    expect(seen).toEqual([
      'lock 1',
      'bh 201',
      'irq 1 irqs off',
      'restored 0 irqs off',
      'unlock_irq 0',
    ]);
  });

  it('spin_trylock returns 1 for success, and leaves nothing behind when it fails', () => {
    const lab = new Lab({ cpus: 2 });
    const lock = new Spinlock('L');
    lab.start(
      'holder',
      50,
      function* (k) {
        lab.note(k, 'try', yield* spin_trylock(k, lock));
        yield 1000;
        yield* spin_unlock(k, lock);
      },
      { cpu: 1 },
    );
    lab.start('main', 50, function* (k) {
      yield 500;
      for (const trylock of [spin_trylock, spin_trylock_bh, spin_trylock_irq]) {
        lab.note(k, `${trylock.name} ${yield* trylock(k, lock)} ${k.cpu.preempt_count}`);
      }
      expect(k.cpu.irqs_disabled).toBe(false);
      yield 1000;
      lab.note(k, 'locked', spin_is_locked(lock));
      lab.note(k, `${yield* spin_trylock_bh(k, lock)} ${k.cpu.preempt_count.toString(16)}`);
      yield* spin_unlock_bh(k, lock);
      lab.note(k, `${yield* spin_trylock_irq(k, lock)} ${k.cpu.irqs_disabled}`);
      yield* spin_unlock_irq(k, lock);
    });
    expect(lab.run().log).toEqual([
      'try(1)',
      'spin_trylock 0 0',
      'spin_trylock_bh 0 0',
      'spin_trylock_irq 0 0',
      'locked(0)',
      '1 201',
      '1 true',
    ]);
  });
});
