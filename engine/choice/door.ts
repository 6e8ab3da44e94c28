/*
 * The one door for choices: whatever the model leaves open is decided here and nowhere else, so a
 * run is a function of (scenario, overrides, seed, choices) and a recorded run can be replayed.
 */

/** What is being decided. `arbitration` is a race that hardware settles, as between spinners. */
export type ChoiceKind = 'arbitration' | 'step' | 'data';

/** Decides behind the door. `count` is at least 2; the answer is an index below it. */
export interface Strategy {
  readonly name: string;
  choose(kind: ChoiceKind, count: number): number;
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
    const index = this.strategy.choose(kind, count);
    if (!(Number.isInteger(index) && index >= 0 && index < count)) {
      throw new RangeError(
        `${this.strategy.name} chose ${index} of ${count} alternatives (${kind})`,
      );
    }
    this.choices.push(index);
    return index;
  }
}
