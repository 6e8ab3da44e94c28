/*
 * What CPUs did since the machine began, as struct cpu_usage_stat has it, at this very moment:
 * nothing is booked by looking. The kernel charges whole ticks, here every nanosecond counts.
 * There is no iowait here: a CPU whose tasks wait for the disk is idle.
 */
import type { Cpu } from '../../cpu/cpu.ts';

export interface CpuUsage {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly irq: number;
  readonly softirq: number;
}

/** In ns. */
export function usageOf(cpu: Cpu): CpuUsage {
  const { times, machine } = cpu;
  const ns = { ...times.ns };
  const context = cpu.contextName();
  const unbooked = times.unbooked(machine.sim.now);
  ns[context] += unbooked;
  const nice = times.nice + (context === 'user' && cpu.current.nice > 0 ? unbooked : 0);
  const { kernel: system, idle, hardirq: irq, softirq } = ns;
  return { user: ns.user - nice, nice, system, idle, irq, softirq };
}

/** USER_HZ = 100: what clock_t counts. */
export function clock_t(ns: number): number {
  return Math.floor(ns / 10_000_000);
}

/** Seconds with two decimals. */
export function seconds(ns: number): string {
  const hundredths = clock_t(ns);
  const rest = String(hundredths % 100).padStart(2, '0');
  return `${Math.floor(hundredths / 100)}.${rest}`;
}
