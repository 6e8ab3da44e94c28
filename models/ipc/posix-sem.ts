/*
 * POSIX semaphores as the C library makes them from a futex: nptl/sem_waitcommon.c and sem_post.c
 * of glibc 2.21 and later. The value is changed in user mode; the kernel is asked only to sleep
 * while it is 0, and to wake one of those who do.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import { systemCall } from '../user/signals.ts';
import { Futex, futex_wait, futex_wake } from './futex.ts';

export class PosixSem extends Futex {
  /** Who waits or is about to. */
  nwaiters = 0;
}

/** One atomic instruction on the semaphore: true if it was above 0 and is one less now. */
function* decrement(k: Context, sem: PosixSem): Code<boolean> {
  yield k.step(sem, k.machine.costs.access);
  if (sem.value === 0) return false;
  sem.value--;
  load_acquire(k.cpu, ORDER.ipc, sem.name);
  return true;
}

/** 0, -EINTR, and with a timeout in ns -ETIMEDOUT. */
export function* sem_timedwait(k: Context, sem: PosixSem, timeout: number | null): Code<number> {
  if (yield* decrement(k, sem)) return 0;
  const end = timeout === null ? Infinity : k.machine.sim.now + timeout;
  sem.nwaiters++;
  for (;;) {
    const left = end === Infinity ? null : end - k.machine.sim.now;
    const error =
      left !== null && left <= 0
        ? -errno.ETIMEDOUT
        : yield* systemCall(k, 'futex', (on) => futex_wait(on, sem, 0, left));
    if (error === -errno.ETIMEDOUT || error === -errno.EINTR) {
      sem.nwaiters--;
      return error;
    }
    if (yield* decrement(k, sem)) {
      sem.nwaiters--;
      return 0;
    }
  }
}

export function sem_wait(k: Context, sem: PosixSem): Code<number> {
  return sem_timedwait(k, sem, null);
}

/** 0, or -EAGAIN if it is 0. */
export function* sem_trywait(k: Context, sem: PosixSem): Code<number> {
  return (yield* decrement(k, sem)) ? 0 : -errno.EAGAIN;
}

export function* sem_post(k: Context, sem: PosixSem): Code<number> {
  yield k.step(sem, k.machine.costs.access);
  store_release(k.cpu, ORDER.ipc, sem.name);
  sem.value++;
  if (sem.nwaiters > 0) yield* systemCall(k, 'futex', (on) => futex_wake(on, sem, 1));
  return 0;
}
