/*
 * On which CPU a task runs. A simplification of select_task_rq_fair and select_task_rq_rt that
 * keeps what shows: a woken task stays where it ran unless that CPU is busy and another is free; a
 * CPU that would go idle pulls a waiting task. Ties go to the lower CPU number.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import { dequeue_task, enqueue_task } from './enqueue.ts';
import type { Task } from './task.ts';

export function select_task_rq(waker: Cpu, task: Task): Cpu {
  const { cpus } = task.machine;
  if (cpus.length === 1) return task.cpu;
  const previous = task.cpu;
  const mayStay = task.mayRunOn(previous);
  if (mayStay && isFree(previous)) return previous;
  const free = cpus.find((cpu) => task.mayRunOn(cpu) && isFree(cpu));
  if (free !== undefined) return free;
  if (task.isRt) return lowest(cpus, task) ?? previous;
  if (mayStay) return previous;
  return cpus.find((cpu) => task.mayRunOn(cpu)) ?? waker;
}

function isFree(cpu: Cpu): boolean {
  return cpu.rq.nr_running === 0;
}

/** The CPU whose running task has the least priority, if the task would preempt it. */
function lowest(cpus: readonly Cpu[], task: Task): Cpu | null {
  let best: Cpu | null = null;
  if (task.mayRunOn(task.cpu)) best = task.cpu;
  for (const cpu of cpus) {
    if (!task.mayRunOn(cpu)) continue;
    if (best === null || cpu.current.prio > best.current.prio) best = cpu;
  }
  return best;
}

/** Newidle balancing: takes the first waiting task from the CPU with the longest queue. */
export function pull_when_idle(cpu: Cpu): void {
  const { cpus } = cpu.machine;
  if (cpus.length === 1) return;
  let source: Cpu | null = null;
  for (const other of cpus) {
    if (other === cpu || other.rq.nr_running < 2) continue;
    if (firstWaiting(other, cpu) === null) continue;
    if (source === null || other.rq.nr_running > source.rq.nr_running) source = other;
  }
  if (source === null) return;
  move(firstWaiting(source, cpu)!, source, cpu);
}

function firstWaiting(from: Cpu, to: Cpu): Task | null {
  const waits = (task: Task): boolean => task !== from.current && task.mayRunOn(to);
  return from.rq.queuedRt().find(waits) ?? from.rq.waitingFair().find(waits) ?? null;
}

function move(task: Task, from: Cpu, to: Cpu): void {
  dequeue_task(from, task);
  task.vruntime += to.rq.min_vruntime - from.rq.min_vruntime;
  enqueue_task(to, task);
  if (to.machine.trace.on) {
    to.emit(EV.sched_migrate_task, task.commText, task.pid, from.id, to.id);
  }
}
