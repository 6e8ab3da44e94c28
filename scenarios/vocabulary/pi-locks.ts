/*
 * Words for mutexes with priority inheritance.
 */
import * as rt from '../../models/locking/rtmutex.ts';
import { int, op, rtMutex, type Op } from './define.ts';

const RTMUTEX = 'kernel/locking/rtmutex.c';

export const rtMutexOps: readonly Op[] = [
  op('rt_mutex_lock', [rtMutex], 'void', 'Takes it, sleeping if it must.', RTMUTEX, (k, lock) =>
    rt.rt_mutex_lock(k, lock),
  ),
  op(
    'rt_mutex_lock_nested',
    [rtMutex, int('subclass')],
    'void',
    'With that subclass.',
    RTMUTEX,
    (k, lock, subclass) => rt.rt_mutex_lock(k, lock, { subclass, nest: null }),
  ),
  op(
    'rt_mutex_lock_interruptible',
    [rtMutex],
    'int',
    '0, or -EINTR.',
    RTMUTEX,
    rt.rt_mutex_lock_interruptible,
  ),
  op(
    'rt_mutex_lock_killable',
    [rtMutex],
    'int',
    '0, or -EINTR by SIGKILL.',
    RTMUTEX,
    rt.rt_mutex_lock_killable,
  ),
  op('rt_mutex_trylock', [rtMutex], 'int', '1 if it got it.', RTMUTEX, rt.rt_mutex_trylock),
  op(
    'rt_mutex_unlock',
    [rtMutex],
    'void',
    'Releases it; the borrowed priority goes back.',
    RTMUTEX,
    rt.rt_mutex_unlock,
  ),
  op('rt_mutex_init', [rtMutex], 'void', 'Initialises it (again).', RTMUTEX, rt.rt_mutex_init),
];
