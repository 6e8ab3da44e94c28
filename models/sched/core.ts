/*
 * The scheduler's core: wake-ups, the choice of the next task, preemption, after
 * kernel/sched/core.c. Real-time tasks come before fair ones; ties go to the first in line.
 */
import { smp_mb } from '../cpu/store-buffer.ts';
import { PREEMPT, SCHEDULE, type Code, type Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import { signal_pending_state } from '../signal/signal.ts';
import {
  report_invalid_context,
  report_lost_state,
  report_scheduling_while_atomic,
  report_switch_in_rcu,
} from './atomic.ts';
import {
  pick_next_fair,
  place_entity,
  put_prev_fair,
  slice_used_up,
  update_curr,
  wakeup_preempts,
} from './fair.ts';
import { dequeue_task, enqueue_task } from './enqueue.ts';
import { pull_when_idle, select_task_rq } from './placement.ts';
import { PREEMPTED, TASK_DEAD, TASK_NEW, TASK_NORMAL, TASK_RUNNING, type Task } from './task.ts';

/**
 * Before a task sleeps: a worker lets another of its pool run. True if that took time, which it has
 * to spend before it gives up the CPU.
 */
export function sched_submit_work(cpu: Cpu): boolean {
  const { worker, state } = cpu.current;
  if (worker === null || state === TASK_RUNNING) return false;
  worker.wq_worker_sleeping(cpu);
  return cpu.debt > 0;
}

/** __schedule(): `preempted` tasks stay runnable, others sleep if their state says so. */
export function switch_to_next(cpu: Cpu, preempted: boolean): void {
  const prev = cpu.current;
  report_scheduling_while_atomic(cpu, preempted);
  smp_mb(cpu);
  if (!preempted && cpu.top.rcu_read_lock_nesting > 0) report_switch_in_rcu(cpu);
  const voluntary = !preempted && prev.state !== TASK_RUNNING;
  cpu.need_resched = false;
  cpu.preemptionOwed = false;
  cpu.irqs_disabled = false;
  update_curr(cpu);
  if (voluntary && signal_pending_state(prev)) prev.state = TASK_RUNNING;
  else if (voluntary) dequeue_task(cpu, prev);
  if (!prev.isRt && prev !== cpu.idle) put_prev_fair(cpu, prev);
  const next = pick_next_task(cpu, preempted ? prev : null);
  next.worker?.wq_worker_running();
  if (next !== prev) {
    if (voluntary) prev.nvcsw++;
    else prev.nivcsw++;
    trace_switch(cpu, prev, next, preempted);
    cpu.switchTo(next);
    if (next === cpu.idle) cpu.tick.stopWhenIdle();
    else if (prev === cpu.idle) cpu.tick.restart();
  }
}

function pick_next_task(cpu: Cpu, preempted: Task | null): Task {
  if (cpu.rq.nr_running === 0) pull_when_idle(cpu);
  const rt = cpu.rq.firstRt();
  const fair = cpu.explores ? pick_any_fair(cpu, preempted) : pick_next_fair(cpu);
  const next = rt ?? fair ?? cpu.idle;
  if (rt === null && next !== cpu.idle) cpu.rq.removeFair(next);
  if (cpu.rq.skip === next) cpu.rq.skip = null;
  next.exec_start = cpu.machine.sim.now;
  if (next !== cpu.current) next.prev_sum_exec_runtime = next.sum_exec_runtime;
  return next;
}

/** Run times are open, so any that waits may be the next, but not who was just preempted. */
function pick_any_fair({ rq, machine }: Cpu, preempted: Task | null): Task | null {
  const waiting = rq.waitingFair().filter((task) => task !== preempted);
  if (waiting.length === 0) return rq.firstFair();
  return waiting[machine.door.choose('step', waiting.length)]!;
}

function trace_switch(cpu: Cpu, prev: Task, next: Task, preempted: boolean): void {
  if (!cpu.machine.trace.on) return;
  const state = preempted && prev.state !== TASK_DEAD ? prev.state | PREEMPTED : prev.state;
  cpu.emit(EV.sched_switch, next.commText, next.pid, state, prev.prio, next.prio);
}

/**
 * Makes a sleeping task runnable if its state is in `mask`; true if it did. `waker` is the CPU on
 * which the wake-up happens; the preempt_enable() at its end is a preemption point even if the task
 * did not sleep.
 */
export function try_to_wake_up(waker: Cpu, task: Task, mask: number): boolean {
  const woken = (task.state & mask) !== 0;
  if (woken) wake(waker, task);
  else task.vainWakeups++;
  waker.preemptPoint();
  return woken;
}

function wake(waker: Cpu, task: Task): void {
  const { machine } = waker;
  trace_wake(waker, EV.sched_waking, task);
  task.state = TASK_RUNNING;
  task.wakeups++;
  task.vainWakeups = 0;
  waker.debt += machine.costs.wakeup;
  if (task.on_rq) {
    if (task.cpu.current !== task) check_preempt_curr(task.cpu, task, waker);
  } else {
    const cpu = select_task_rq(waker, task);
    if (!task.isRt) {
      if (cpu !== task.cpu) task.vruntime += cpu.rq.min_vruntime - task.cpu.rq.min_vruntime;
      update_curr(cpu);
      place_entity(cpu, task, false);
    }
    enqueue_task(cpu, task);
    check_preempt_curr(cpu, task, waker);
  }
  trace_wake(waker, EV.sched_wakeup, task);
}

/** Returns 1 if the task was asleep. */
export function wake_up_process(waker: Cpu, task: Task): number {
  if (task.state === TASK_NEW) {
    wake_up_new_task(waker, task);
    return 1;
  }
  return try_to_wake_up(waker, task, TASK_NORMAL) ? 1 : 0;
}

/** First wake-up of a task that never ran. */
export function wake_up_new_task(waker: Cpu, task: Task): void {
  task.state = TASK_RUNNING;
  const cpu = select_task_rq(waker, task);
  if (!task.isRt) {
    update_curr(cpu);
    place_entity(cpu, task, true);
  }
  enqueue_task(cpu, task);
  trace_wake(waker, EV.sched_wakeup_new, task);
  check_preempt_curr(cpu, task, waker);
  waker.preemptPoint();
}

function trace_wake(waker: Cpu, event: number, task: Task): void {
  if (waker.machine.trace.on) waker.emit(event, task.commText, task.pid, task.prio, task.cpu.id);
}

/** Would the task that became runnable, or better, run now? */
export function check_preempt_curr(cpu: Cpu, woken: Task, waker: Cpu | null): void {
  const { current } = cpu;
  if (current === cpu.idle) cpu.resched(waker);
  else if (woken.isRt) {
    if (!current.isRt || woken.rt_priority > current.rt_priority) cpu.resched(waker);
  } else if (!current.isRt && wakeup_preempts(cpu, woken)) cpu.resched(waker);
}

/** scheduler_tick() for the running task. */
export function task_tick(cpu: Cpu): void {
  const { current } = cpu;
  if (current === cpu.idle) return;
  if (!current.isRt) {
    if (slice_used_up(cpu)) cpu.resched(cpu);
    return;
  }
  update_curr(cpu);
  if (current.policy !== 'SCHED_RR' || --current.time_slice > 0) return;
  current.time_slice = current.rrSlice;
  if (cpu.rq.hasOthersOfPriority(current)) {
    cpu.rq.dequeueRt(current);
    cpu.rq.enqueueRt(current, false);
    cpu.resched(cpu);
  }
}

/**
 * Gives way where the preemption model has explicit points; returns 1 if it did. With interrupts
 * off it does nothing (since 6.14 and in the stable kernels of 6.1 and 6.12).
 */
export function* cond_resched(k: Context, where = 'cond_resched'): Code<number> {
  report_invalid_context(k, where);
  return yield* give_way(k);
}

/** _cond_resched() */
function* give_way({ cpu }: Context): Code<number> {
  if (cpu.machine.preemptible || !wants_resched(cpu)) return 0;
  if (cpu.preempt_count !== 0 || cpu.irqs_disabled) return 0;
  yield PREEMPT;
  return 1;
}

/** Where order is open, a tick or a wake-up may have asked for it whenever others wait. */
function wants_resched(cpu: Cpu): boolean {
  const { explores, machine, rq, current } = cpu;
  if (cpu.need_resched || !explores || !rq.othersMayReplace(current)) return cpu.need_resched;
  cpu.need_resched = machine.door.choose('step', 2) === 1;
  return cpu.need_resched;
}

/** Marks a function that may sleep: a report where it must not, a preemption point if voluntary. */
export function* might_sleep(k: Context, where: string): Code {
  report_lost_state(k);
  report_invalid_context(k, where);
  if (k.machine.preemption === 'voluntary') yield* give_way(k);
}

/** schedule() for a caller that has preemption off once, before it and after it. */
export function* schedule_preempt_disabled(k: Context): Code {
  k.cpu.preempt_count--;
  yield SCHEDULE;
  k.cpu.preempt_count++;
}

/** yield(): behind all others of its priority; among fair tasks, behind the second in line. */
export function* yield_(k: Context): Code {
  const { cpu } = k;
  const task = k.current;
  task.state = TASK_RUNNING;
  if (task.isRt) {
    cpu.rq.dequeueRt(task);
    cpu.rq.enqueueRt(task, false);
  } else if (cpu.machine.era.yieldSkips && cpu.rq.nr_running > 1) {
    cpu.rq.skip = task;
  }
  yield SCHEDULE;
}
