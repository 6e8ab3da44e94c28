/*
 * Where the kernel's checks stand, as it prints them: file and line of 6.1.192 where that kernel
 * was heard to print it, else the file. Checks that are macros stand in the caller's own file:
 * the step.
 */
import type { Context } from '../context.ts';

const MACRO = '';

const files: ReadonlyMap<string, string> = new Map([
  ['mutex_lock', 'kernel/locking/mutex.c:580'],
  ['mutex_lock_interruptible', 'kernel/locking/mutex.c:580'],
  ['mutex_lock_killable', 'kernel/locking/mutex.c:580'],
  ['ww_mutex_lock', 'kernel/locking/mutex.c:580'],
  ['rt_mutex_lock', 'kernel/locking/rtmutex_api.c'],
  ['down', 'kernel/locking/semaphore.c:59'],
  ['down_interruptible', 'kernel/locking/semaphore.c:83'],
  ['down_killable', 'kernel/locking/semaphore.c'],
  ['down_timeout', 'kernel/locking/semaphore.c'],
  ['down_read', 'kernel/locking/rwsem.c:1519'],
  ['down_read_interruptible', 'kernel/locking/rwsem.c'],
  ['down_read_killable', 'kernel/locking/rwsem.c'],
  ['down_write', 'kernel/locking/rwsem.c'],
  ['down_write_killable', 'kernel/locking/rwsem.c'],
  ['wait_for_completion', 'kernel/sched/completion.c'],
  ['kmalloc', 'include/linux/sched/mm.h:274'],
  ['alloc_skb', 'include/linux/sched/mm.h:274'],
  ['copy_from_user', 'lib/usercopy.c:14'],
  ['copy_to_user', 'lib/usercopy.c'],
  ['strncpy_from_user', 'lib/strncpy_from_user.c'],
  ['strnlen_user', 'lib/strnlen_user.c'],
  ['flush_work', 'kernel/workqueue.c'],
  ['cancel_work_sync', 'kernel/workqueue.c'],
  ['process_one_work', 'kernel/workqueue.c'],
  ['run_ksoftirqd', 'kernel/softirq.c'],
  ['tasklet_kill', 'kernel/softirq.c'],
  ['tasklet_unlock_wait', 'kernel/softirq.c'],
  ['synchronize_rcu', 'kernel/sched/completion.c'],
  ['irq_work_sync', 'kernel/irq_work.c'],
  ['exit_signals', 'include/linux/cgroup-defs.h:771'],
  ['might_sleep', MACRO],
  ['cond_resched', MACRO],
  ['wait_event', MACRO],
  ['get_user', MACRO],
  ['put_user', MACRO],
]);

/** The place of a check that is reached through `name`; the name itself if nothing is known. */
export function kernelPlace({ line, machine }: Context, name: string): string {
  const place = files.get(name);
  if (place === MACRO && line > 0) return `scenario:${line}`;
  if (place === undefined || place === MACRO) return name;
  return machine.era.name === 'linux-6.1' ? place : place.replace(/:\d+$/, '');
}
