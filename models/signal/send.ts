/*
 * Sending a signal: it becomes pending, and the task is woken if that ends its sleep
 * (kernel/signal.c: send_sig, signal_wake_up_state).
 */
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';
import { try_to_wake_up } from '../sched/core.ts';
import { TASK_INTERRUPTIBLE, TASK_STOPPED, TASK_WAKEKILL, type Task } from '../sched/task.ts';
import { bit, signals } from './signal.ts';

/** Sends `sig` and wakes the task if that ends its sleep. Returns 0; ignored signals too. */
export function send_sig(from: Cpu, sig: number, task: Task): number {
  const state = task.signals;
  if (state === null) return 0;
  if (from.machine.trace.on) from.emit(EV.signal_generate, task.commText, sig);
  if (sig === signals.SIGCONT) {
    state.pending &= ~bit(signals.SIGSTOP);
    try_to_wake_up(from, task, TASK_STOPPED);
  }
  const ignored = state.disposition(sig) === 'ignore' && (state.blocked & bit(sig)) === 0;
  if (ignored) return 0;
  state.pending |= bit(sig);
  if ((state.blocked & bit(sig)) !== 0) return 0;
  const fatal = state.isFatal(sig);
  if (fatal && state.byDefault === 'default' && state.groupExit === 0) state.groupExit = sig;
  signal_wake_up(from, task, fatal);
  return 0;
}

export function signal_wake_up(from: Cpu, task: Task, fatal: boolean): void {
  const mask = TASK_INTERRUPTIBLE | (fatal ? TASK_WAKEKILL | TASK_STOPPED : 0);
  if (!try_to_wake_up(from, task, mask) && task.cpu.current === task && task.cpu !== from) {
    from.machine.sendReschedule(task.cpu);
  }
}
