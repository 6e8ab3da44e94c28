/*
 * Hard interrupts: entry, handler, exit; at the exit softirqs run where nothing forbids them.
 * After irq_enter_rcu, handle_irq_event and irq_exit_rcu (kernel/softirq.c, kernel/irq/handle.c).
 */
import type { Code, Context } from '../context.ts';
import { HARDIRQ_OFFSET, in_interrupt } from '../cpu/preempt.ts';
import { report_warning } from '../sched/atomic.ts';
import type { IrqLine } from './line.ts';
import { invoke_softirq } from './softirq.ts';

/**
 * What runs on top of the interrupted context, with interrupts off. Time that the handler owes is
 * burnt before it ends, so that it counts as its own.
 */
export function* handle_irq(k: Context, line: IrqLine): Code {
  const { cpu, machine } = k;
  cpu.account();
  cpu.preempt_count += HARDIRQ_OFFSET;
  k.serving = 'hardirq';
  if (cpu.isIdle) cpu.tick.updateJiffies();
  line.count++;
  cpu.irqCounts[line.number] = (cpu.irqCounts[line.number] ?? 0) + 1;
  line.servedBy = cpu;
  if (machine.trace.on) cpu.emit(line.entryEvent, machine.texts.intern(line.name), line.number);
  yield machine.costs.irq;
  const nests = machine.era.handlersNest && !line.disabled;
  if (nests) cpu.irqs_disabled = false;
  if (line.registered) yield* line.handler(k);
  if (cpu.debt > 0) yield 0;
  if (!nests && !cpu.irqs_disabled) {
    const lines = [`irq ${line.number} handler ${line.name} enabled interrupts`];
    const where = 'kernel/irq/handle.c __handle_irq_event_percpu';
    report_warning(cpu, 'irq-state-leak', where, { objects: [line.name], lines });
  }
  cpu.irqs_disabled = true;
  line.servedBy = null;
  line.waiting?.release();
  if (machine.trace.on) cpu.emit(line.exitEvent, machine.texts.intern(line.name), line.number);
  cpu.account();
  cpu.preempt_count -= HARDIRQ_OFFSET;
  k.serving = k.below?.serving ?? null;
  if (in_interrupt(cpu)) return;
  if (cpu.softirq_pending !== 0) yield* invoke_softirq(k);
  if (cpu.isIdle && !cpu.need_resched) cpu.tick.stopWhenIdle();
}
