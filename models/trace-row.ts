/*
 * How the machine's state stands in a trace row: the context column, and the flags as ftrace's
 * latency format prints them (Documentation/trace/ftrace.rst).
 */
import type { Cpu } from './cpu/cpu.ts';
import {
  HARDIRQ_MASK,
  PREEMPT_MASK,
  SOFTIRQ_DISABLE_OFFSET,
  SOFTIRQ_MASK,
  SOFTIRQ_OFFSET,
} from './cpu/preempt.ts';

const IRQS_OFF = 1;
const BH_OFF = 2;
const NEED_RESCHED = 4;
const HARDIRQ = 8;
const SOFTIRQ = 16;
const DEPTH_SHIFT = 8;

export function packFlags(cpu: Cpu): number {
  const count = cpu.preempt_count;
  return (
    (cpu.irqs_disabled ? IRQS_OFF : 0) |
    ((count & SOFTIRQ_MASK) >= SOFTIRQ_DISABLE_OFFSET ? BH_OFF : 0) |
    (cpu.need_resched ? NEED_RESCHED : 0) |
    ((count & HARDIRQ_MASK) !== 0 ? HARDIRQ : 0) |
    ((count & SOFTIRQ_OFFSET) !== 0 ? SOFTIRQ : 0) |
    ((count & PREEMPT_MASK) << DEPTH_SHIFT)
  );
}

/** Five characters: irqs and BH, need-resched, interrupt context, preempt depth, migration. */
export function formatFlags(flags: number): string {
  const irqs = '.dbD'[flags & (IRQS_OFF | BH_OFF)]!;
  const resched = (flags & NEED_RESCHED) !== 0 ? 'N' : '.';
  const context = '.hsH'[(flags >> 3) & 3]!;
  const depth = flags >> DEPTH_SHIFT;
  return `${irqs}${resched}${context}${depth === 0 ? '.' : depth.toString(16)}.`;
}
