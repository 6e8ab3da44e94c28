/*
 * The uniform random walk, after Zhao, Wolff, Mathur and Roychoudhury (ASPLOS 2025): an actor is
 * chosen in proportion to the steps that it still has to take, so that every interleaving of actors
 * that do not block is equally likely. How many those are is known from earlier runs.
 */
import type { Option } from '../explore/move.ts';
import { Arrivals } from './arrivals.ts';
import type { Chooser, ChoiceKind, IndexSource } from './door.ts';

/** @param steps how many steps each actor takes in a run, as far as known; at least 1 is assumed */
export function urw(
  source: IndexSource,
  length: number,
  steps: ReadonlyMap<number, number>,
): Chooser {
  const arrivals = new Arrivals(source, length);
  const taken = new Map<number, number>();

  const left = ({ actor }: Option): number =>
    Math.max(1, (steps.get(actor) ?? 1) - (taken.get(actor) ?? 0));
  const take = (moves: readonly Option[], index: number): number => {
    const { actor } = moves[index]!;
    taken.set(actor, (taken.get(actor) ?? 0) + 1);
    return index;
  };
  return {
    name: 'urw',
    choose: (_kind: ChoiceKind, count: number) => source.below(count),
    pick(moves: readonly Option[]): number {
      const due = arrivals.due(moves);
      if (due >= 0) return take(moves, due);
      const others = arrivals.others(moves);
      let total = 0;
      for (const i of others) total += left(moves[i]!);
      let ticket = source.below(total);
      for (const i of others) {
        ticket -= left(moves[i]!);
        if (ticket < 0) return take(moves, i);
      }
      throw new Error('unreachable: the weights add up to their sum');
    },
  };
}
