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
  'out-of-bounds',
  'priority-inversion',
  'starvation',
  'bad-user-access',
  'assertion',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** It happened in this very run, or it follows from what this run did that it can happen. */
export type Verdict = 'CONFIRMED' | 'PREDICTED';

/** Where an actor stood: the line of its step in the scenario; 0: not in a step. */
export interface Place {
  readonly actor: string;
  readonly line: number;
}

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
  readonly verdict: Verdict;
  /** Everyone concerned; `actor` is the first. */
  readonly actors: readonly string[];
  /** Everything concerned; `object` is the first. */
  readonly objects: readonly string[];
  /** The steps that together make it, in the order in which they tell the story. */
  readonly places: readonly Place[];
  /** Numbers of the trace rows that prove it, its own last, where rows were recorded. */
  readonly rows: readonly number[];
  /** Further lines of the report. */
  readonly lines: readonly string[];
  /** Held by everyone who could make it happen, which therefore cannot; empty: no such lock. */
  readonly guard: string;
}

/** What a detector knows beyond the kind and the first line; what it leaves out is looked up. */
export interface FindingDetails {
  readonly verdict?: Verdict;
  /** The first is to blame; the one that runs on the CPU if left out. */
  readonly actors?: readonly string[];
  readonly objects?: readonly string[];
  /** The step that the actor on the CPU is at, if left out. */
  readonly places?: readonly Place[];
  readonly rows?: readonly number[];
  readonly lines?: readonly string[];
  readonly guard?: string;
}

export class Findings {
  readonly all: Finding[] = [];
  /** How many of them were made before the run was over: the others are about its end. */
  underWay = Infinity;
  private readonly known = new Map<string, Finding>();

  /** Notes that it happened on `cpu`, now. `about`: the object concerned, or all that is known. */
  report(cpu: Cpu, kind: FindingKind, text: string, about: string | FindingDetails = {}): void {
    const { machine, top } = cpu;
    const details = typeof about === 'string' ? { objects: about === '' ? [] : [about] } : about;
    const { actors = [top.actor], objects = [] } = details;
    const [actor = ''] = actors;
    const [object = ''] = objects;
    const key = `${kind}\n${actor}\n${object}\n${text}`;
    const known = this.known.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (machine.trace.on) cpu.emit(EV.finding, machine.texts.intern(`${kind}: ${text}`), NaN);
    const { seq } = machine.trace;
    const finding: Finding = {
      kind,
      text,
      timeNs: machine.sim.now,
      cpu: cpu.id,
      actor,
      object,
      count: 1,
      verdict: details.verdict ?? 'CONFIRMED',
      actors,
      objects,
      places: details.places ?? [{ actor: top.actor, line: top.line }],
      rows: [...(details.rows ?? []), ...(seq > 0 ? [seq] : [])],
      lines: details.lines ?? [],
      guard: details.guard ?? '',
    };
    this.known.set(key, finding);
    this.all.push(finding);
  }
}
