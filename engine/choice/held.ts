/*
 * One run of the directed search: follows the course of another up to a step, holds the actor of
 * that step back until another actor has gone so far, and goes on without any other switch.
 */
import type { Option } from '../explore/move.ts';
import type { Course } from './course.ts';
import type { Chooser, ChoiceKind, IndexSource } from './door.ts';
import { ordinary } from './guided.ts';

/** Before step `held` of `base` its actor waits until the actor of step `until` has taken that. */
export interface Change {
  readonly base: Course;
  readonly held: number;
  readonly until: number;
}

/** Of those who let one another go, so many are asked. */
const CHAIN_MAX = 8;

export class Held implements Chooser {
  readonly name = 'directed';
  private readonly source: IndexSource;
  private readonly change: Change;
  private readonly holder: number;
  private readonly other: number;
  private step = 0;
  private last = -1;
  /** Steps that the other still has to take. */
  private left = 0;
  private released = false;

  constructor(change: Change, source: IndexSource) {
    const { base, held, until } = change;
    this.source = source;
    this.change = change;
    this.holder = base.steps[held]!.actor;
    this.other = base.steps[until]!.actor;
    for (let i = held; i <= until; i++) if (base.steps[i]!.actor === this.other) this.left++;
  }

  choose(_kind: ChoiceKind, count: number): number {
    return this.source.below(count);
  }

  pick(moves: readonly Option[]): number {
    let index = this.wanted(moves);
    if (index < 0) index = ordinary(moves, this.last);
    this.step++;
    this.last = moves[index]!.actor;
    return index;
  }

  private wanted(moves: readonly Option[]): number {
    const { base, held } = this.change;
    if (this.step < held) {
      const { actor, kind } = base.steps[this.step]!;
      return moves.findIndex((move) => move.actor === actor && move.kind === kind);
    }
    const index = this.left > 0 ? this.toward(moves) : -1;
    if (index >= 0 || this.released) return index;
    this.released = true;
    return moves.findIndex(({ actor }) => actor === this.holder);
  }

  /** The other's step, or a step of who lets it go. */
  private toward(moves: readonly Option[]): number {
    let actor = this.other;
    for (let depth = 0; depth < CHAIN_MAX && actor >= 0 && actor !== this.holder; depth++) {
      const index = moves.findIndex((move) => move.actor === actor);
      if (index >= 0) {
        if (depth === 0) this.left--;
        return index;
      }
      actor = this.change.base.enabler.get(actor) ?? -1;
    }
    const preemption = moves.findIndex(({ kind }) => kind === 'preemption');
    if (preemption >= 0 && this.last !== moves[preemption]!.actor) return preemption;
    this.left = 0;
    return -1;
  }
}
