/*
 * Putting tasks on run queues and taking them off, kernel/sched/core.c: enqueue_task.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { update_min_vruntime } from './fair.ts';
import type { Task } from './task.ts';

export function enqueue_task(cpu: Cpu, task: Task, atHead = false): void {
  task.on_rq = true;
  task.cpu = cpu;
  cpu.rq.nr_running++;
  if (task.isRt) {
    cpu.rq.enqueueRt(task, atHead);
  } else {
    cpu.rq.nr_fair++;
    cpu.rq.load += task.weight;
    if (cpu.current !== task) cpu.rq.insertFair(task);
  }
}

export function dequeue_task(cpu: Cpu, task: Task): void {
  task.on_rq = false;
  cpu.rq.nr_running--;
  if (task.isRt) {
    cpu.rq.dequeueRt(task);
  } else {
    cpu.rq.nr_fair--;
    cpu.rq.load -= task.weight;
    if (cpu.rq.skip === task) cpu.rq.skip = null;
    if (cpu.current !== task) cpu.rq.removeFair(task);
    update_min_vruntime(cpu);
  }
}
