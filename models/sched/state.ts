/*
 * Task states, include/linux/sched.h.
 */
export const TASK_RUNNING = 0;
export const TASK_INTERRUPTIBLE = 1;
export const TASK_UNINTERRUPTIBLE = 2;
/** Stopped by SIGSTOP until SIGCONT or SIGKILL. */
export const TASK_STOPPED = 4;
export const TASK_DEAD = 0x80;
export const TASK_WAKEKILL = 0x100;
/** Does not count in the load average. */
const TASK_NOLOAD = 0x400;
export const TASK_NEW = 0x800;
export const TASK_KILLABLE = TASK_WAKEKILL | TASK_UNINTERRUPTIBLE;
export const TASK_IDLE = TASK_UNINTERRUPTIBLE | TASK_NOLOAD;
/** What wake_up_process and wake_up wake. */
export const TASK_NORMAL = TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE;

/** Marks a preempted task in sched_switch rows; not a state of its own. */
export const PREEMPTED = 0x10000;

/** The state as sched_switch prints it. */
export function stateLetters(state: number): string {
  if ((state & PREEMPTED) !== 0) return 'R+';
  if ((state & TASK_DEAD) !== 0) return 'X';
  if ((state & TASK_STOPPED) !== 0) return 'T';
  if ((state & TASK_INTERRUPTIBLE) !== 0) return 'S';
  if ((state & TASK_IDLE) === TASK_IDLE) return 'I';
  if ((state & TASK_KILLABLE) === TASK_KILLABLE) return 'DK';
  if ((state & TASK_UNINTERRUPTIBLE) !== 0) return 'D';
  return 'R';
}
