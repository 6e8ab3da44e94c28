/*
 * Repeats recorded choices. When the model asks for something else than was recorded, the scenario
 * or the model has changed since: the error says at which decision.
 */
import type { ChoiceKind, Strategy } from './door.ts';

export class ReplayDiverged extends Error {
  override readonly name = 'ReplayDiverged';
}

/** Answers from `choices`; past their end `then` decides, or the replay stops with an error. */
export function replay(choices: readonly number[], then?: Strategy): Strategy {
  let decision = 0;
  return {
    name: 'replay',
    choose(kind: ChoiceKind, count: number): number {
      const at = decision++;
      const choice = choices[at];
      if (choice === undefined) {
        if (then !== undefined) return then.choose(kind, count);
        throw new ReplayDiverged(
          `decision ${at} (${kind}, ${count} alternatives) is past the ${choices.length} recorded`,
        );
      }
      if (choice >= count) {
        throw new ReplayDiverged(
          `decision ${at} (${kind}): recorded alternative ${choice}, but there are only ${count}`,
        );
      }
      return choice;
    },
  };
}
