/*
 * Raising an interrupt on one's own CPU, as irq_work_queue() does by a self-IPI (kernel/irq_work.c):
 * preemption is off meanwhile, so the interrupt finds it off, and what it woke runs after it.
 */
import type { Code, Context } from '../context.ts';
import { preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import type { IrqLine } from './line.ts';

/** 1, or 0 if the line was still pending; with interrupts on it is taken before the return. */
export function* irq_work_queue(k: Context, line: IrqLine): Code<number> {
  preempt_disable(k);
  const raised = k.cpu.raise(line);
  yield 0;
  yield* preempt_enable(k);
  return raised ? 1 : 0;
}
