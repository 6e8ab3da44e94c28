/*
 * Signals, kernel/signal.c: a set of pending ones per task, a mask of blocked ones, and a
 * disposition for each. Kernel threads ignore every signal that they have not allowed.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { TASK_INTERRUPTIBLE, TASK_WAKEKILL, type Task } from '../sched/task.ts';

export const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGBUS: 7,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
} as const;
export type SignalName = keyof typeof signals;

/** What a task does about a signal: end, nothing, or run a handler in its own context. */
export type Disposition = 'default' | 'ignore' | ((k: Context) => Code);

export class SignalState {
  /** Bit n - 1 stands for signal n. */
  pending = 0;
  blocked = 0;
  readonly dispositions: Map<number, Disposition>;
  /** Kernel threads: ignored unless allowed. */
  readonly byDefault: Disposition;
  /** Told of each signal that is taken: an interval timer starts again (dequeue_signal). */
  onDequeue: ((sig: number) => void) | null = null;
  /** TIF_NOTIFY_SIGNAL: interruptible sleeps end although no signal is there. */
  notified = false;
  /** The signal that ends the process, whatever else is pending (SIGNAL_GROUP_EXIT); 0: none. */
  groupExit = 0;

  constructor(byDefault: Disposition, dispositions = new Map<number, Disposition>()) {
    this.byDefault = byDefault;
    this.dispositions = dispositions;
  }

  /** Handlers are the program's own code, of which nothing is known here. */
  feed(into: Fingerprint): void {
    into.add(this.pending);
    into.add(this.blocked);
    into.add(this.groupExit * 2 + (this.notified ? 1 : 0));
    if (this.onDequeue !== null) into.known = false;
    into.add(this.dispositions.size);
    for (const [sig, disposition] of this.dispositions) {
      into.add(disposition === 'ignore' ? -sig : sig);
      if (typeof disposition === 'function') into.known = false;
    }
  }

  disposition(sig: number): Disposition {
    return this.dispositions.get(sig) ?? (ignoredByDefault(sig) ? 'ignore' : this.byDefault);
  }

  /** sig_fatal(): ends a process at once, without a handler and without a core dump. */
  isFatal(sig: number): boolean {
    if (sig === signals.SIGKILL) return true;
    const ends = this.byDefault === 'default' && this.disposition(sig) === 'default';
    return ends && sig !== signals.SIGSTOP && (SIG_KERNEL_COREDUMP_MASK & bit(sig)) === 0;
  }
}

/** QUIT, ILL, TRAP, ABRT, BUS, FPE, SEGV, XCPU, XFSZ, SYS. */
const SIG_KERNEL_COREDUMP_MASK = [3, 4, 5, 6, 7, 8, 11, 24, 25, 31].reduce(
  (mask, sig) => mask | bit(sig),
  0,
);

function ignoredByDefault(sig: number): boolean {
  return sig === signals.SIGCHLD || sig === signals.SIGCONT;
}

/** The bit of a signal in a set. */
export function bit(sig: number): number {
  return 1 << (sig - 1);
}

export function signal_pending(task: Task): boolean {
  const state = task.signals;
  return state !== null && (state.notified || (state.pending & ~state.blocked) !== 0);
}

export function fatal_signal_pending(task: Task): boolean {
  const state = task.signals;
  if (state === null) return false;
  return state.groupExit !== 0 || (state.pending & bit(signals.SIGKILL)) !== 0;
}

/** Does a pending signal keep the task from sleeping in `state` (if not given, its own)? */
export function signal_pending_state(task: Task, state = task.state): boolean {
  if ((state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)) === 0 || !signal_pending(task)) {
    return false;
  }
  return (state & TASK_INTERRUPTIBLE) !== 0 || fatal_signal_pending(task);
}

/** A kernel thread lets `sig` reach it: it becomes pending, and the thread must look. */
export function allow_signal(task: Task, sig: number): void {
  task.signals?.dispositions.set(sig, 'default');
}

export function flush_signals(task: Task): void {
  if (task.signals !== null) task.signals.pending = 0;
}

/** Takes the next signal to act on: a fatal one, else that of the lowest number; 0: none. */
export function dequeue_signal(task: Task): number {
  const state = task.signals;
  if (state === null) return 0;
  const ready = state.pending & ~state.blocked;
  if (ready === 0) return 0;
  const kill = (ready & bit(signals.SIGKILL)) !== 0 ? signals.SIGKILL : 0;
  const sig = state.groupExit || kill || 32 - Math.clz32(ready & -ready);
  state.pending &= ~bit(sig);
  state.onDequeue?.(sig);
  return sig;
}
