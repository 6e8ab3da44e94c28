/*
 * Signals of user processes and what they do to system calls: sigaction() of kernel/signal.c and
 * the restart rules of handle_signal() in arch/x86/kernel/signal.c.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { Task } from '../sched/task.ts';
import { SignalState, bit, signals, type Disposition } from '../signal/signal.ts';
import { send_sig } from '../signal/send.ts';
import { exit_to_user_loop, syscall } from '../syscall.ts';

export const SA_RESTART = 0x10000000;
/** The signal may come again while its handler runs. */
export const SA_NODEFER = 0x40000000;
/** The handler runs once; then the signal has its default action. */
export const SA_RESETHAND = 0x80000000;

/** What a stack has room for; a real one of 8 MiB holds some thousands. */
const MAX_FRAMES = 200;

/** As -ERESTARTNOHAND, but the call goes on where it was: a sleep keeps its end. */
export const ERESTART_RESTARTBLOCK = 516;

/** struct k_sigaction. */
export interface Sigaction {
  /** `default`, `ignore`, or the program's own code, run in user mode. */
  readonly handler: Disposition;
  readonly flags: number;
}

/** Signals of one thread; the threads of a process share their dispositions. */
export class UserSignals extends SignalState {
  /** Handlers that have begun and not returned: frames on the stack of the thread. */
  frames = 0;
  /** sa_flags of the first handler that ran since the last system call; null: none did. */
  handled: number | null = null;

  override feed(into: Fingerprint): void {
    super.feed(into);
    into.add(this.frames);
    into.add(this.handled ?? -1);
  }

  constructor(shared = new Map<number, Disposition>()) {
    super('default', shared);
  }
}

function userSignals(task: Task): UserSignals {
  if (task.signals instanceof UserSignals) return task.signals;
  throw new Error(`${task.comm} is no user process`);
}

/** Sets what `task` does about `sig`: 0, or -EINVAL for a signal that cannot be caught. */
export function set_sigaction(task: Task, sig: number, { handler, flags }: Sigaction): number {
  if (sig < 1 || sig > 31 || sig === signals.SIGKILL || sig === signals.SIGSTOP) {
    return -errno.EINVAL;
  }
  const disposition =
    typeof handler === 'function'
      ? (k: Context): Code => handle_signal(k, sig, handler, flags)
      : handler;
  userSignals(task).dispositions.set(sig, disposition);
  return 0;
}

/**
 * A frame for the handler, with its own signal blocked, and a note for the system
 * call it interrupted. Further signals put their frames on top, so their handlers run first; in 2.4
 * one signal is delivered at a time.
 */
function* handle_signal(
  k: Context,
  sig: number,
  handler: (k: Context) => Code,
  flags: number,
): Code {
  const state = userSignals(k.current);
  if (state.frames >= MAX_FRAMES) {
    force_sigsegv(k, state);
    return;
  }
  state.frames++;
  const { blocked } = state;
  const handled = state.handled ?? flags;
  state.handled = handled;
  if ((flags & SA_RESETHAND) !== 0) state.dispositions.delete(sig);
  if ((flags & SA_NODEFER) === 0) state.blocked |= bit(sig);
  if (k.machine.era.signalFrames === 'all') yield* exit_to_user_loop(k);
  yield* handler(k);
  state.blocked = blocked;
  state.handled = handled;
  state.frames--;
}

/** There is no room for a frame: SIGSEGV, whatever the process wants to do about it. */
function force_sigsegv(k: Context, state: UserSignals): void {
  state.blocked &= ~bit(signals.SIGSEGV);
  state.dispositions.delete(signals.SIGSEGV);
  send_sig(k.cpu, signals.SIGSEGV, k.current);
}

export function sigaction(k: Context, sig: number, action: Sigaction): Code<number> {
  return systemCall(k, 'rt_sigaction', () => sys_rt_sigaction(k, sig, action));
}

function* sys_rt_sigaction(k: Context, sig: number, action: Sigaction): Code<number> {
  yield k.machine.costs.call;
  return set_sigaction(k.current, sig, action);
}

/** signal() of the C library: calls that the handler interrupts are restarted. */
export function signal(k: Context, sig: number, handler: Disposition): Code<number> {
  return sigaction(k, sig, { handler, flags: SA_RESTART });
}

/**
 * A system call as the program sees it: one that a signal ended early returns -EINTR or is made
 * again. `body` is run anew each time, so what must not start anew belongs outside of it.
 */
export function* systemCall(
  k: Context,
  name: string,
  body: (k: Context) => Code<number>,
): Code<number> {
  const state = userSignals(k.current);
  for (;;) {
    state.handled = null;
    const result = yield* syscall(k, name, body);
    if (!restarts(k, -result, state.handled)) {
      return asksToRestart(-result) ? -errno.EINTR : result;
    }
  }
}

function asksToRestart(error: number): boolean {
  return (
    error === errno.ERESTARTSYS ||
    error === errno.ERESTARTNOINTR ||
    error === errno.ERESTARTNOHAND ||
    error === ERESTART_RESTARTBLOCK
  );
}

/** The first handler decides; without one all restart (in 2.4 a sleep has no restart block). */
function restarts(k: Context, error: number, handled: number | null): boolean {
  if (!asksToRestart(error)) return false;
  if (error === ERESTART_RESTARTBLOCK && !k.machine.era.restartBlock) return false;
  if (handled === null || error === errno.ERESTARTNOINTR) return true;
  return error === errno.ERESTARTSYS && (handled & SA_RESTART) !== 0;
}
