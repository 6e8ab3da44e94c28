/*
 * What the kernel tells its own checkers without a tracepoint (include/linux/lockdep.h,
 * include/linux/irqflags.h, include/linux/sched/mm.h): listeners of the trace hear of it, but it is
 * no row. Numbers below zero, so that none is an event.
 */
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
} as const;
