/*
 * What an explored run may choose among, CPU by CPU: the next visible step of what runs there, a
 * preemption where the model allows one, the arrival of an interrupt that is armed.
 */
import type { Access, Fingerprint, Move } from '../../engine/index.ts';
import type { IrqLine } from '../irq/line.ts';
import type { Cpu } from './cpu.ts';
import { cpuName } from './names.ts';
import { in_task } from './preempt.ts';

const NOTHING: readonly Access[] = [];

/** A move that happens on a CPU; of the others nobody knows yet where they will. */
export interface CpuMove extends Move {
  readonly cpu: Cpu;
}

/** What runs on the CPU takes its next step. */
export class StepMove implements CpuMove {
  readonly kind = 'step';
  readonly cpu: Cpu;
  /** Whose step it was when that was last asked, and the number of that name. */
  private name = '';
  private number = 0;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  get enabled(): boolean {
    return this.cpu.paused;
  }

  get actor(): number {
    const { top, current } = this.cpu;
    // A task that runs a callback of another actor is still who runs.
    const { actor } = top.kind === 'task' ? current : top;
    if (actor !== this.name) {
      this.name = actor;
      this.number = actorOf(this.cpu, actor);
    }
    return this.number;
  }

  get footprint(): readonly Access[] {
    return this.cpu.top.footprint;
  }

  get site(): number {
    return this.cpu.top.line;
  }

  fire(): void {
    this.cpu.proceed();
  }
}

/**
 * The running task gives way to another that may run instead: the end of its slice, a task of its
 * own or a higher priority that waits.
 */
export class PreemptionMove implements CpuMove {
  readonly kind = 'preemption';
  readonly footprint = NOTHING;
  /** The preemption is part of what the others do: it has no priority of its own. */
  readonly actor: number;
  readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.actor = actorOf(cpu, cpuName('preemption of CPU ', cpu.id));
  }

  get enabled(): boolean {
    const { cpu } = this;
    if (!cpu.paused || cpu.irqs_disabled || !in_task(cpu)) return false;
    const { current, machine } = cpu;
    const allowed = current.inUser || (machine.preemptible && cpu.preempt_count === 0);
    return allowed && cpu.rq.othersMayReplace(current);
  }

  fire(): void {
    this.cpu.need_resched = true;
    this.cpu.machine.sendReschedule(this.cpu);
  }
}

/** Interrupts that may arrive at any moment, `left` times in all. */
export class ArrivalMove implements CpuMove {
  readonly kind = 'interrupt';
  readonly footprint = NOTHING;
  readonly actor: number;
  readonly cpu: Cpu;
  private readonly line: IrqLine;
  private readonly act: () => void;
  private left: number;

  constructor(cpu: Cpu, line: IrqLine, left: number, act: () => void) {
    this.cpu = cpu;
    this.line = line;
    this.left = left;
    this.act = act;
    this.actor = actorOf(cpu, line.name);
  }

  /** Where the CPU does not admit it, it would only wait: then it had better come later. */
  get enabled(): boolean {
    const { line } = this;
    return this.left > 0 && line.registered && line.servedBy === null && this.cpu.admits;
  }

  fire(): void {
    this.left--;
    this.act();
  }

  feed(into: Fingerprint): void {
    into.add(this.left);
  }
}

function actorOf(cpu: Cpu, name: string): number {
  return cpu.machine.texts.intern(name);
}
