/*
 * The border between user and kernel mode: system calls and the work on the way back to user mode
 * (rescheduling, signals), after kernel/entry/common.c.
 */
import { PREEMPT, SCHEDULE, type Code, type Context } from './context.ts';
import type { Cpu } from './cpu/cpu.ts';
import { local_irq_enable } from './cpu/preempt.ts';
import { EV } from './events.ts';
import { HOOK } from './hooks.ts';
import { report_warning } from './sched/atomic.ts';
import { dequeue_signal, signal_pending, signals } from './signal/signal.ts';
import { TASK_STOPPED } from './sched/state.ts';
import { do_exit } from './sched/exit.ts';

/** Runs `body` in kernel mode on behalf of the user process `k`. */
export function* syscall<T extends number>(
  k: Context,
  name: string,
  body: (k: Context) => Code<T>,
): Code<T> {
  const { machine } = k;
  enter_kernel(k);
  if (machine.trace.on) k.cpu.emit(EV.sys_enter, machine.texts.intern(name), NaN);
  yield machine.costs.syscall >> 1;
  const result = yield* body(k);
  yield machine.costs.syscall - (machine.costs.syscall >> 1);
  if (machine.trace.on) k.cpu.emit(EV.sys_exit, machine.texts.intern(name), result);
  yield* exit_to_user_loop(k);
  return result;
}

export function enter_kernel(k: Context): void {
  k.cpu.account();
  k.current.inUser = false;
}

export function needs_exit_work(cpu: Cpu): boolean {
  return cpu.need_resched || signal_pending(cpu.current);
}

/** exit_to_user_mode_loop(): also runs on top of user code that an interrupt found. */
export function* exit_to_user_loop(k: Context): Code {
  if (k.current.inUser) enter_kernel(k);
  if (k.cpu.irqs_disabled) yield* left_irqs_disabled(k);
  while (needs_exit_work(k.cpu)) {
    if (k.cpu.need_resched) yield PREEMPT;
    if (signal_pending(k.current)) yield* do_signal(k);
  }
  if (k.machine.trace.on) k.machine.tell(k.cpu, HOOK.sys_exit);
  k.cpu.account();
  k.current.inUser = true;
}

/** syscall_exit_to_user_mode_prepare(): a process in user mode always has interrupts on. */
function* left_irqs_disabled(k: Context): Code {
  const where = 'kernel/entry/common.c syscall_exit_to_user_mode_prepare';
  const lines = ['syscall left IRQs disabled'];
  report_warning(k.cpu, 'irq-state-leak', where, { lines });
  yield* local_irq_enable(k);
}

/** Delivers one signal: its handler runs in user mode, or the process ends. */
function* do_signal(k: Context): Code {
  const task = k.current;
  if (task.signals !== null) task.signals.notified = false;
  const sig = dequeue_signal(task);
  if (sig === 0) return;
  if (k.machine.trace.on) k.cpu.emit(EV.signal_deliver, task.commText, sig);
  const disposition = task.signals!.disposition(sig);
  if (sig === signals.SIGSTOP) {
    task.state = TASK_STOPPED;
    yield SCHEDULE;
    return;
  }
  if (disposition === 'ignore') return;
  if (disposition === 'default') {
    yield* do_exit(k, sig);
    return;
  }
  k.cpu.account();
  task.inUser = true;
  yield* disposition(k);
  enter_kernel(k);
}
