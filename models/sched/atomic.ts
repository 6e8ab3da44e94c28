/*
 * Sleeping where it is forbidden: the reports of might_sleep() (DEBUG_ATOMIC_SLEEP) and of
 * schedule() itself. The run goes on, as the kernel tries to.
 */
import type { Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { in_atomic } from '../cpu/preempt.ts';

export function report_scheduling_while_atomic(cpu: Cpu, preempted: boolean): void {
  if (preempted || cpu.isIdle || !in_atomic(cpu)) return;
  cpu.machine.findings.report(
    cpu,
    'sleep-in-atomic',
    `BUG: scheduling while atomic: ${cpu.current.comm}/${cpu.current.pid}/` +
      `0x${cpu.preempt_count.toString(16).padStart(8, '0')}`,
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
