/*
 * What virtual time shows: tasks that no signal can wake and that sleep for very long
 * (kernel/hung_task.c), and CPUs on which the watchdog gets no turn for very long
 * (kernel/watchdog.c, before kernel/softlockup.c). The kernel looks every 120 or 4 seconds; here
 * the ticks look, and the wake-up that comes too late.
 */
import { Interest } from '../../engine/index.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { HARDIRQ_OFFSET } from '../cpu/preempt.ts';
import { EV } from '../events.ts';
import type { Machine } from '../machine.ts';
import {
  PREEMPTED,
  TASK_KILLABLE,
  TASK_IDLE,
  TASK_UNINTERRUPTIBLE,
  type Task,
} from '../sched/task.ts';

const SECOND = 1_000_000_000;

const HEARS = new Interest([EV.sched_switch, EV.sched_waking, EV.local_timer_entry]);

export function blocked_text({ comm, pid, machine }: Task): string {
  const seconds = machine.sysctl.hung_task_timeout_secs || 120;
  return `INFO: task ${comm}:${pid} blocked for more than ${seconds} seconds.`;
}

export class Lockups {
  private readonly machine: Machine;
  /** Since when a task sleeps, by pid. */
  private readonly asleep = new Map<number, number>();
  /** When each CPU's watchdog last could run. */
  private readonly touched: number[] = [];
  private readonly stuck: boolean[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    machine.trace.subscribe((time, cpu, _context, pid, _comm, _flags, event, _object, value, a) => {
      if (event === EV.sched_switch) this.switched(time, cpu, pid, a);
      else if (event === EV.sched_waking) this.woken(time, value);
      else if (event === EV.local_timer_entry) this.ticked(time, this.machine.cpus[cpu]!);
    }, HEARS);
  }

  private switched(time: number, cpu: number, pid: number, state: number): void {
    this.touched[cpu] = time;
    this.stuck[cpu] = false;
    const plain = (state & (TASK_KILLABLE | PREEMPTED)) === TASK_UNINTERRUPTIBLE;
    if (plain && (state & TASK_IDLE) !== TASK_IDLE) this.asleep.set(pid, time);
  }

  private woken(time: number, pid: number): void {
    const since = this.asleep.get(pid);
    if (since === undefined) return;
    this.asleep.delete(pid);
    this.check(pid, since, time);
  }

  private check(pid: number, since: number, now: number): void {
    const { hung_task_timeout_secs } = this.machine.sysctl;
    const task = this.machine.tasks.get(pid);
    if (hung_task_timeout_secs === 0 || task === undefined) return;
    if (now - since < hung_task_timeout_secs * SECOND) return;
    this.machine.findings.report(task.cpu, 'hung-task', blocked_text(task), {
      actors: [task.actor],
      objects: task.waitingFor === '' ? [] : [task.waitingFor],
      places: [{ actor: task.actor, line: task.top.line }],
    });
  }

  /** The watchdog is a task of the highest priority: it runs where anyone could be preempted. */
  private ticked(time: number, cpu: Cpu): void {
    const { softLockup } = this.machine.era;
    const seconds = this.softLockupSeconds();
    if (softLockup === null || seconds === 0) return;
    const { current, top } = cpu;
    const preemptible = this.machine.preemptible && cpu.preempt_count === HARDIRQ_OFFSET;
    if (cpu.isIdle || current.inUser || preemptible) {
      this.touched[cpu.id] = time;
      this.stuck[cpu.id] = false;
      return;
    }
    const since = this.touched[cpu.id] ?? 0;
    if (this.stuck[cpu.id] === true || time - since < seconds * SECOND) return;
    this.stuck[cpu.id] = true;
    const { tag } = softLockup;
    const who = `[${current.comm}:${current.pid}]`;
    const text = `${tag}BUG: soft lockup - CPU#${cpu.id} stuck for ${seconds}s! ${who}`;
    const stuck = top.below ?? top;
    this.machine.findings.report(cpu, 'soft-lockup', text, {
      actors: [stuck.actor],
      places: [{ actor: stuck.actor, line: stuck.line }],
    });
  }

  /** watchdog_thresh may have changed; the era's figure is that of its default. */
  private softLockupSeconds(): number {
    const { era, sysctl } = this.machine;
    const seconds = era.softLockup?.seconds ?? 0;
    if (era.softLockupThreshold === null) return seconds;
    return Math.floor((seconds * sysctl.watchdog_thresh) / era.softLockupThreshold);
  }

  /** Who sleeps still: until then, if nothing can happen any more. */
  atEnd(until: number): void {
    for (const [pid, since] of this.asleep) this.check(pid, since, until);
  }
}
