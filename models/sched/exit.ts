/*
 * The end of a task, kernel/exit.c: resources go back, waiters hear of it, the CPU goes to others.
 */
import { SCHEDULE, type Code, type Context } from '../context.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';
import { EV } from '../events.ts';
import { ORDER, load_acquire } from '../instrumented.ts';
import { check_exit } from './atomic.ts';
import { Completion, complete_all, wait_for_completion } from './completion.ts';
import { dequeue_task, enqueue_task } from './enqueue.ts';
import { update_curr } from './fair.ts';
import { TASK_DEAD, type Task } from './task.ts';

/** Sleeps until the task has ended, whatever it is (in the kernel: wait4, kthread_stop). */
export function* waitForEnd(k: Context, task: Task): Code {
  if (task.state === TASK_DEAD) {
    load_acquire(k.cpu, ORDER.exit, task.comm);
    return;
  }
  const ended = new Completion(task.comm);
  task.onExit.push(() => complete_all(task.cpu, ended));
  yield* wait_for_completion(k, ended);
}

/** Does not return. `code`: exit status, or the number of the signal that ended the task. */
export function* do_exit(k: Context, code: number): Code {
  const task = k.current;
  const { machine } = k;
  check_exit(k);
  k.cpu.account();
  task.inUser = false;
  task.exitCode = code;
  if (task.process !== null) yield* task.process.release(k);
  if (machine.trace.on) k.cpu.emit(EV.sched_process_exit, task.commText, code);
  if (machine.era.exitRequeues) yield* sched_autogroup_exit_task(k);
  for (const tell of task.onExit) tell();
  machine.forget(task);
  for (;;) {
    // An interrupt that sleeps where it must not may have changed the state: the kernel's BUG().
    task.state = TASK_DEAD;
    yield SCHEDULE;
  }
}

/**
 * sched_move_task() of kernel/sched/core.c: the task leaves its autogroup, and although there is
 * none it is queued anew. Under full others of its priority run before it is gone.
 */
function* sched_autogroup_exit_task(k: Context): Code {
  const { cpu, current: task } = k;
  update_curr(cpu);
  dequeue_task(cpu, task);
  enqueue_task(cpu, task);
  cpu.resched(cpu);
  yield* preempt_check_resched(k);
}
