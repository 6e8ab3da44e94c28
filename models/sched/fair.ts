/*
 * SCHED_NORMAL and SCHED_IDLE: the smallest virtual runtime runs, after kernel/sched_fair.c and
 * kernel/sched/fair.c up to 6.5. Left out: group scheduling, load averages, deadlines of 6.6.
 */
import type { Cpu } from '../cpu/cpu.ts';
import type { Machine } from '../machine.ts';
import type { Task } from './task.ts';
import { NICE_0_WEIGHT } from './weights.ts';

/** Tunables grow with 1 + log2(cpus), 8 CPUs at most. */
function scale(machine: Machine, ns: number): number {
  const cpus = Math.min(machine.cpus.length, 8);
  return ns * (32 - Math.clz32(cpus));
}

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
  const first = cpu.rq.firstFair();
  const least = first === null ? task.vruntime : Math.min(task.vruntime, first.vruntime);
  if (least > cpu.rq.min_vruntime) cpu.rq.min_vruntime = least;
}

function sched_slice(cpu: Cpu, task: Task): number {
  const { latency, minGranularity } = cpu.machine.era.cfs;
  const period = Math.max(
    scale(cpu.machine, latency),
    cpu.rq.nr_running * scale(cpu.machine, minGranularity),
  );
  return Math.floor((period * task.weight) / Math.max(cpu.rq.load, task.weight));
}

/** Where a task enters: a new one after one slice, a sleeper with at most half a latency's credit. */
export function place_entity(cpu: Cpu, task: Task, isNew: boolean): void {
  const { rq, machine } = cpu;
  if (isNew) {
    const slice = sched_slice(cpu, task);
    task.vruntime = rq.min_vruntime + Math.floor((slice * NICE_0_WEIGHT) / task.weight);
  } else {
    const credit = Math.floor(scale(machine, machine.era.cfs.latency) / 2);
    task.vruntime = Math.max(task.vruntime, rq.min_vruntime - credit);
  }
}

/** Would `woken` preempt the running fair task? */
export function wakeup_preempts(cpu: Cpu, woken: Task): boolean {
  const { current } = cpu;
  if (current.policy === 'SCHED_IDLE') return woken.policy !== 'SCHED_IDLE';
  if (woken.policy === 'SCHED_IDLE') return false;
  update_curr(cpu);
  const granularity = scale(cpu.machine, cpu.machine.era.cfs.wakeupGranularity);
  const needed = Math.floor((granularity * NICE_0_WEIGHT) / woken.weight);
  return current.vruntime - woken.vruntime > needed;
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
  if (ran < scale(machine, machine.era.cfs.minGranularity)) return false;
  return current.vruntime - first.vruntime > ideal;
}
