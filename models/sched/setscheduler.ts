/*
 * Changing the policy or priority of a task, kernel/sched/core.c: __sched_setscheduler and what the
 * classes make of it (switched_to and prio_changed of kernel/sched/rt.c and fair.c). A queued
 * real-time task that is raised goes to the tail of its new list, one that is lowered to the head,
 * one that keeps its priority stays in place.
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
  from?.preemptPoint();
}

/** Does the running task have to let others go first after the change? */
function givesWay(cpu: Cpu, task: Task, wasRt: boolean, before: number): boolean {
  if (task.isRt) {
    const first = cpu.rq.firstRt();
    return wasRt && first !== null && first.prio < task.prio;
  }
  return wasRt || (cpu.rq.nr_fair > 1 && task.prio > before);
}

function prioOf(scheduling: Scheduling): number {
  const rt = scheduling.policy === 'SCHED_FIFO' || scheduling.policy === 'SCHED_RR';
  return rt ? 99 - (scheduling.rtPriority ?? 0) : 120 + (scheduling.nice ?? 0);
}

/** The nice value alone; of a real-time task it is only remembered. */
export function set_user_nice(from: Cpu, task: Task, nice: number): void {
  const { policy, rt_priority: rtPriority } = task;
  sched_setscheduler(from, task, { policy, nice, ...(task.isRt ? { rtPriority } : {}) });
}
