/*
 * How a reader-writer semaphore was shared until 3.9, lib/rwsem.c: in the order of arrival. Who
 * leaves hands it to the first writer in line, or to the readers before the next writer.
 * Those kernels had no killable waits; here they leave the line as those of 4.7 did.
 */
import type { Code, Context } from '../context.ts';
import { preempt_check_resched, preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { errno } from '../errno.ts';
import { wake_up_process } from '../sched/core.ts';
import {
  RWSEM_LOCK_MASK,
  RWSEM_READER_BIAS,
  RWSEM_WRITER_LOCKED,
  add_waiter,
  del_waiter,
  set_owner,
  set_reader_owned,
  type RwSemaphore,
  type RwsemWaiter,
} from './rw_semaphore.ts';
import { wait_for_grant } from './rwsem-wait.ts';

export function* read_fair(k: Context, sem: RwSemaphore, state: number): Code<number> {
  sem.count -= RWSEM_READER_BIAS;
  return yield* wait_in_line(k, sem, true, state);
}

export function* write_fair(k: Context, sem: RwSemaphore, state: number): Code<number> {
  preempt_disable(k);
  const result = yield* wait_in_line(k, sem, false, state);
  yield* preempt_enable(k);
  return result;
}

export function* wake_fair(k: Context, sem: RwSemaphore): Code {
  grant_front(k, sem);
  yield* preempt_check_resched(k);
}

function* wait_in_line(k: Context, sem: RwSemaphore, reads: boolean, state: number): Code<number> {
  const waiter = add_waiter(k, sem, reads);
  if (yield* wait_for_grant(k, sem, waiter, state)) return 0;
  del_waiter(sem, waiter);
  grant_front(k, sem);
  return -errno.EINTR;
}

/** __rwsem_do_wake(): all of it under the lock of the list, so that nobody runs in between. */
function grant_front(k: Context, sem: RwSemaphore): void {
  const [first] = sem.waiters;
  if (first === undefined) return;
  if (first.reads) {
    if ((sem.count & RWSEM_WRITER_LOCKED) !== 0) return;
    for (let waiter = first; waiter?.reads; waiter = sem.waiters[0]!) {
      sem.count += RWSEM_READER_BIAS;
      set_reader_owned(sem, waiter.task);
      grant(k, sem, waiter);
    }
  } else if ((sem.count & RWSEM_LOCK_MASK) === 0) {
    sem.count |= RWSEM_WRITER_LOCKED;
    set_owner(sem, first.task);
    grant(k, sem, first);
  }
}

function grant(k: Context, sem: RwSemaphore, waiter: RwsemWaiter): void {
  del_waiter(sem, waiter);
  waiter.granted = true;
  wake_up_process(k.cpu, waiter.task);
}
