/*
 * What a reader-writer semaphore consists of, kernel/locking/rwsem.c: the count word with the
 * kernel's bits, the owner's word, and the list of those who wait. A reader leaves its name behind
 * in the owner's word when it has gone.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Context } from '../context.ts';
import { HOOK } from '../hooks.ts';
import type { Task } from '../sched/task.ts';
import { Lock } from './lock.ts';
import { OptimisticSpinQueue } from './osq_lock.ts';

export const RWSEM_WRITER_LOCKED = 0x01;
export const RWSEM_FLAG_WAITERS = 0x02;
export const RWSEM_FLAG_HANDOFF = 0x04;
export const RWSEM_READER_SHIFT = 8;
export const RWSEM_READER_BIAS = 1 << RWSEM_READER_SHIFT;
export const RWSEM_LOCK_MASK = RWSEM_WRITER_LOCKED | -RWSEM_READER_BIAS;
/** What keeps a reader from walking in. */
export const RWSEM_READ_FAILED_MASK = RWSEM_WRITER_LOCKED | RWSEM_FLAG_WAITERS | RWSEM_FLAG_HANDOFF;

export interface RwsemWaiter {
  readonly task: Task;
  readonly reads: boolean;
  /** The jiffy after which it may ask for the hand-over. */
  readonly timeout: number;
  /** It asked, being the first. */
  handoffSet: boolean;
  /** It is let in: whoever did so has taken it off the list. */
  granted: boolean;
}

interface Holder {
  readonly task: Task;
  readonly since: number;
}

export class RwSemaphore extends Lock {
  readonly type = 'rw_semaphore';
  count = 0;
  owner: Task | null = null;
  /** RWSEM_READER_OWNED and RWSEM_NONSPINNABLE, the flags in the owner's word. */
  readerOwned = false;
  nonspinnable = false;
  readonly waiters: RwsemWaiter[] = [];
  readonly osq = new OptimisticSpinQueue();
  readonly holders: Holder[] = [];

  override feed(into: Fingerprint): void {
    into.add(this.count);
    into.add(this.owner === null ? -1 : this.owner.pid);
    into.add((this.readerOwned ? 1 : 0) + (this.nonspinnable ? 2 : 0));
    into.add(this.waiters.length);
    for (const { task, reads, handoffSet, timeout } of this.waiters) {
      into.add(task.pid);
      into.add((reads ? 1 : 0) + (handoffSet ? 2 : 0));
      into.add(Math.max(-1, timeout - task.machine.jiffies));
    }
    this.osq.feed(into);
    into.add(this.holders.length);
    for (const { task } of this.holders) into.add(task.pid);
  }

  traceDowngrade({ cpu, machine }: Context): void {
    if (machine.trace.on) machine.tell(cpu, HOOK.lock_downgrade, machine.texts.intern(this.name));
  }
}

export function readers(sem: RwSemaphore): number {
  return sem.count >> RWSEM_READER_SHIFT;
}

/** A writer owns it (`owner`), or nobody that anyone knows of (null). */
export function set_owner(sem: RwSemaphore, owner: Task | null): void {
  sem.owner = owner;
  sem.readerOwned = false;
  sem.nonspinnable = false;
}

export function set_reader_owned(sem: RwSemaphore, owner: Task): void {
  sem.owner = owner;
  sem.readerOwned = true;
}

/** One of the two words has changed: spinners see it. */
export function notify_spinners(k: Context, sem: RwSemaphore): void {
  k.machine.optimisticSpinners.release(sem);
}

/** Queues the current task. The timeout is RWSEM_WAIT_TIMEOUT: at least 4 ms or a jiffy. */
export function add_waiter(k: Context, sem: RwSemaphore, reads: boolean): RwsemWaiter {
  const timeout = k.machine.jiffies + Math.ceil(k.machine.hz / 250);
  const waiter = { task: k.current, reads, timeout, handoffSet: false, granted: false };
  sem.waiters.push(waiter);
  sem.count |= RWSEM_FLAG_WAITERS;
  return waiter;
}

/** The last one takes the flags with it. */
export function del_waiter(sem: RwSemaphore, waiter: RwsemWaiter): void {
  sem.waiters.splice(sem.waiters.indexOf(waiter), 1);
  if (sem.waiters.length === 0) sem.count &= ~(RWSEM_FLAG_WAITERS | RWSEM_FLAG_HANDOFF);
}
