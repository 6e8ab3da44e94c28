/*
 * What went wrong, in the kernel's words. Findings are data: the run goes on, and each is reported
 * once however often it happens.
 */
import type { Cpu } from '../cpu/cpu.ts';
import { EV } from '../events.ts';

/** The kinds of findings, by the names of the bug catalogue. */
export const findingKinds = [
  'deadlock',
  'self-deadlock',
  'hang',
  'late-wakeup',
  'livelock',
  'soft-lockup',
  'hung-task',
  'lock-order',
  'irq-safety',
  'irq-inversion',
  'recursive-lock',
  'bad-unlock',
  'held-at-return',
  'sleep-in-atomic',
  'irq-state-leak',
  'preempt-leak',
  'sem-imbalance',
  'data-race',
  'toctou',
  'use-after-free',
  'use-before-init',
  'double-free',
  'leak',
  'refcount-leak',
  'refcount-underflow',
  'overrun',
  'priority-inversion',
  'starvation',
  'bad-user-access',
  'assertion',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** The first line as the kernel prints it. */
  readonly text: string;
  readonly timeNs: number;
  readonly cpu: number;
  readonly actor: string;
  /** The object concerned, empty if there is none. */
  readonly object: string;
  count: number;
}

export class Findings {
  readonly all: Finding[] = [];
  private readonly known = new Map<string, Finding>();

  report(cpu: Cpu, kind: FindingKind, text: string, object = ''): void {
    const { machine } = cpu;
    const { actor } = cpu.top;
    const key = `${kind}\n${actor}\n${object}\n${text}`;
    const known = this.known.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const timeNs = machine.sim.now;
    const finding = { kind, text, timeNs, cpu: cpu.id, actor, object, count: 1 };
    this.known.set(key, finding);
    this.all.push(finding);
    if (machine.trace.on) cpu.emit(EV.finding, machine.texts.intern(`${kind}: ${text}`), NaN);
  }
}
