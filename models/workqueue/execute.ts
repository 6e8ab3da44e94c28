/*
 * The execution of one work, as every kernel with workqueues does it (kernel/workqueue.c).
 */
import { lock_map_acquire, lock_map_release, workMap } from '../checks/lockdep/maps.ts';
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
  lock_map_acquire(k, workMap(work));
  yield* work.func(k);
  lock_map_release(k, workMap(work));
  if (machine.trace.on) emitWork(k.cpu, EV.workqueue_execute_end, work);
  if (k.cpu.preempt_count !== 0) report_leak(k, work);
  k.actor = actor;
}

function report_leak({ cpu }: Context, work: Work): void {
  cpu.machine.findings.report(cpu, 'preempt-leak', workqueue_leaked(cpu), work.name);
}

/** The line for a work that has left the worker with a lock or without preemption. */
export function workqueue_leaked({ current, preempt_count }: Cpu): string {
  const count = (preempt_count >>> 0).toString(16).padStart(8, '0');
  return `BUG: workqueue leaked lock or atomic: ${current.comm}/0x${count}/${current.pid}`;
}

export function emitWork(cpu: Cpu, event: number, work: Work): void {
  cpu.emit(event, cpu.machine.texts.intern(work.name), NaN);
}
