/*
 * Changing the policy or priority of a task, kernel/sched/core.c: __sched_setscheduler and what
 * the classes make of it (switched_to and prio_changed of kernel/sched/rt.c and fair.c). A queued
 * real-time task that is raised goes to the tail of its new list, one that is lowered to the
 * head, one that keeps its priority stays in place. And the priority that a waiter lends the
 * owner of an rt_mutex.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { check_preempt_curr } from './core.ts';
import { dequeue_task, enqueue_task } from './enqueue.ts';
import { update_curr } from './fair.ts';
import type { Scheduling, Task } from './task.ts';

/**
 * Sets policy and priority. A virtual runtime counts from that of the run queue, so real-time tasks
 * keep only their distance from it.
 */
export function sched_setscheduler(from: Cpu | null, task: Task, scheduling: Scheduling): void {
  if (task.normal === null || prioOf(scheduling) <= task.prio) {
    task.normal &&= scheduling;
    change(from, task, scheduling);
  } else {
    task.normal = scheduling;
  }
  from?.preemptPoint();
}

/** The priority that `lender` lends the task, if it is better than its own; null: nobody does. */
export function rt_mutex_setprio(from: Cpu, task: Task, lender: Task | null): void {
  const normal = task.normal ?? task.scheduling;
  const better = lender !== null && lender.prio < prioOf(normal);
  task.normal = better ? normal : null;
  const policy = isRt(normal) ? normal.policy : 'SCHED_FIFO';
  const wanted = better ? { ...normal, policy, rtPriority: lender.rt_priority } : normal;
  if (prioOf(wanted) !== task.prio) change(from, task, wanted);
}

function change(from: Cpu | null, task: Task, scheduling: Scheduling): void {
  const { cpu, isRt: wasRt, prio: before, on_rq: queued } = task;
  update_curr(cpu);
  if (before === prioOf(scheduling) && (wasRt || task.policy === scheduling.policy)) {
    task.setScheduling(scheduling);
  } else {
    if (queued) dequeue_task(cpu, task);
    if (!wasRt) task.vruntime -= cpu.rq.min_vruntime;
    task.setScheduling(scheduling);
    if (!task.isRt) task.vruntime += cpu.rq.min_vruntime;
    if (queued) {
      enqueue_task(cpu, task, before < task.prio);
      if (cpu.current !== task) check_preempt_curr(cpu, task, from);
      else if (givesWay(cpu, task, wasRt, before)) cpu.resched(from);
    }
  }
}

/** Does the running task have to let others go first after the change? */
function givesWay(cpu: Cpu, task: Task, wasRt: boolean, before: number): boolean {
  if (task.isRt) {
    const first = cpu.rq.firstRt();
    return wasRt && first !== null && first.prio < task.prio;
  }
  return wasRt || (cpu.rq.nr_fair > 1 && task.prio > before);
}

function isRt({ policy }: Scheduling): boolean {
  return policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
}

function prioOf(scheduling: Scheduling): number {
  return isRt(scheduling) ? 99 - (scheduling.rtPriority ?? 0) : 120 + (scheduling.nice ?? 0);
}

/** The nice value alone; of a real-time task it is only remembered. */
export function set_user_nice(from: Cpu, task: Task, nice: number): void {
  const { policy, rt_priority: rtPriority } = task;
  sched_setscheduler(from, task, { policy, nice, ...(task.isRt ? { rtPriority } : {}) });
}
