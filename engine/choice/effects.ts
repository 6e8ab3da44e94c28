/*
 * What a step did: which parts of the state it touched and changed, as sets of bits. Parts that
 * share a bit are taken for one, which makes more steps depend on each other and never fewer.
 */
import type { Access, Move } from '../explore/move.ts';

/** What a search may ask about a run under way. */
export interface Insight {
  /** A hash of each part of the state: the places, the rest, the others; null: not known. */
  parts(): readonly number[] | null;
  /** The part that an object of a footprint is; -1: it is not told by one. */
  partOf(object: object): number;
  /** Where a move happens, below `places`; one that concerns all has the number of places. */
  placeOf(move: Move): number;
  readonly places: number;
}

export interface Effects {
  readonly touched: number;
  readonly changed: number;
}

/** With anything at all. */
export const EVERYTHING: Effects = { touched: -1, changed: -1 };

export function bit(part: number): number {
  return 1 << (part & 31);
}

export function depend(a: Effects, b: Effects): boolean {
  return (a.changed & b.touched) !== 0 || (a.touched & b.changed) !== 0;
}

export function both(a: Effects, b: Effects): Effects {
  return { touched: a.touched | b.touched, changed: a.changed | b.changed };
}

/** What a footprint says; everything if it names something that is more than one part. */
export function declared(footprint: readonly Access[], insight: Insight): Effects {
  let touched = 0;
  let changed = 0;
  for (const { object, writes } of footprint) {
    const part = insight.partOf(object);
    if (part < 0) return EVERYTHING;
    touched |= bit(part);
    if (writes) changed |= bit(part);
  }
  return { touched, changed };
}

/** Of the parts below `count`. */
export function bitsBelow(count: number): number {
  return count >= 32 ? -1 : (1 << count) - 1;
}

/**
 * What has become another between two looks at the parts; everything if that is not known, or if
 * the part after those of the places is another: that is the rest of the machine.
 */
export function difference(
  before: readonly number[] | null,
  after: readonly number[] | null,
  rest: number,
): Effects {
  if (before === null || after === null || before[rest] !== after[rest]) return EVERYTHING;
  let changed = 0;
  for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) changed |= bit(i);
  return { touched: changed, changed };
}
