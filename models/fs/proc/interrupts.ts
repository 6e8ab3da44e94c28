/*
 * /proc/interrupts: arch/i386/kernel/irq.c of 2.4, arch/x86/kernel/irq_32.c of 2.6.24,
 * arch/x86/kernel/irq.c of 2.6.32, kernel/irq/proc.c of 6.1. All lines are edges of an I/O APIC.
 */
import type { Machine } from '../../machine.ts';
import { RESCHEDULE } from '../../machine.ts';
import { IRQ_WORK_VECTOR } from '../../irq/irq_work.ts';
import { HRTIMER_INTERRUPT } from '../../time/hrtimer.ts';
import { LOCAL_TIMER } from '../../time/tick.ts';
import { left, right } from './format.ts';

/** What the CPUs count beside devices: a label, what it is, and the vectors that it adds up. */
type Vector = readonly [label: string, about: string, vectors: readonly number[]];

const NMI: Vector = ['NMI', 'Non-maskable interrupts', []];
const LOC: Vector = ['LOC', 'Local timer interrupts', [LOCAL_TIMER, HRTIMER_INTERRUPT]];
const SPU: Vector = ['SPU', 'Spurious interrupts', []];
const PMI: Vector = ['PMI', 'Performance monitoring interrupts', []];
const RES: Vector = ['RES', 'Rescheduling interrupts', [RESCHEDULE]];
const CAL: Vector = ['CAL', 'Function call interrupts', []];
const TLB: Vector = ['TLB', 'TLB shootdowns', []];
const TRM: Vector = ['TRM', 'Thermal event interrupts', []];
const THR: Vector = ['THR', 'Threshold APIC interrupts', []];
const MCE: Vector = ['MCE', 'Machine check exceptions', []];
const MCP: Vector = ['MCP', 'Machine check polls', []];

const vectors: Readonly<Record<string, readonly Vector[]>> = {
  'linux-2.4.27': [NMI, LOC],
  'linux-2.6.24': [NMI, LOC, RES, CAL, TLB, TRM, SPU],
  'linux-2.6.32': [
    NMI,
    LOC,
    SPU,
    PMI,
    ['PND', 'Performance pending work', []],
    RES,
    CAL,
    TLB,
    TRM,
    THR,
    MCE,
    MCP,
  ],
};
const later: readonly Vector[] = [
  NMI,
  LOC,
  SPU,
  PMI,
  ['IWI', 'IRQ work interrupts', [IRQ_WORK_VECTOR]],
  ['RTR', 'APIC ICR read retries', []],
  RES,
  CAL,
  TLB,
  TRM,
  THR,
  ['DFR', 'Deferred Error APIC interrupts', []],
  MCE,
  MCP,
];

export function interrupts(machine: Machine): string {
  const { cpus, era } = machine;
  const heads = cpus.map(({ id }) => `CPU${left(id, 8)}`).join('');
  const counted = (numbers: readonly number[]): string =>
    cpus
      .map(({ irqCounts }) => {
        const count = numbers.reduce((sum, nr) => sum + (irqCounts[nr] ?? 0), 0);
        return `${right(count, 10)} `;
      })
      .join('');
  const devices = linesByNumber(machine).map(
    ([number, names]) =>
      `${right(number, 3)}: ${counted([number])}${chip(machine, number)}  ${names.join(', ')}\n`,
  );
  const own = (vectors[era.name] ?? later).map(([label, about, numbers]) => {
    const text = era.timersInBottomHalf ? '' : `  ${about}`;
    return `${label}: ${counted(numbers)}${text}\n`;
  });
  const errors = [`ERR: ${right(0, 10)}\n`, `MIS: ${right(0, 10)}\n`];
  const last = era.timersInBottomHalf ? errors.slice(0, 1) : errors;
  return `${' '.repeat(11)}${heads}\n${[...devices, ...own, ...last].join('')}`;
}

/** Lines that share a number are one row. */
function linesByNumber({ irqLines }: Machine): [number, string[]][] {
  const byNumber = new Map<number, string[]>();
  for (const { number, name, registered } of irqLines) {
    if (!registered) continue;
    byNumber.set(number, [...(byNumber.get(number) ?? []), name]);
  }
  return [...byNumber].sort(([a], [b]) => a - b);
}

function chip({ era }: Machine, number: number): string {
  if (era.timersInBottomHalf) return ` ${right('IO-APIC-edge', 14)}`;
  const name = ` ${right('IO-APIC', 8)}`;
  return era.irqWork
    ? `${name} ${right(number, 3)}-${left('edge', 8)}`
    : `${name}-${left('edge', 8)}`;
}
