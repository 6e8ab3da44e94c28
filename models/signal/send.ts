/*
 * Sending a signal: it becomes pending, and the task is woken if that ends its sleep
 * (kernel/signal.c: send_sig, signal_wake_up_state).
 */
import type { Cpu } from '../cpu/cpu.ts';
import { errno } from '../errno.ts';
import { EV } from '../events.ts';
import { try_to_wake_up } from '../sched/core.ts';
import {
  TASK_DEAD,
  TASK_INTERRUPTIBLE,
  TASK_STOPPED,
  TASK_WAKEKILL,
  type Task,
} from '../sched/task.ts';
import { bit, signals, type SignalState } from './signal.ts';

/**
 * Sends `sig` and wakes the task if that ends its sleep. Returns 0; ignored signals too. A kernel
 * thread that has ended is gone at once (-ESRCH), nobody waits for it.
 */
export function send_sig(from: Cpu, sig: number, task: Task): number {
  if (task.kthread !== null && task.state === TASK_DEAD) return -errno.ESRCH;
  if (task.signals !== null) send_signal_locked(from, sig, task, task.signals);
  from.preemptPoint();
  return 0;
}

function send_signal_locked(from: Cpu, sig: number, task: Task, state: SignalState): void {
  if (from.machine.trace.on) from.emit(EV.signal_generate, task.commText, sig);
  if (sig === signals.SIGCONT) {
    state.pending &= ~bit(signals.SIGSTOP);
    try_to_wake_up(from, task, TASK_STOPPED);
  }
  const ignored = state.disposition(sig) === 'ignore' && (state.blocked & bit(sig)) === 0;
  if (ignored) return;
  state.pending |= bit(sig);
  if ((state.blocked & bit(sig)) !== 0) return;
  const fatal = state.isFatal(sig);
  if (fatal && state.byDefault === 'default' && state.groupExit === 0) state.groupExit = sig;
  signal_wake_up(from, task, fatal);
}

export function signal_wake_up(from: Cpu, task: Task, fatal: boolean): void {
  const mask = TASK_INTERRUPTIBLE | (fatal ? TASK_WAKEKILL | TASK_STOPPED : 0);
  if (!try_to_wake_up(from, task, mask) && task.cpu.current === task && task.cpu !== from) {
    from.machine.sendReschedule(task.cpu);
  }
}
