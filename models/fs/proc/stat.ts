/*
 * /proc/stat and /proc/softirqs, fs/proc/proc_misc.c of 2.4 and 2.6.24, fs/proc/stat.c and
 * softirqs.c later. Left out: what 2.4 says of pages, swapping and disks is 0 here.
 */
import type { Machine } from '../../machine.ts';
import { nr_running } from '../../sched/loadavg.ts';
import { TASK_NEW } from '../../sched/state.ts';
import type { Cpu } from '../../cpu/cpu.ts';
import { left, right } from './format.ts';
import { clock_t, usageOf, type CpuUsage } from './times.ts';

/** Lines that /proc/stat has a number for. */
const NR_IRQS = 224;
/** guest, guest_nice. */
const GUESTS = { 'linux-2.6.24': [0], 'linux-2.6.32': [0] } as Readonly<Record<string, number[]>>;

function cpuLine(machine: Machine, name: string, usage: CpuUsage): string {
  const { user, nice, system, idle, irq, softirq } = usage;
  // 2.4 charges interrupts to the system, and idle is what is left.
  const times = machine.era.timersInBottomHalf
    ? [user, nice, system + irq + softirq, idle]
    : [user, nice, system, idle, 0, irq, softirq, 0];
  const guests = machine.era.timersInBottomHalf ? [] : (GUESTS[machine.era.name] ?? [0, 0]);
  return `${name} ${[...times.map(clock_t), ...guests].join(' ')}\n`;
}

function sum(all: readonly CpuUsage[]): CpuUsage {
  return all.reduce((a, b) => ({
    user: a.user + b.user,
    nice: a.nice + b.nice,
    system: a.system + b.system,
    idle: a.idle + b.idle,
    irq: a.irq + b.irq,
    softirq: a.softirq + b.softirq,
  }));
}

/** How often a line has interrupted, on all CPUs. */
export function irqsOf({ cpus }: Machine, number: number): number {
  return cpus.reduce((total, cpu) => total + (cpu.irqCounts[number] ?? 0), 0);
}

function interruptsLine(machine: Machine): string {
  const counts = Array.from({ length: NR_IRQS }, (_, nr) => irqsOf(machine, nr));
  const devices = counts.reduce((a, b) => a + b, 0);
  // Since 2.6.29 the sum has what the CPUs send each other and their timers too.
  const all = machine.cpus.flatMap(({ irqCounts }) => irqCounts).reduce((a, b) => a + b, 0);
  const total = machine.era.softirqStatistics ? all : devices;
  return `intr ${[total, ...counts].join(' ')}\n`;
}

function forks({ allTasks }: Machine): number {
  const begun = allTasks.filter(({ state, kind }) => state !== TASK_NEW || kind === 'kthread');
  return begun.filter(({ kind }) => kind !== 'idle').length;
}

function blocked({ tasks }: Machine): number {
  return [...tasks.values()].filter(({ waitingFor, on_rq }) => waitingFor === 'disk' && !on_rq)
    .length;
}

export function stat(machine: Machine): string {
  const { cpus, era } = machine;
  const usages = cpus.map(usageOf);
  const lines = [
    cpuLine(machine, 'cpu ', sum(usages)),
    ...usages.map((usage, i) => cpuLine(machine, `cpu${i}`, usage)),
  ];
  if (era.timersInBottomHalf) lines.push('page 0 0\n', 'swap 0 0\n');
  lines.push(interruptsLine(machine));
  if (era.timersInBottomHalf) lines.push('disk_io: \n');
  const switches = cpus.reduce((total, cpu) => total + cpu.switches, 0);
  // The clock of the machine begins with the run, at 0.
  lines.push(`ctxt ${switches}\n`, 'btime 0\n', `processes ${forks(machine)}\n`);
  if (!era.timersInBottomHalf) {
    lines.push(`procs_running ${nr_running(machine)}\n`, `procs_blocked ${blocked(machine)}\n`);
  }
  if (era.softirqStatistics) lines.push(softirqLine(machine));
  return lines.join('');
}

function softirqOf(cpu: Cpu, nr: number): number {
  return cpu.softirqCounts[nr] ?? 0;
}

function softirqLine(machine: Machine): string {
  const counts = machine.era.softirqs.map((_, nr) =>
    machine.cpus.reduce((total, cpu) => total + softirqOf(cpu, nr), 0),
  );
  return `softirq ${[counts.reduce((a, b) => a + b, 0), ...counts].join(' ')}\n`;
}

export function softirqs(machine: Machine): string {
  const { cpus, era } = machine;
  const heads = cpus.map(({ id }) => `CPU${left(id, 8)}`).join('');
  const lines = era.softirqs.map((name, nr) => {
    const label = name === 'IRQ_POLL' && !era.irqWork ? 'BLOCK_IOPOLL' : name;
    const width = era.irqWork ? 12 : 8;
    const counts = cpus.map((cpu) => ` ${right(softirqOf(cpu, nr), 10)}`);
    return `${right(label, width)}:${counts.join('')}\n`;
  });
  return `${' '.repeat(era.irqWork ? 20 : 16)}${heads}\n${lines.join('')}`;
}
