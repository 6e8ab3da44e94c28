/* The models' public face: the machine and the kernel functions that programs are written with. */
export { Machine, type ConsoleLine, type MachineOptions } from './machine.ts';
export { SCHEDULE, PREEMPT, Context, type Code, type Op } from './context.ts';
export { costPresets, type CostName, type Costs } from './costs.ts';
export { eras, kernelNames, type Era, type KernelName, type PreemptionModel } from './era.ts';
export { errno, errnoText } from './errno.ts';
export { eventNames, type EventName } from './events.ts';
export {
  findingKinds,
  type Finding,
  type FindingKind,
  type Place,
  type Verdict,
} from './checks/findings.ts';
export * from './cpu/preempt.ts';
export * from './irq/irq_work.ts';
export * from './irq/softirq.ts';
export * from './irq/tasklet.ts';
export { IrqLine } from './irq/line.ts';
export * from './kthread.ts';
export * from './locking/mutex.ts';
export * from './locking/rtmutex.ts';
export * from './locking/rwlock.ts';
export * from './locking/rwsem.ts';
export * from './locking/semaphore.ts';
export * from './locking/spinlock.ts';
export * from './locking/ww_mutex.ts';
export * from './mm/mm.ts';
export * from './mm/mmap.ts';
export { access_in_user_mode, dereference } from './mm/fault.ts';
export { active_mm, pagefault_disable, pagefault_enable } from './mm/pagefault.ts';
export { AddressSpace, PAGE_ALIGN, PAGE_SIZE } from './mm/page.ts';
export * from './mm/strings.ts';
export * from './mm/uaccess.ts';
export { printk } from './printk.ts';
export * from './sched/completion.ts';
export { cond_resched, might_sleep, wake_up_process, yield_ } from './sched/core.ts';
export * from './sched/sleep_on.ts';
export * from './sched/state.ts';
export * from './sched/wait.ts';
export * from './signal/send.ts';
export * from './signal/signal.ts';
export * from './time/hrtimer.ts';
export * from './time/jiffies.ts';
export * from './time/sleep.ts';
export * from './time/timer.ts';
export { DelayedWork, Work, type Workqueue } from './workqueue/work.ts';
export * from './workqueue/workqueue.ts';
