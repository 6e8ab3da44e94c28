/*
 * Optimistic spinning on a lock whose owner runs, kernel/locking/osq_lock.c: the spinners stand in
 * a queue (an MCS lock), so that only the first competes for the lock itself.
 * Left out: vcpu_is_preempted(), which asks a hypervisor.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Task } from '../sched/task.ts';

export class OptimisticSpinQueue {
  readonly spinners: Context[] = [];

  feed(into: Fingerprint): void {
    into.add(this.spinners.length);
    for (const { identity } of this.spinners) into.add(identity);
  }
}

/** Waits for the head of the queue; false if it should give way to another task first. */
export function* osq_lock(k: Context, osq: OptimisticSpinQueue): Code<boolean> {
  const { spinners } = osq;
  spinners.push(k);
  yield* spinUntil(k, osq, () => spinners[0] === k || k.cpu.need_resched);
  if (spinners[0] === k) return true;
  spinners.splice(spinners.indexOf(k), 1);
  return false;
}

export function osq_unlock(k: Context, osq: OptimisticSpinQueue): void {
  osq.spinners.shift();
  k.machine.optimisticSpinners.release(osq);
}

/**
 * Spins on a lock until `condition` holds, looking again when the lock has changed, when a task
 * leaves its CPU, and when this CPU should reschedule.
 */
export function spinUntil(k: Context, lock: object, condition: () => boolean): Code {
  return k.machine.optimisticSpinners.spinUntil(k, condition, lock);
}

/** owner_on_cpu(): it runs at this moment, or an interrupt runs on top of it. */
export function owner_on_cpu(owner: Task): boolean {
  return owner.cpu.current === owner;
}
