/*
 * What the kinds of System V IPC have in common: a lock, and that they can be removed while
 * others wait (ipc/util.c); wake_up_q() of kernel/sched/core.c. Left out: keys, ids, permissions:
 * an object here is one that somebody has made with msgget(), semget() or shmget().
 */
import type { Code, Context } from '../context.ts';
import { Spinlock, spin_lock, spin_unlock } from '../locking/spinlock.ts';
import { wake_up_process } from '../sched/core.ts';
import type { Task } from '../sched/task.ts';

/** struct kern_ipc_perm */
export class IpcObject {
  readonly name: string;
  readonly lock: Spinlock;
  /** IPC_RMID. */
  deleted = false;

  constructor(name: string) {
    this.name = name;
    this.lock = new Spinlock(`${name} lock`);
    this.lock.className = '&new->lock';
  }
}

export const IPC_NOWAIT = 0o4000;

export function ipc_lock_object(k: Context, object: IpcObject): Code {
  return spin_lock(k, object.lock);
}

export function ipc_unlock_object(k: Context, object: IpcObject): Code {
  return spin_unlock(k, object.lock);
}

/** Wakes them in this order, when no lock is held any more. */
export function wake_up_q(k: Context, tasks: readonly Task[]): void {
  for (const task of tasks) wake_up_process(k.cpu, task);
}
