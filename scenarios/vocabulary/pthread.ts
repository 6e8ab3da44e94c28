/*
 * Words of the C library for threads: mutexes and condition variables.
 */
import * as pthread from '../../models/user/pthread.ts';
import { op, userMode, type Arg, type Op } from './define.ts';

const mutex: Arg<pthread.AnyPthreadMutex> = {
  name: 'mutex',
  kind: 'object',
  types: ['pthread_mutex'],
};
const cond: Arg<pthread.PthreadCond> = { name: 'cond', kind: 'object', types: ['pthread_cond'] };

const SOURCE = 'of the C library';

export const pthreadOps: readonly Op[] = [
  op(
    'pthread_mutex_lock',
    [mutex],
    'int',
    'Takes it; asks the kernel (futex) only to sleep.',
    SOURCE,
    pthread.pthread_mutex_lock,
  ),
  op(
    'pthread_mutex_unlock',
    [mutex],
    'int',
    'Gives it back; wakes one who sleeps.',
    SOURCE,
    pthread.pthread_mutex_unlock,
  ),
  op(
    'pthread_cond_wait',
    [cond, mutex],
    'int',
    'Sleeps without the mutex until somebody signals; then takes it again.',
    SOURCE,
    pthread.pthread_cond_wait,
  ),
  op(
    'pthread_cond_signal',
    [cond],
    'int',
    'Wakes one of those who wait.',
    SOURCE,
    pthread.pthread_cond_signal,
  ),
  op(
    'pthread_cond_broadcast',
    [cond],
    'int',
    'Wakes all of those who wait.',
    SOURCE,
    pthread.pthread_cond_broadcast,
  ),
].map(userMode);
