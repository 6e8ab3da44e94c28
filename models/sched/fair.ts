/*
 * SCHED_NORMAL and SCHED_IDLE: the smallest virtual runtime runs, after kernel/sched_fair.c and
 * kernel/sched/fair.c up to 6.5. Left out: group scheduling, load averages, deadlines of 6.6.
 */
import type { Cpu } from '../cpu/cpu.ts';
import type { Task } from './task.ts';
import { NICE_0_WEIGHT, weightOfNice } from './weights.ts';

/** Charges the running task for the time since the last charge. */
export function update_curr(cpu: Cpu): void {
  const task = cpu.current;
  if (task === cpu.idle) return;
  const now = cpu.machine.sim.now;
  const delta = now - task.exec_start;
  if (delta <= 0) return;
  task.exec_start = now;
  task.sum_exec_runtime += delta;
  if (task.isRt) return;
  task.vruntime += Math.floor((delta * NICE_0_WEIGHT) / task.weight);
  update_min_vruntime(cpu);
}

/**
 * The task leaves the CPU. That it ran counts even where code takes no time: of those that are
 * equal otherwise, the one that ran less often comes first.
 */
export function put_prev_fair(cpu: Cpu, task: Task): void {
  if (task.sum_exec_runtime === task.prev_sum_exec_runtime) task.vruntime++;
  if (task.on_rq) cpu.rq.insertFair(task);
}

/** The least virtual runtime of those that run or wait; it never goes back. */
export function update_min_vruntime({ rq, current }: Cpu): void {
  const first = rq.firstFair();
  const runs = current.on_rq && !current.isRt;
  if (!runs && first === null) return;
  const least = Math.min(
    runs ? current.vruntime : Number.MAX_SAFE_INTEGER,
    first?.vruntime ?? Number.MAX_SAFE_INTEGER,
  );
  if (least > rq.min_vruntime) rq.min_vruntime = least;
}

/** The task's share of a period in which everyone runs once, itself included. */
function sched_slice({ machine, rq }: Cpu, task: Task): number {
  const { sched_latency, sched_min_granularity } = machine.sysctl;
  const tasks = rq.nr_fair + (task.on_rq ? 0 : 1);
  const load = rq.load + (task.on_rq ? 0 : task.weight);
  const period = Math.max(sched_latency, tasks * sched_min_granularity);
  return Math.floor((period * task.weight) / load);
}

/** Where a task enters: a new one after a slice, a sleeper with half a latency's credit at most.*/
export function place_entity(cpu: Cpu, task: Task, isNew: boolean): void {
  const { rq, machine } = cpu;
  if (isNew) {
    const slice = sched_slice(cpu, task);
    task.vruntime = rq.min_vruntime + Math.floor((slice * NICE_0_WEIGHT) / task.weight);
  } else {
    const credit = Math.floor(machine.sysctl.sched_latency / 2);
    task.vruntime = Math.max(task.vruntime, rq.min_vruntime - credit);
  }
}

/** The virtual runtime of a sleeper who gets all the credit that there is. */
export const LONG_AGO = -1_000_000_000_000;

/**
 * A kernel thread is forked by kthreadd, which runs with the same weight, and enters a slice
 * behind. Then it runs until it sleeps in kthread(), and by that time the queue's virtual time has
 * reached its own; on a queue without others that happens at once.
 */
export function place_forked_kthread(cpu: Cpu, task: Task): void {
  const { rq, machine } = cpu;
  if (rq.nr_fair === 0) {
    const weight = weightOfNice(machine.era.kthreadNice);
    const slice = Math.floor(machine.sysctl.sched_latency / 2);
    rq.min_vruntime += Math.floor((slice * NICE_0_WEIGHT) / weight);
  }
  task.vruntime = rq.min_vruntime;
}

/** Would `woken` preempt the running fair task? */
export function wakeup_preempts(cpu: Cpu, woken: Task): boolean {
  const { current } = cpu;
  if (current.policy === 'SCHED_IDLE') return woken.policy !== 'SCHED_IDLE';
  if (woken.policy === 'SCHED_IDLE') return false;
  // Where order is open, run times are too: a preemption is a move of its own.
  if (cpu.explores) return false;
  update_curr(cpu);
  return isFarBehind(current, woken);
}

/** wakeup_preempt_entity(): has `task` run for so much longer that `other` should go first? */
function isFarBehind(task: Task, other: Task): boolean {
  const { machine } = task;
  const granularity = machine.sysctl.sched_wakeup_granularity;
  return task.vruntime - other.vruntime > Math.floor((granularity * NICE_0_WEIGHT) / other.weight);
}

/** pick_next_entity(): the first in line, or the second if the first has yielded to it. */
export function pick_next_fair({ rq }: Cpu): Task | null {
  const first = rq.firstFair();
  const second = rq.waitingFair()[1];
  if (first === null || first !== rq.skip || second === undefined) return first;
  return isFarBehind(second, first) ? first : second;
}

/** At a tick: has the running task had its share? */
export function slice_used_up(cpu: Cpu): boolean {
  const { current, rq, machine } = cpu;
  update_curr(cpu);
  const first = rq.firstFair();
  if (first === null) return false;
  const ideal = sched_slice(cpu, current);
  const ran = current.sum_exec_runtime - current.prev_sum_exec_runtime;
  if (ran > ideal) return true;
  if (ran < machine.sysctl.sched_min_granularity) return false;
  return current.vruntime - first.vruntime > ideal;
}
