/*
 * udelay() and its relatives, arch/x86/lib/delay.c: spins until a time has passed on the clock, so
 * interrupts and preemption meanwhile do not prolong it. Since 2.6.27 delay_tsc() turns preemption
 * off and on in every round, so a reschedule that waits happens in its first.
 */
import type { Code, Context } from '../context.ts';
import { preempt_check_resched } from '../cpu/preempt.ts';

export function* delay(k: Context, ns: number): Code {
  if (k.machine.era.delayPreempts) yield* preempt_check_resched(k);
  k.deadline = k.machine.sim.now + k.cpu.debt + ns;
  yield ns;
  k.deadline = -1;
}
