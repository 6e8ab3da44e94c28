/*
 * Words that tell the lock validator more than plain ones: which of several locks of one class is
 * taken (subclasses, nest_lock), and that a lock is initialised again.
 */
import * as mutexes from '../../models/locking/mutex.ts';
import type { Lock, Nesting } from '../../models/locking/lock.ts';
import * as rw from '../../models/locking/rwlock.ts';
import * as rws from '../../models/locking/rwsem.ts';
import * as spin from '../../models/locking/spinlock.ts';
import type { Code, Context } from '../../models/context.ts';
import {
  anyLock,
  envOp,
  int,
  mutex,
  op,
  out,
  rwlock,
  rwsem,
  spinlock,
  type Arg,
  type Op,
} from './define.ts';

const LOCKDEP = 'include/linux/lockdep.h';
const SPIN = 'include/linux/spinlock.h';

type Take<L> = (k: Context, lock: L, nesting: Nesting) => Code;

/** `NAME_nested L N` */
function nested<L>(name: string, lock: Arg<L>, take: Take<L>): Op {
  const about = 'As without _nested; the lock is of that subclass (0 to 7) of its class.';
  const subclass = int('subclass');
  return op(`${name}_nested`, [lock, subclass], 'void', about, LOCKDEP, (k, l, n) =>
    take(k, l, { subclass: n, nest: null }),
  );
}

/** `NAME_nest_lock L OUTER` */
function nestLock<L>(name: string, lock: Arg<L>, take: Take<L>): Op {
  const about = 'As without _nest_lock; while the outer lock is held, several of the class may be.';
  const outer = anyLock('outer');
  return op(`${name}_nest_lock`, [lock, outer], 'void', about, LOCKDEP, (k, l, nest: Lock) =>
    take(k, l, { subclass: 0, nest }),
  );
}

/** A lock like new. */
function init<L>(name: string, lock: Arg<L>, source: string, body: (k: Context, l: L) => void): Op {
  return op(name, [lock], 'void', 'Initialises it (again): it is free.', source, body);
}

const spinLockIrqsaveNested = envOp(
  'spin_lock_irqsave_nested',
  [spinlock, out('flags'), int('subclass')],
  'int',
  'As spin_lock_irqsave; the lock is of that subclass of its class.',
  SPIN,
  function* (k, env, lock, set, subclass) {
    const flags = yield* spin.spin_lock_irqsave(k, lock, { subclass, nest: null });
    env.saveFlags(flags, set);
    return flags;
  },
);

export const lockClassOps: readonly Op[] = [
  nested('spin_lock', spinlock, spin.spin_lock),
  nested('write_lock', rwlock, rw.write_lock),
  nested('mutex_lock', mutex, mutexes.mutex_lock),
  nested('down_read', rwsem, rws.down_read),
  nested('down_write', rwsem, rws.down_write),
  spinLockIrqsaveNested,
  nestLock('spin_lock', spinlock, spin.spin_lock),
  nestLock('mutex_lock', mutex, mutexes.mutex_lock),
  nestLock('down_write', rwsem, rws.down_write),
  init('spin_lock_init', spinlock, SPIN, spin.spin_lock_init),
  init('rwlock_init', rwlock, 'include/linux/rwlock.h', rw.rwlock_init),
  init('mutex_init', mutex, 'include/linux/mutex.h', mutexes.mutex_init),
  init('init_rwsem', rwsem, 'include/linux/rwsem.h', rws.init_rwsem),
];
