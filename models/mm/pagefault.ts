/*
 * Whether a page fault may be handled where the kernel is: pagefault_disable() and might_fault(),
 * include/linux/uaccess.h and mm/memory.c; and whose memory an access reaches.
 */
import type { Code, Context } from '../context.ts';
import { in_atomic, in_interrupt, preempt_disable, preempt_enable } from '../cpu/preempt.ts';
import { report_invalid_context } from '../sched/atomic.ts';
import { might_sleep } from '../sched/core.ts';
import { mmEras, type MmEra } from './era.ts';
import { MmStruct } from './mm.ts';

/** The rules of the kernel that runs. */
export function mmEra(k: Context): MmEra {
  return mmEras[k.machine.era.name];
}

/**
 * current->active_mm: the address space of the process that runs, made when it is first needed. A
 * kernel thread or the idle task still has that of the process before it; null if there was none.
 */
export function active_mm(k: Context): MmStruct | null {
  const process = k.current.process ?? k.cpu.lastProcess;
  if (process === null) return null;
  process.mm ??= new MmStruct(mmEra(k));
  return process.mm;
}

/** From here on, accesses to user memory that need a page fault fail at once. */
export function pagefault_disable(k: Context): void {
  if (countsInTask(k)) k.current.pagefault_disabled++;
  else preempt_disable(k);
}

export function* pagefault_enable(k: Context): Code {
  if (countsInTask(k)) k.current.pagefault_disabled--;
  else yield* preempt_enable(k);
}

function countsInTask(k: Context): boolean {
  const { pagefaultDisable } = mmEra(k);
  if (pagefaultDisable !== 'missing') return pagefaultDisable === 'task';
  throw new RangeError(`${k.machine.era.name} has no pagefault_disable`);
}

/** faulthandler_disabled(), and the cases without a process to fault for. */
export function may_fault(k: Context): boolean {
  if (k.current.process === null || k.current.pagefault_disabled > 0) return false;
  return !(mmEra(k).faultsRefused === 'inInterrupt' ? in_interrupt : in_atomic)(k.cpu);
}

/** Reports a function that may take a page fault, and so sleep, where it must not. */
export function* might_fault(k: Context, where: string): Code {
  if (k.current.pagefault_disabled > 0) return;
  if (mmEra(k).mightFaultReschedules) yield* might_sleep(k, where);
  else report_invalid_context(k, where);
}
