/*
 * What the kernel tells its own checkers without a tracepoint (include/linux/lockdep.h,
 * include/linux/irqflags.h, include/linux/sched/mm.h): listeners of the trace hear of it, but it is
 * no row. Numbers below zero, so that none is an event.
 */
import type { Context } from './context.ts';

export const HOOK = {
  /** lockdep_hardirqs_on_prepare(): interrupts are about to be enabled. */
  hardirqs_on: -1,
  /** lock_map_acquire(), lock_map_release(): something that is waited for like a lock. */
  map_acquire: -2,
  map_release: -3,
  /** debug_check_no_locks_freed(): the lock is initialised again, or its memory freed. */
  lock_freed: -4,
  /** lockdep_sys_exit(): the task goes on in user mode. */
  sys_exit: -5,
  /** downgrade_write(): a writer becomes a reader. */
  lock_downgrade: -6,
  /** lock_contended() and lock_acquired(), of every kind of lock: see the bits below. */
  lock_wait: -7,
  lock_taken: -8,
  /** A wait for the end of something that runs, or of a task: begins and is over. */
  sync_wait: -9,
  sync_done: -10,
  /** instrument_read() and its like (include/linux/instrumented.h): memory that others see too. */
  access: -20,
  /** smp_store_release() and smp_load_acquire() on something that is no lock; see ORDER. */
  release: -21,
  acquire: -22,
  /** kmalloc(), kfree() and an access through the pointer, as KASAN sees them. */
  mem_alloc: -23,
  mem_free: -24,
  mem_use: -25,
  /** debug_check_no_obj_freed(): memory that is freed contains this timer, work or tasklet. */
  debug_check: -26,
  /** kmemleak_alloc() of a socket buffer; a queue owns it; somebody has taken it from there. */
  skb_alloc: -27,
  skb_queued: -28,
  skb_dequeued: -29,
  /** A message did not fit; somebody asked whether one did not. */
  queue_overrun: -30,
  queue_drops: -31,
  /** A value of user memory is fetched: a variable that stands for it. */
  user_fetch: -32,
  /** User memory itself is written, by a program or for one. */
  user_store: -36,
  /** kthread_stop(): it is called; it lets the thread's task_struct go. */
  kthread_stop: -33,
  kthread_gone: -34,
  /** Every task that was to end has ended. */
  end: -35,
} as const;

/** What HOOK.lock_wait and HOOK.lock_taken say of the lock, and above it the context's depth. */
export const LOCK_HOOK = {
  /** Who waits occupies the CPU. */
  spins: 1,
  reads: 2,
  /** Somebody else may give it back. */
  ownerless: 4,
  /** Readers and writers. */
  rw: 8,
  depthShift: 4,
} as const;

/** How somebody waits for an end: the CPU is free for others meanwhile, or it is not. */
export type SyncWait = 'sleeps' | 'spins';

/** `k` is about to wait for the end of `name`, or of the task `pid` if that is not 0. */
export function sync_wait(k: Context, name: string, how: SyncWait, pid = 0): void {
  const { cpu, machine, depth } = k;
  if (!machine.trace.on) return;
  const bits = (how === 'spins' ? SYNC_SPINS : 0) + depth;
  machine.tell(cpu, HOOK.sync_wait, machine.texts.intern(name), pid * 2 * SYNC_SPINS + bits);
}

export function sync_done({ cpu, machine, depth }: Context, name: string): void {
  if (machine.trace.on) machine.tell(cpu, HOOK.sync_done, machine.texts.intern(name), depth);
}

/** What HOOK.sync_wait says: the depth, this if it spins, and twice this times the pid. */
export const SYNC_SPINS = 64;
