/*
 * The execution of one work, as every kernel with workqueues does it (kernel/workqueue.c).
 */
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import type { Work } from './work.ts';

/** Runs the work's function in its own name, in the worker's task. */
export function* execute(k: Context, work: Work): Code {
  const { machine } = k;
  const { actor } = k;
  k.actor = work.name;
  if (machine.trace.on) emitWork(k.cpu, EV.workqueue_execute_start, work);
  yield* work.func(k);
  if (machine.trace.on) emitWork(k.cpu, EV.workqueue_execute_end, work);
  if (k.cpu.preempt_count !== 0) report_leak(k, work);
  k.actor = actor;
}

function report_leak(k: Context, work: Work): void {
  const { comm, pid } = k.current;
  const count = (k.cpu.preempt_count >>> 0).toString(16).padStart(8, '0');
  const text = `BUG: workqueue leaked lock or atomic: ${comm}/0x${count}/${pid}`;
  k.machine.findings.report(k.cpu, 'preempt-leak', text, work.name);
}

export function emitWork(cpu: Cpu, event: number, work: Work): void {
  cpu.emit(event, cpu.machine.texts.intern(work.name), NaN);
}
