/*
 * Words for locks.
 */
import * as mutexes from '../../models/locking/mutex.ts';
import * as rw from '../../models/locking/rwlock.ts';
import * as rws from '../../models/locking/rwsem.ts';
import * as sem from '../../models/locking/semaphore.ts';
import * as spin from '../../models/locking/spinlock.ts';
import type { Code, Context } from '../../models/context.ts';
import type { Activation } from '../run/activation.ts';
import {
  alias,
  envOp,
  int,
  mutex,
  op,
  optional,
  out,
  rwlock,
  rwsem,
  semaphore,
  spinlock,
  type Arg,
  type Op,
} from './define.ts';

const SPIN = 'include/linux/spinlock_api_smp.h, kernel/locking/qspinlock.c';
const RW = 'include/linux/rwlock_api_smp.h, kernel/locking/qrwlock.c';
const SEM = 'kernel/locking/semaphore.c, lib/semaphore-sleepers.c (2.6.24)';
const MUTEX = 'kernel/locking/mutex.c, kernel/mutex.c (2.6)';
const RWSEM = 'kernel/locking/rwsem.c, lib/rwsem.c (2.4, 2.6)';

/** `lock_irqsave L [$f]`: without `$f` the actor remembers the flags itself. */
function saving<L>(
  name: string,
  lock: Arg<L>,
  source: string,
  take: (k: Context, lock: L) => Code<number>,
): Op {
  const about = 'Saves the interrupt flag, turns interrupts off and takes the lock.';
  return envOp(name, [lock, out('flags')], 'int', about, source, function* (k, env, l, set) {
    const flags = yield* take(k, l);
    env.saveFlags(flags, set);
    return flags;
  });
}

function restoring<L>(
  name: string,
  lock: Arg<L>,
  source: string,
  release: (k: Context, lock: L, flags: number) => Code,
): Op {
  const about = 'Releases the lock and restores the interrupt flag.';
  const run = (k: Context, env: Activation, l: L, flags: number | undefined): Code =>
    release(k, l, flags ?? env.restoreFlags());
  return envOp(name, [lock, optional(int('flags'))], 'void', about, source, run);
}

const spinlocks: readonly Op[] = [
  op('spin_lock', [spinlock], 'void', 'Spins for the lock; preemption off.', SPIN, spin.spin_lock),
  op(
    'spin_unlock',
    [spinlock],
    'void',
    'Releases the lock; preemption on.',
    SPIN,
    spin.spin_unlock,
  ),
  op('spin_trylock', [spinlock], 'int', '1 if it got the lock.', SPIN, spin.spin_trylock),
  op('spin_lock_irq', [spinlock], 'void', 'Interrupts off, lock.', SPIN, spin.spin_lock_irq),
  op(
    'spin_unlock_irq',
    [spinlock],
    'void',
    'Unlock, interrupts on whatever they were.',
    SPIN,
    spin.spin_unlock_irq,
  ),
  saving('spin_lock_irqsave', spinlock, SPIN, spin.spin_lock_irqsave),
  restoring('spin_unlock_irqrestore', spinlock, SPIN, spin.spin_unlock_irqrestore),
  op('spin_lock_bh', [spinlock], 'void', 'Bottom halves off, lock.', SPIN, spin.spin_lock_bh),
  op(
    'spin_unlock_bh',
    [spinlock],
    'void',
    'Unlock, bottom halves on: softirqs raised meanwhile run.',
    SPIN,
    spin.spin_unlock_bh,
  ),
  op('spin_trylock_bh', [spinlock], 'int', '1 if it got the lock.', SPIN, spin.spin_trylock_bh),
  op('spin_trylock_irq', [spinlock], 'int', '1 if it got the lock.', SPIN, spin.spin_trylock_irq),
  op('spin_is_locked', [spinlock], 'int', '1 while somebody holds it.', SPIN, (_k, lock) =>
    spin.spin_is_locked(lock),
  ),
];

const rwlocks: readonly Op[] = [
  op('read_lock', [rwlock], 'void', 'Takes the lock for reading.', RW, rw.read_lock),
  op('read_unlock', [rwlock], 'void', 'Releases it.', RW, rw.read_unlock),
  op('write_lock', [rwlock], 'void', 'Takes the lock for writing.', RW, rw.write_lock),
  op('write_unlock', [rwlock], 'void', 'Releases it.', RW, rw.write_unlock),
  op('read_trylock', [rwlock], 'int', '1 if it got the lock.', RW, rw.read_trylock),
  op('write_trylock', [rwlock], 'int', '1 if it got the lock.', RW, rw.write_trylock),
  op('read_lock_irq', [rwlock], 'void', 'Interrupts off, read lock.', RW, rw.read_lock_irq),
  op('read_unlock_irq', [rwlock], 'void', 'Unlock, interrupts on.', RW, rw.read_unlock_irq),
  op('write_lock_irq', [rwlock], 'void', 'Interrupts off, write lock.', RW, rw.write_lock_irq),
  op('write_unlock_irq', [rwlock], 'void', 'Unlock, interrupts on.', RW, rw.write_unlock_irq),
  saving('read_lock_irqsave', rwlock, RW, rw.read_lock_irqsave),
  restoring('read_unlock_irqrestore', rwlock, RW, rw.read_unlock_irqrestore),
  saving('write_lock_irqsave', rwlock, RW, rw.write_lock_irqsave),
  restoring('write_unlock_irqrestore', rwlock, RW, rw.write_unlock_irqrestore),
  op('read_lock_bh', [rwlock], 'void', 'Bottom halves off, read lock.', RW, rw.read_lock_bh),
  op('read_unlock_bh', [rwlock], 'void', 'Unlock, bottom halves on.', RW, rw.read_unlock_bh),
  op('write_lock_bh', [rwlock], 'void', 'Bottom halves off, write lock.', RW, rw.write_lock_bh),
  op('write_unlock_bh', [rwlock], 'void', 'Unlock, bottom halves on.', RW, rw.write_unlock_bh),
];

const semaphores: readonly Op[] = [
  op('down', [semaphore], 'void', 'Takes it, sleeping if it must.', SEM, sem.down),
  op('down_interruptible', [semaphore], 'int', '0, or -EINTR.', SEM, sem.down_interruptible),
  op('down_killable', [semaphore], 'int', '0, or -EINTR by SIGKILL.', SEM, sem.down_killable),
  op(
    'down_trylock',
    [semaphore, out('result')],
    'int',
    '0 if it got it, 1 if not: the opposite of the other trylocks.',
    SEM,
    function* (k, s, set) {
      const result = yield* sem.down_trylock(k, s);
      set?.(result);
      return result;
    },
  ),
  op('down_timeout', [semaphore, int('jiffies')], 'int', '0, or -ETIME.', SEM, sem.down_timeout),
  op('up', [semaphore], 'void', 'Gives it back, from any context.', SEM, sem.up),
];

const mutexOps: readonly Op[] = [
  op('mutex_lock', [mutex], 'void', 'Takes it, sleeping if it must.', MUTEX, mutexes.mutex_lock),
  op(
    'mutex_lock_interruptible',
    [mutex],
    'int',
    '0, or -EINTR.',
    MUTEX,
    mutexes.mutex_lock_interruptible,
  ),
  op(
    'mutex_lock_killable',
    [mutex],
    'int',
    '0, or -EINTR by SIGKILL.',
    MUTEX,
    mutexes.mutex_lock_killable,
  ),
  op('mutex_trylock', [mutex], 'int', '1 if it got it.', MUTEX, mutexes.mutex_trylock),
  op('mutex_unlock', [mutex], 'void', 'Releases it.', MUTEX, mutexes.mutex_unlock),
  op('mutex_is_locked', [mutex], 'int', '1 while somebody holds it.', MUTEX, (_k, lock) =>
    mutexes.mutex_is_locked(lock),
  ),
];

const rwsems: readonly Op[] = [
  op(
    'down_read',
    [rwsem],
    'void',
    'Takes it for reading, sleeping if it must.',
    RWSEM,
    rws.down_read,
  ),
  op(
    'down_read_interruptible',
    [rwsem],
    'int',
    '0, or -EINTR.',
    RWSEM,
    rws.down_read_interruptible,
  ),
  op(
    'down_read_killable',
    [rwsem],
    'int',
    '0, or -EINTR by SIGKILL.',
    RWSEM,
    rws.down_read_killable,
  ),
  op('down_read_trylock', [rwsem], 'int', '1 if it got it.', RWSEM, rws.down_read_trylock),
  op('up_read', [rwsem], 'void', 'A reader leaves.', RWSEM, rws.up_read),
  op(
    'down_write',
    [rwsem],
    'void',
    'Takes it for writing, sleeping if it must.',
    RWSEM,
    rws.down_write,
  ),
  op(
    'down_write_killable',
    [rwsem],
    'int',
    '0, or -EINTR by SIGKILL.',
    RWSEM,
    rws.down_write_killable,
  ),
  op('down_write_trylock', [rwsem], 'int', '1 if it got it.', RWSEM, rws.down_write_trylock),
  op('up_write', [rwsem], 'void', 'The writer leaves.', RWSEM, rws.up_write),
  op(
    'downgrade_write',
    [rwsem],
    'void',
    'The writer becomes a reader; readers that wait come in too.',
    RWSEM,
    rws.downgrade_write,
  ),
];

/** Without real-time patches a raw spinlock is no other lock. */
const rawSpinlocks = spinlocks.map((word) => alias(`raw_${word.name}`, word));

export const lockingOps: readonly Op[] = [
  ...spinlocks,
  ...rawSpinlocks,
  ...rwlocks,
  ...semaphores,
  ...mutexOps,
  ...rwsems,
];
