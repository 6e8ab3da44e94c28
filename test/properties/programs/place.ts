/*
 * Where a step stands in a program, and what is right there: which context it is, what the regions
 * around it have turned off, which locks they hold.
 */
import type { ActorKind } from './notation.ts';

export type Where = 'task' | 'softirq' | 'hardirq';

export interface Place {
  readonly kind: ActorKind;
  readonly where: Where;
  readonly irqsOff: boolean;
  readonly bhOff: boolean;
  /** Preemption is off, by preempt_disable or by a lock that spins. */
  readonly preemptOff: boolean;
  /** The actor's own entry is in a wait queue, so that it must not wait for anything else. */
  readonly queued: boolean;
  /** The rank of the innermost lock held; only those above may be taken. */
  readonly rank: number;
  /** Loops and other blocks around it. */
  readonly loops: number;
  readonly depth: number;
}

export function outermost(kind: ActorKind, soft: boolean): Place {
  return {
    kind,
    where: contextOf(kind, soft),
    irqsOff: false,
    bhOff: false,
    preemptOff: false,
    queued: false,
    rank: -1,
    loops: 0,
    depth: 0,
  };
}

function contextOf(kind: ActorKind, soft: boolean): Where {
  if (kind === 'task' || kind === 'sys' || kind === 'work') return 'task';
  return kind === 'irq' || (kind === 'hrtimer' && !soft) ? 'hardirq' : 'softirq';
}

export function maySleep({ where, irqsOff, bhOff, preemptOff, queued }: Place): boolean {
  return where === 'task' && !irqsOff && !bhOff && !preemptOff && !queued;
}

/** As maySleep, and nobody can be waiting for this actor to release something. */
export function holdsNothing(at: Place): boolean {
  return maySleep(at) && at.rank < 0;
}

export interface Lock {
  readonly name: string;
  readonly type: 'spinlock' | 'rwlock' | 'mutex' | 'rw_semaphore';
  /** The highest context that takes it. */
  readonly reach: Where;
}

/** All locks in the order in which they nest. */
export const LOCKS: readonly Lock[] = [
  { name: 'M', type: 'mutex', reach: 'task' },
  { name: 'R', type: 'rw_semaphore', reach: 'task' },
  { name: 'M2', type: 'mutex', reach: 'task' },
  { name: 'R2', type: 'rw_semaphore', reach: 'task' },
  { name: 'K', type: 'spinlock', reach: 'task' },
  { name: 'W', type: 'rwlock', reach: 'task' },
  { name: 'KB', type: 'spinlock', reach: 'softirq' },
  { name: 'WB', type: 'rwlock', reach: 'softirq' },
  { name: 'KI', type: 'spinlock', reach: 'hardirq' },
  { name: 'WI', type: 'rwlock', reach: 'hardirq' },
];

/** A spinlock and a rwlock that everybody only tries, in any context. */
export const TRIED = { spinlock: 'L', rwlock: 'X' } as const;

export type Variant = '' | '_bh' | '_irq' | '_irqsave';

const HEIGHT: Readonly<Record<Where, number>> = { task: 0, softirq: 1, hardirq: 2 };

/** Whether a lock that spins is taken rightly in this way here. */
export function suits(variant: Variant, { reach }: Lock, at: Place, nests: boolean): boolean {
  if (HEIGHT[reach] < HEIGHT[at.where]) return false;
  if (at.where === 'hardirq') return variant === '_irqsave' || (variant === '' && !nests);
  if (at.irqsOff) return variant === '' || variant === '_irqsave';
  if (reach === 'hardirq') return variant === '_irq' || variant === '_irqsave';
  const interrupted = reach === 'softirq' && at.where === 'task' && !at.bhOff;
  return variant !== '' || !interrupted;
}

/** The place inside a region of a lock that spins. */
export function locked(at: Place, rank: number, variant: Variant): Place {
  return {
    ...at,
    rank,
    preemptOff: true,
    bhOff: at.bhOff || variant === '_bh',
    irqsOff: at.irqsOff || variant.startsWith('_irq'),
  };
}
