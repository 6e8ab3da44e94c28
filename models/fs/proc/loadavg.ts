/*
 * /proc/loadavg, fs/proc/proc_misc.c of 2.4 and 2.6.24, fs/proc/loadavg.c later, and /proc/uptime.
 */
import type { Machine } from '../../machine.ts';
import { FIXED_1, FSHIFT, nr_running, nr_threads } from '../../sched/loadavg.ts';
import { TASK_NEW } from '../../sched/state.ts';
import { ticksUntil } from '../../time/jiffies.ts';
import { two } from './format.ts';
import { seconds, usageOf } from './times.ts';

/** LOAD_INT and LOAD_FRAC of what is rounded to hundredths. */
export function formatLoad(load: number): string {
  const rounded = load + Math.floor(FIXED_1 / 200);
  return `${rounded >> FSHIFT}.${two(((rounded & (FIXED_1 - 1)) * 100) >> FSHIFT)}`;
}

export function loadavg(machine: Machine): string {
  const now = machine.firstJiffy + ticksUntil(machine.hz, machine.sim.now);
  const loads = machine.loadavg.peek(now).map(formatLoad).join(' ');
  return `${loads} ${nr_running(machine)}/${nr_threads(machine)} ${lastPid(machine)}\n`;
}

/** The pid that was given last; not the largest, since they wrap. */
function lastPid(machine: Machine): number {
  const begun = machine.allTasks.filter(
    ({ state, kind }) => kind !== 'idle' && (state !== TASK_NEW || kind === 'kthread'),
  );
  return begun.at(-1)?.pid ?? 1;
}

/** Until 2.6.28 the idle time is that of the first CPU, later the sum of all. */
export function uptime(machine: Machine): string {
  const counted = machine.era.softirqStatistics ? machine.cpus : machine.cpus.slice(0, 1);
  const idle = counted.reduce((sum, cpu) => sum + usageOf(cpu).idle, 0);
  return `${seconds(machine.sim.now)} ${seconds(idle)}\n`;
}
