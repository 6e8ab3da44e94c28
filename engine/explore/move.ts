/*
 * What may happen next in an explored run, and what it would touch: enough for a strategy to decide
 * without knowing what the things are.
 */
import type { Activity } from '../calendar.ts';
import type { Fingerprint } from './fingerprint.ts';

/**
 * `step`: a process goes on. `interrupt`, `timer`: something arrives while it does. `preemption`:
 * a process must give way though it could go on. `task`: who gets a CPU that became free. `store`:
 * what was written is seen by others.
 */
export type MoveKind = 'step' | 'interrupt' | 'timer' | 'preemption' | 'task' | 'store';

/** An object that others can see, and whether a step may change it. */
export interface Access {
  readonly object: object;
  readonly writes: boolean;
}

/** What may happen next, as one who decides sees it. */
export interface Option {
  readonly kind: MoveKind;
  /** Who: a small number, the same in every run of one program. */
  readonly actor: number;
  /** What the step touches as it begins; empty if nobody else can tell the difference. */
  readonly footprint: readonly Access[];
  /** Where in its program it stands, the same for actors of one program; 0 or left out: unknown. */
  readonly site?: number | undefined;
}

/** What may happen next; firing it makes it happen. */
export interface Move extends Option, Activity {
  readonly enabled: boolean;
  /** Feeds what the move itself remembers, if anything. */
  feed?(into: Fingerprint): void;
}

/** It comes from outside, whoever runs. */
export function isArrival({ kind }: { readonly kind: MoveKind }): boolean {
  return kind === 'interrupt' || kind === 'timer';
}

/** Whether the order of two steps can matter: they touch one object and one of them changes it. */
export function conflict(a: readonly Access[], b: readonly Access[]): boolean {
  for (const { object, writes } of a) {
    for (const other of b) {
      if (object === other.object && (writes || other.writes)) return true;
    }
  }
  return false;
}
