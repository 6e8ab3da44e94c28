/*
 * Words for mutexes with priority inheritance, and for those that resolve a deadlock (wound/wait).
 */
import * as rt from '../../models/locking/rtmutex.ts';
import * as ww from '../../models/locking/ww_mutex.ts';
import { int, op, optional, rtMutex, wwContext, wwMutex, type Op } from './define.ts';

const WW = 'kernel/locking/ww_mutex.h, include/linux/ww_mutex.h';

export const wwMutexOps: readonly Op[] = [
  op('ww_acquire_init', [wwContext], 'void', 'It begins to take mutexes.', WW, ww.ww_acquire_init),
  op('ww_acquire_done', [wwContext], 'void', 'It has taken all.', WW, ww.ww_acquire_done),
  op('ww_acquire_fini', [wwContext], 'void', 'It has released all.', WW, ww.ww_acquire_fini),
  op(
    'ww_mutex_lock',
    [wwMutex, optional(wwContext)],
    'int',
    '0, -EALREADY, or -EDEADLK: release all, then ww_mutex_lock_slow.',
    WW,
    ww.ww_mutex_lock,
  ),
  op(
    'ww_mutex_lock_slow',
    [wwMutex, wwContext],
    'void',
    'Waits for the mutex for which the context gave up.',
    WW,
    ww.ww_mutex_lock_slow,
  ),
  op(
    'ww_mutex_trylock',
    [wwMutex, optional(wwContext)],
    'int',
    '1 if it got it.',
    WW,
    ww.ww_mutex_trylock,
  ),
  op('ww_mutex_unlock', [wwMutex], 'void', 'Releases it.', WW, ww.ww_mutex_unlock),
];

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
