/*
 * What a context must not do, in the words of the kernel's own checks: sleep where it is
 * forbidden (might_sleep() with DEBUG_ATOMIC_SLEEP, schedule() itself), call what its kind of
 * context must not call, end with another preempt_count than it began with. The run goes on, as
 * the kernel tries to.
 */
import type { FindingDetails, FindingKind } from '../checks/findings.ts';
import { kernelPlace } from '../checks/where.ts';
import type { Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { in_atomic } from '../cpu/preempt.ts';
import { TASK_RUNNING } from './state.ts';

/** The top bit is none of the counter's: it says whether a reschedule is wanted. */
function hex(count: number): string {
  return (count & 0x7fffffff).toString(16);
}

function hex8(count: number): string {
  return hex(count).padStart(8, '0');
}

/** The idle task always has preemption off and may call schedule(); an interrupt on it may not. */
export function in_idle_loop(cpu: Cpu): boolean {
  return cpu.isIdle && cpu.preempt_count === 1;
}

/** __schedule_bug(): the task goes on as if it had not been atomic. */
export function report_scheduling_while_atomic(cpu: Cpu, preempted: boolean): void {
  if (preempted || !in_atomic(cpu) || in_idle_loop(cpu)) return;
  const { current, machine } = cpu;
  machine.findings.report(
    cpu,
    'sleep-in-atomic',
    `BUG: scheduling while atomic: ${current.comm}/${current.pid}/0x${hex8(cpu.preempt_count)}`,
  );
  current.sleptAtomic = true;
  if (!cpu.isIdle) cpu.preempt_count = 0;
}

/** rcu_note_context_switch() of kernel/rcu/tree_plugin.h: readers must not wait for anybody. */
export function report_switch_in_rcu(cpu: Cpu): void {
  const text = 'Voluntary context switch within RCU read-side critical section!';
  warn(cpu, 'sleep-in-atomic', text);
}

/** __might_resched(): `where` is a function of the kernel, or the macro that stands in a step. */
export function report_invalid_context(
  k: Context,
  where: string,
  kind: FindingKind = 'sleep-in-atomic',
): void {
  const { cpu, rcu_read_lock_nesting } = k;
  if (!in_atomic(cpu) && !cpu.irqs_disabled && rcu_read_lock_nesting === 0) return;
  const { current } = cpu;
  cpu.machine.findings.report(
    cpu,
    kind,
    `BUG: sleeping function called from invalid context at ${kernelPlace(k, where)}`,
    {
      lines: [
        `in_atomic(): ${in_atomic(cpu) ? 1 : 0}, irqs_disabled(): ${cpu.irqs_disabled ? 1 : 0}, ` +
          `non_block: 0, pid: ${current.pid}, name: ${current.comm}`,
        `preempt_count: ${hex(cpu.preempt_count)}, expected: 0`,
        ...(rcu_read_lock_nesting === 0
          ? []
          : [`RCU nest depth: ${rcu_read_lock_nesting}, expected: 0`]),
      ],
    },
  );
}

/** __might_sleep(): the state that somebody has set would be lost. */
export function report_lost_state(k: Context): void {
  const { cpu } = k;
  const { state } = k.current;
  if (state === TASK_RUNNING || cpu.isIdle) return;
  const text = `do not call blocking ops when !TASK_RUNNING; state=${state.toString(16)}`;
  warn(cpu, 'sleep-in-atomic', text);
}

/** rt_mutex_handle_deadlock() */
export function report_rtmutex_deadlock(cpu: Cpu, lock: string): void {
  warn(cpu, 'self-deadlock', 'rtmutex deadlock detected', { objects: [lock] });
}

/** DEBUG_LOCKS_WARN_ON() */
export function report_locks_warning(cpu: Cpu, condition: string, lock: string): void {
  warn(cpu, 'bad-unlock', `DEBUG_LOCKS_WARN_ON(${condition})`, { objects: [lock] });
}

/** WARN_ON(): `where` names file, line and function as the kernel's line does. */
export function report_warning(
  cpu: Cpu,
  kind: FindingKind,
  where: string,
  details: FindingDetails = {},
): void {
  warn(cpu, kind, `WARNING: CPU: ${cpu.id} PID: ${cpu.current.pid} at ${where}`, details);
}

function warn(cpu: Cpu, kind: FindingKind, text: string, details: FindingDetails = {}): void {
  cpu.machine.findings.report(cpu, kind, text, details);
}

/** Has a handler left with another preempt_count? `tell` says so; the count is as it was again. */
function restored(cpu: Cpu, before: number, tell: (now: string) => void): void {
  if (cpu.preempt_count === before) return;
  tell(hex8(cpu.preempt_count));
  cpu.account();
  cpu.preempt_count = before;
}

/** After a softirq's action (kernel/softirq.c). */
export function check_softirq_count(k: Context, nr: number, vector: string, before: number): void {
  const { cpu } = k;
  restored(cpu, before, (now) => {
    const entered = `huh, entered softirq ${nr} ${vector} with preempt_count ${hex8(before)}`;
    warn(cpu, 'preempt-leak', `softirq: ${entered}, exited with ${now}?`);
  });
}

/** After a timer's function (call_timer_fn() of kernel/time/timer.c). */
export function check_timer_count(k: Context, timer: string, before: number): void {
  const { cpu } = k;
  restored(cpu, before, (now) => {
    report_warning(cpu, 'preempt-leak', 'kernel/time/timer.c:1707 call_timer_fn', {
      objects: [timer],
      lines: [`timer: ${timer} preempt leak: ${hex8(before)} -> ${now}`],
    });
  });
}

/** exit_signals() may sleep, so what a task has forgotten to turn on again shows at its end. */
export function check_exit(k: Context): void {
  const { cpu } = k;
  const irqs = cpu.irqs_disabled ? 'irq-state-leak' : 'held-at-return';
  const left = in_atomic(cpu) ? 'preempt-leak' : irqs;
  report_invalid_context(k, 'exit_signals', k.current.sleptAtomic ? 'sleep-in-atomic' : left);
}
