/*
 * Sleeping where it is forbidden: the reports of might_sleep() (DEBUG_ATOMIC_SLEEP) and of
 * schedule() itself. The run goes on, as the kernel tries to.
 */
import type { Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { in_atomic } from '../cpu/preempt.ts';

/** The idle task always has preemption off and may call schedule(); an interrupt on it may not. */
export function in_idle_loop(cpu: Cpu): boolean {
  return cpu.isIdle && cpu.preempt_count === 1;
}

export function report_scheduling_while_atomic(cpu: Cpu, preempted: boolean): void {
  if (preempted || !in_atomic(cpu) || in_idle_loop(cpu)) return;
  cpu.machine.findings.report(
    cpu,
    'sleep-in-atomic',
    `BUG: scheduling while atomic: ${cpu.current.comm}/${cpu.current.pid}/` +
      `0x${(cpu.preempt_count >>> 0).toString(16).padStart(8, '0')}`,
  );
}

export function report_invalid_context(k: Context, where: string): void {
  const { cpu } = k;
  if (!in_atomic(cpu) && !cpu.irqs_disabled) return;
  cpu.machine.findings.report(
    cpu,
    'sleep-in-atomic',
    `BUG: sleeping function called from invalid context at ${where}`,
  );
}
