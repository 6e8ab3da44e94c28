/*
 * What the kernel tells its lock validator as if it were a lock (lock_map_acquire), because
 * somebody waits for it like for one: a timer's function (kernel/time/timer.c), a work
 * (kernel/workqueue.c), the reclaim of memory that an allocation may have to wait for
 * (fs_reclaim_acquire of mm/page_alloc.c).
 * Left out: whole workqueues.
 */
import type { Context } from '../../context.ts';
import { HOOK } from '../../hooks.ts';

/** Taken and given back with interrupts off meanwhile. */
export const MAP_IRQS_OFF = 1;

/** Taken with everything enabled long before a run begins. */
export const FS_RECLAIM = 'fs_reclaim';

export function lock_map_acquire({ cpu, machine }: Context, name: string, how = 0): void {
  if (machine.trace.on) machine.tell(cpu, HOOK.map_acquire, machine.texts.intern(name), how);
}

export function lock_map_release({ cpu, machine }: Context, name: string): void {
  if (machine.trace.on) machine.tell(cpu, HOOK.map_release, machine.texts.intern(name));
}

/** Whoever waits for it must not hold what it needs. */
export function lock_map_wait(k: Context, name: string, how = 0): void {
  lock_map_acquire(k, name, how);
  lock_map_release(k, name);
}

export function might_alloc(k: Context): void {
  lock_map_wait(k, FS_RECLAIM);
}

export function timerMap({ name }: { readonly name: string }): string {
  return `(&${name})`;
}

export function workMap({ name }: { readonly name: string }): string {
  return `(work_completion)(&${name})`;
}
