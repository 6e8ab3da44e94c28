/*
 * The one door for choices: whatever the model leaves open is decided here and nowhere else, so a
 * run is a function of (scenario, overrides, seed, choices) and a recorded run can be replayed.
 */
import type { Move, Option } from '../explore/move.ts';

/** What is being decided. `arbitration` is a race that hardware settles, as between spinners. */
export type ChoiceKind = 'arbitration' | 'step' | 'data';

/** The part of a random stream that a strategy needs. */
export interface IndexSource {
  /** An integer from 0 to count - 1, all equally likely. */
  below(count: number): number;
}

/** Decides behind the door. `count` is at least 2; the answer is an index below it. */
export interface Strategy {
  readonly name: string;
  choose(kind: ChoiceKind, count: number): number;
  /**
   * Decides what happens next in an explored run; sees every step, also where there is one move.
   * Left out, `choose` decides by the number of moves alone. -1 ends the run here.
   */
  pick?(moves: readonly Move[]): number;
}

/** A strategy for explored runs. */
export type Explorer = Required<Strategy>;

/** It decides by what can be seen of the moves. */
export interface Chooser extends Explorer {
  pick(options: readonly Option[]): number;
}

export class Door {
  private readonly strategy: Strategy;
  /** Every decision taken so far, in order: with them the run can be repeated. */
  readonly choices: number[] = [];

  constructor(strategy: Strategy) {
    this.strategy = strategy;
  }

  /**
   * Picks one of `count` alternatives, given in a canonical order. A single alternative is no
   * choice and is not recorded. Throws when the strategy answers out of range.
   */
  choose(kind: ChoiceKind, count: number): number {
    if (count === 1) return 0;
    return this.recorded(kind, count, this.strategy.choose(kind, count));
  }

  /** As `choose`, among moves that the strategy may look at. */
  pick(moves: readonly Move[]): number {
    const { strategy } = this;
    if (strategy.pick === undefined) return this.choose('step', moves.length);
    const index = strategy.pick(moves);
    if (index < 0) return index;
    return moves.length === 1 ? 0 : this.recorded('step', moves.length, index);
  }

  private recorded(kind: ChoiceKind, count: number, index: number): number {
    if (!(Number.isInteger(index) && index >= 0 && index < count)) {
      throw new RangeError(
        `${this.strategy.name} chose ${index} of ${count} alternatives (${kind})`,
      );
    }
    this.choices.push(index);
    return index;
  }
}
