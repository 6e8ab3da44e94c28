/*
 * Who acts on a CPU, and what shuts out whom there. Interrupts off keep out the handlers of this
 * CPU, bottom halves off its softirqs, preemption off its other tasks: each is a lock that belongs
 * to the CPU. That one context interrupts another orders nothing by itself, or a bug between a task
 * and an interrupt on its own CPU would look like good order.
 */
import { HARDIRQ_MASK, HARDIRQ_OFFSET, SOFTIRQ_MASK, SOFTIRQ_OFFSET } from '../cpu/preempt.ts';
import type { Cpu } from '../cpu/cpu.ts';
import type { Machine } from '../machine.ts';
import { Party, Sync, join } from './clocks.ts';

/** What a CPU can be kept from, as bits. */
export const IRQS = 1;
export const SOFTIRQS = 2;
export const TASKS = 4;
export const EVERYTHING = IRQS | SOFTIRQS | TASKS;

/** The exclusions of one CPU, and who acts in its interrupts. */
class Place {
  readonly exclusions = [new Sync(), new Sync(), new Sync()] as const;
  idle: Party | null = null;
  softirq: Party | null = null;
  /** By depth: handlers may interrupt each other in old kernels. */
  readonly hardirqs: (Party | undefined)[] = [];
}

export class Parties {
  private readonly machine: Machine;
  private readonly tasks: (Party | undefined)[] = [];
  private readonly places: (Place | undefined)[] = [];
  private made = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Whoever acts on the CPU right now. */
  on(cpu: number, pid: number): Party {
    const count = countOn(this.machine.cpus[cpu]!);
    if ((count & HARDIRQ_MASK) !== 0) return this.hardirq(cpu, depth(count));
    if ((count & SOFTIRQ_OFFSET) !== 0) return this.softirq(cpu);
    return this.task(cpu, pid);
  }

  task(cpu: number, pid: number): Party {
    if (pid === 0) return (this.place(cpu).idle ??= this.make());
    return (this.tasks[pid] ??= this.make());
  }

  /** Its pid may be another task's from now on. */
  forget(pid: number): void {
    if (pid !== 0) this.tasks[pid] = undefined;
  }

  /** All that are at something on the CPU, the one on top first. */
  all(cpu: number, pid: number): Party[] {
    const count = countOn(this.machine.cpus[cpu]!);
    const all: Party[] = [];
    for (let at = depth(count); at > 0; at--) all.push(this.hardirq(cpu, at));
    if ((count & SOFTIRQ_OFFSET) !== 0) all.push(this.softirq(cpu));
    all.push(this.task(cpu, pid));
    return all;
  }

  softirq(cpu: number): Party {
    return (this.place(cpu).softirq ??= this.make());
  }

  private hardirq(cpu: number, at: number): Party {
    return (this.place(cpu).hardirqs[at] ??= this.make());
  }

  private make(): Party {
    return new Party(this.made++);
  }

  private place(cpu: number): Place {
    return (this.places[cpu] ??= new Place());
  }

  /** Takes note of what the party keeps out by now, and of what it no longer does. */
  exclude(party: Party, cpu: number): void {
    const wanted = this.wanted(this.machine.cpus[cpu]!);
    this.admit(party, cpu, party.excludes & ~wanted);
    if (wanted === 0) return;
    const { exclusions } = this.place(cpu);
    for (let at = 0; at < exclusions.length; at++) {
      if ((wanted & (1 << at)) === 0) continue;
      const { version, clock } = exclusions[at]!;
      if ((party.excludes & (1 << at)) !== 0 && party.seen[at] === version) continue;
      if (version > 0) join(party.clock, clock);
      party.seen[at] = version;
    }
    party.excludes = wanted;
  }

  /** The party keeps these out no longer: they know what it did. */
  admit(party: Party, cpu: number, which: number): void {
    const ended = party.excludes & which;
    if (ended === 0) return;
    const { exclusions } = this.place(cpu);
    for (let at = 0; at < exclusions.length; at++) {
      if ((ended & (1 << at)) === 0) continue;
      const exclusion = exclusions[at]!;
      join(exclusion.clock, party.clock);
      exclusion.version++;
    }
    party.excludes &= ~ended;
    party.tick();
  }

  /**
   * A task that has interrupts off keeps everything out. Where the kernel is not preemptible, its
   * code gives way to other tasks only where it says so.
   */
  private wanted(cpu: Cpu): number {
    const { irqs_disabled } = cpu;
    const count = countOn(cpu);
    if ((count & HARDIRQ_MASK) !== 0) return irqs_disabled ? IRQS : 0;
    if ((count & SOFTIRQ_OFFSET) !== 0) return irqs_disabled ? IRQS | SOFTIRQS : SOFTIRQS;
    if (irqs_disabled) return EVERYTHING;
    if ((count & SOFTIRQ_MASK) !== 0) return SOFTIRQS | TASKS;
    return count !== 0 || (!this.machine.preemptible && !cpu.current.inUser) ? TASKS : 0;
  }
}

/** A count below zero says nothing any more. */
function countOn({ preempt_count }: Cpu): number {
  return Math.max(0, preempt_count);
}

function depth(count: number): number {
  return (count & HARDIRQ_MASK) / HARDIRQ_OFFSET;
}
