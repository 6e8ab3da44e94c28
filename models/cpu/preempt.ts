/*
 * preempt_count and what follows from it, after include/linux/preempt.h and kernel/softirq.c:
 * bits 0-7 preemption depth, 8-15 softirq (bit 8 while serving, 0x200 per local_bh_disable), 16-19
 * hard interrupt.
 */
import { PREEMPT, type Code, type Context } from '../context.ts';
import { HOOK } from '../hooks.ts';
import type { Cpu } from './cpu.ts';

export const PREEMPT_MASK = 0xff;
export const SOFTIRQ_OFFSET = 0x100;
export const SOFTIRQ_DISABLE_OFFSET = 0x200;
export const SOFTIRQ_MASK = 0xff00;
export const HARDIRQ_OFFSET = 0x10000;
export const HARDIRQ_MASK = 0xf0000;

export function in_hardirq(cpu: Cpu): boolean {
  return (cpu.preempt_count & HARDIRQ_MASK) !== 0;
}

export function in_serving_softirq(cpu: Cpu): boolean {
  return (cpu.preempt_count & SOFTIRQ_OFFSET) !== 0;
}

/** Also true in a process that has disabled bottom halves. */
export function in_interrupt(cpu: Cpu): boolean {
  return (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) !== 0;
}

export function in_task(cpu: Cpu): boolean {
  return (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_OFFSET)) === 0;
}

export function in_atomic(cpu: Cpu): boolean {
  return cpu.preempt_count !== 0;
}

export function preempt_disable(k: Context): void {
  k.cpu.preempt_count++;
}

/** Lets a waiting reschedule happen when this was the last reason against it. */
export function* preempt_enable(k: Context): Code {
  k.cpu.preempt_count--;
  if (should_resched(k.cpu)) yield PREEMPT;
}

export function* preempt_check_resched(k: Context): Code {
  if (should_resched(k.cpu)) yield PREEMPT;
}

function should_resched({ need_resched, preempt_count, irqs_disabled, machine }: Cpu): boolean {
  return need_resched && preempt_count === 0 && !irqs_disabled && machine.preemptible;
}

/** Returns the interrupt flag as it was (1: interrupts were off). */
export function local_irq_save(k: Context): number {
  const flags = k.cpu.irqs_disabled ? 1 : 0;
  k.cpu.irqs_disabled = true;
  return flags;
}

/** Interrupts that waited are taken before the next instruction: the yield. No preemption point. */
export function* local_irq_restore(k: Context, flags: number): Code {
  if (flags === 0) yield* local_irq_enable(k);
}

export function local_irq_disable(k: Context): void {
  k.cpu.irqs_disabled = true;
}

export function* local_irq_enable(k: Context): Code {
  const { machine } = k;
  if (k.cpu.irqs_disabled && machine.trace.on) machine.tell(k.cpu, HOOK.hardirqs_on);
  k.cpu.irqs_disabled = false;
  if (k.cpu.pendingLines.length > 0) yield 0;
}
