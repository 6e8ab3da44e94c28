/* The lock validator: a rule a test, on the real locks of a machine. */
import { describe, expect, it } from 'vitest';
import { local_irq_disable, local_irq_enable } from '../../../models/cpu/preempt.ts';
import type { Code, Context } from '../../../models/context.ts';
import { local_bh_disable, local_bh_enable } from '../../../models/irq/softirq.ts';
import { Tasklet, tasklet_schedule } from '../../../models/irq/tasklet.ts';
import { Mutex, mutex_init, mutex_lock, mutex_unlock } from '../../../models/locking/mutex.ts';
import {
  Rwlock,
  read_lock,
  read_unlock,
  write_lock,
  write_unlock,
} from '../../../models/locking/rwlock.ts';
import { Semaphore, down, up } from '../../../models/locking/semaphore.ts';
import * as spin from '../../../models/locking/spinlock.ts';
import { TimerList, del_timer_sync, mod_timer } from '../../../models/time/timer.ts';
import { Lab, raise_irq, sleep } from '../lab.ts';

const { Spinlock, spin_lock, spin_unlock } = spin;
type Spin = InstanceType<typeof Spinlock>;

const texts = (lab: Lab): string[] => lab.machine.findings.all.map(({ text }) => text);

/** What a thread that does `steps` is told. */
function reports(steps: (k: Context, lab: Lab) => Code): string[] {
  const lab = new Lab();
  lab.start('main', 50, (k) => steps(k, lab));
  lab.run();
  return texts(lab);
}

function* nested(k: Context, outer: Spin, inner: Spin): Code {
  yield* spin_lock(k, outer);
  yield* spin_lock(k, inner);
  yield* spin_unlock(k, inner);
  yield* spin_unlock(k, outer);
}

function* both(k: Context, outer: Mutex, inner: Mutex): Code {
  yield* mutex_lock(k, outer);
  yield* mutex_lock(k, inner);
  yield* mutex_unlock(k, inner);
  yield* mutex_unlock(k, outer);
}

function* briefly(k: Context, lock: Spin): Code {
  yield* spin_lock(k, lock);
  yield* spin_unlock(k, lock);
}

const CIRCULAR = 'WARNING: possible circular locking dependency detected';
const RECURSIVE = 'WARNING: possible recursive locking detected';
const INCONSISTENT = 'WARNING: inconsistent lock state';
const INVERSION = 'WARNING: possible irq lock inversion dependency detected';

const spins = (...names: string[]): Spin[] => names.map((name) => new Spinlock(name));

describe('the order of locks', () => {
  it('must be the same for everybody, though nobody has met anybody yet', () => {
    const found = reports(function* (k) {
      const [a, b] = spins('A', 'B') as [Spin, Spin];
      yield* nested(k, a, b);
      yield* nested(k, b, a);
    });
    expect(found).toEqual([CIRCULAR]);
  });

  it('may be broken over more than two locks', () => {
    const found = reports(function* (k) {
      const [a, b, c] = spins('A', 'B', 'C') as [Spin, Spin, Spin];
      yield* nested(k, a, b);
      yield* nested(k, b, c);
      yield* nested(k, c, a);
    });
    expect(found).toEqual([CIRCULAR]);
  });

  it('is free for those who only try', () => {
    const found = reports(function* (k) {
      const [a, b] = spins('A', 'B') as [Spin, Spin];
      yield* nested(k, a, b);
      yield* spin_lock(k, b);
      expect(yield* spin.spin_trylock(k, a)).toBe(1);
      yield* spin_unlock(k, a);
      yield* spin_unlock(k, b);
    });
    expect(found).toEqual([]);
  });

  it('does not matter to semaphores, which have no owner', () => {
    const found = reports(function* (k) {
      const [a, b] = [new Semaphore('A', 1), new Semaphore('B', 1)] as const;
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        yield* down(k, x);
        yield* down(k, y);
        yield* up(k, y);
        yield* up(k, x);
      }
    });
    expect(found).toEqual([]);
  });

  it('is reported with who holds what, and where', () => {
    const lab = new Lab();
    const [a, b] = spins('A', 'B') as [Spin, Spin];
    lab.start('first', 50, (k) => nested(k, a, b));
    lab.start('second', 40, (k) => nested(k, b, a));
    lab.run();
    const [found] = lab.machine.findings.all;
    expect(found).toMatchObject({
      kind: 'lock-order',
      verdict: 'PREDICTED',
      actors: ['second', 'first'],
      objects: ['A', 'B'],
      guard: '',
    });
    expect(found!.lines).toEqual(
      expect.arrayContaining([
        'but task is already holding lock:',
        ' Possible unsafe locking scenario:',
        ' *** DEADLOCK ***',
      ]),
    );
  });

  it('may differ below a lock that all of them hold: said, and not the end of the search', () => {
    const lab = new Lab();
    const [g, a, b, c] = ['G', 'A', 'B', 'C'].map((name) => new Mutex(name)) as [
      Mutex,
      Mutex,
      Mutex,
      Mutex,
    ];
    lab.start('main', 50, function* (k) {
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        yield* mutex_lock(k, g);
        yield* both(k, x, y);
        yield* mutex_unlock(k, g);
      }
      expect(lab.machine.findings.all.map(({ guard }) => guard)).toEqual(['G']);
      yield* both(k, b, c);
      yield* both(k, c, b);
    });
    lab.run();
    expect(lab.machine.findings.all.map(({ guard }) => guard)).toEqual(['G', '']);
  });
});

describe('two locks of one class', () => {
  const pair = (): [Spin, Spin] => {
    const locks = spins('X1', 'X2') as [Spin, Spin];
    for (const lock of locks) lock.className = 'X';
    return locks;
  };

  it('must not be held at once', () => {
    expect(reports((k) => nested(k, ...pair()))).toEqual([RECURSIVE]);
  });

  it('may be, with a subclass for the inner one', () => {
    const found = reports(function* (k) {
      const [x, y] = pair();
      yield* spin_lock(k, x);
      yield* spin_lock(k, y, { subclass: 1, nest: null });
      yield* spin_unlock(k, y);
      yield* spin_unlock(k, x);
    });
    expect(found).toEqual([]);
  });

  it('may be, under a lock that keeps others away', () => {
    const found = reports(function* (k) {
      const [x, y] = pair();
      const outer = new Mutex('outer');
      yield* mutex_lock(k, outer);
      for (const lock of [x, y]) yield* spin_lock(k, lock, { subclass: 0, nest: outer });
      for (const lock of [x, y]) yield* spin_unlock(k, lock);
      yield* mutex_unlock(k, outer);
    });
    expect(found).toEqual([]);
  });
});

describe('readers', () => {
  it('of a process wait behind writers, so they do not take a lock twice', () => {
    const found = reports(function* (k) {
      const lock = new Rwlock('W');
      yield* read_lock(k, lock);
      yield* read_lock(k, lock);
      yield* read_unlock(k, lock);
      yield* read_unlock(k, lock);
    });
    expect(found).toEqual([RECURSIVE]);
  });

  it('of an interrupt pass them, so they may', () => {
    const found = reports(function* (k, lab) {
      const lock = new Rwlock('W');
      const tasklet = new Tasklet('T', function* (s) {
        yield* read_lock(s, lock);
        yield* read_lock(s, lock);
        yield* read_unlock(s, lock);
        yield* read_unlock(s, lock);
        lab.note(s, 'ran');
      });
      local_bh_disable(k);
      tasklet_schedule(k.cpu, tasklet);
      yield* local_bh_enable(k);
      expect(lab.log).toEqual(['ran@softirq']);
    });
    expect(found).toEqual([]);
  });

  it.each([
    ['a writer between two recursive readers waits for nobody', false],
    ['a writer behind a writer does wait', true],
  ])('%s', (_name, writes) => {
    const found = reports(function* (k) {
      const [a, b] = [new Rwlock('A'), new Rwlock('B')];
      a.forcedRecursive = b.forcedRecursive = true;
      const take = writes ? write_lock : read_lock;
      const drop = writes ? write_unlock : read_unlock;
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        yield* take(k, x);
        yield* take(k, y);
        yield* drop(k, y);
        yield* drop(k, x);
      }
    });
    expect(found).toEqual(writes ? [CIRCULAR] : []);
  });
});

describe('a lock that interrupts take', () => {
  /** `main` is followed by an interrupt that takes the lock. */
  const withIrq = (main: (k: Context, lock: Spin) => Code): string[] =>
    reports(function* (k, lab) {
      const lock = new Spinlock('L');
      yield* main(k, lock);
      const line = lab.irq('I', (i) => briefly(i, lock));
      yield* raise_irq(k, line);
    });

  it('must not be held with interrupts on', () => {
    expect(withIrq(briefly)).toEqual([INCONSISTENT]);
  });

  it('may be held with interrupts off', () => {
    const found = withIrq(function* (k, lock) {
      const flags = yield* spin.spin_lock_irqsave(k, lock);
      yield* spin.spin_unlock_irqrestore(k, lock, flags);
    });
    expect(found).toEqual([]);
  });

  it('must not be held when interrupts are turned on again', () => {
    const found = withIrq(function* (k, lock) {
      local_irq_disable(k);
      yield* spin_lock(k, lock);
      yield* local_irq_enable(k);
      local_irq_disable(k);
      yield* spin_unlock(k, lock);
      yield* local_irq_enable(k);
    });
    expect(found).toEqual([INCONSISTENT]);
  });

  it('is not kept from interrupts by disabled bottom halves', () => {
    const found = withIrq(function* (k, lock) {
      yield* spin.spin_lock_bh(k, lock);
      yield* spin.spin_unlock_bh(k, lock);
    });
    expect(found).toEqual([INCONSISTENT]);
  });

  it('must not lead to one that is held with interrupts on', () => {
    const found = reports(function* (k, lab) {
      const [a, b] = spins('A', 'B') as [Spin, Spin];
      yield* raise_irq(
        k,
        lab.irq('I', (i) => briefly(i, a)),
      );
      yield* briefly(k, b);
      local_irq_disable(k);
      yield* nested(k, a, b);
      yield* local_irq_enable(k);
    });
    expect(found).toEqual(['WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected']);
  });

  it('must not become one after it has led there', () => {
    const found = reports(function* (k, lab) {
      const [a, b] = spins('A', 'B') as [Spin, Spin];
      local_irq_disable(k);
      yield* nested(k, a, b);
      yield* local_irq_enable(k);
      yield* briefly(k, b);
      yield* raise_irq(
        k,
        lab.irq('I', (i) => briefly(i, a)),
      );
    });
    expect(found).toEqual([INVERSION]);
  });
});

describe('the balance of locks', () => {
  it('is broken by an unlock too many', () => {
    const found = reports(function* (k) {
      const lock = new Mutex('M');
      yield* mutex_lock(k, lock);
      yield* mutex_unlock(k, lock);
      yield* mutex_unlock(k, lock);
    });
    expect(found).toEqual(['WARNING: bad unlock balance detected!']);
  });

  it('is kept in whatever order locks are given back', () => {
    const found = reports(function* (k) {
      const [a, b] = [new Mutex('A'), new Mutex('B')];
      yield* mutex_lock(k, a);
      yield* mutex_lock(k, b);
      yield* mutex_unlock(k, a);
      yield* mutex_unlock(k, b);
    });
    expect(found).toEqual([]);
  });

  it('is broken by a task that ends with a lock', () => {
    const lab = new Lab();
    const lock = new Mutex('M');
    const task = lab.start('main', 50, (k) => mutex_lock(k, lock));
    lab.run();
    expect(texts(lab)).toEqual([`WARNING: main/${task.pid} still has locks held!`]);
  });

  it('is broken by a lock that is initialised while it is held', () => {
    const found = reports(function* (k) {
      const lock = new Mutex('M');
      yield* mutex_lock(k, lock);
      mutex_init(k, lock);
    });
    expect(found).toEqual(['WARNING: held lock freed!']);
  });
});

it('who waits for a timer must not hold what its function takes', () => {
  const found = reports(function* (k) {
    const lock = new Spinlock('L');
    const timer = new TimerList('T', (s) => briefly(s, lock));
    mod_timer(k.cpu, timer, k.machine.jiffies + 1);
    yield* sleep(k, 4);
    yield* spin.spin_lock_bh(k, lock);
    yield* del_timer_sync(k, timer);
    yield* spin.spin_unlock_bh(k, lock);
  });
  expect(found).toEqual([CIRCULAR]);
});

it('after its first report it is silent', () => {
  const found = reports(function* (k) {
    const [a, b] = spins('A', 'B') as [Spin, Spin];
    yield* nested(k, a, b);
    yield* nested(k, b, a);
    yield* mutex_unlock(k, new Mutex('M'));
  });
  expect(found).toEqual([CIRCULAR]);
});

it('a lock that is initialised before its first use keeps its class', () => {
  const found = reports(function* (k) {
    const locks = spins('X1', 'X2') as [Spin, Spin];
    for (const lock of locks) {
      lock.className = 'X';
      spin.spin_lock_init(k, lock);
    }
    yield* nested(k, ...locks);
  });
  expect(found).toEqual([RECURSIVE]);
});
