/*
 * PCT, after Burckhardt, Kothari, Musuvathi and Nagarakatte (ASPLOS 2010): actors get random
 * priorities, the highest that can goes on, and at d - 1 random steps the one that runs drops below
 * all. One run of n actors and k steps shows a bug of depth d with probability 1/(n k^(d-1)) at
 * least.
 */
import type { Option } from '../explore/move.ts';
import type { Chooser, ChoiceKind, IndexSource } from './door.ts';

/** Above every priority that a change point gives. */
const INITIAL = 0x100000000;

/** @param length how many steps a run has, as far as known: change points fall in it. */
export function pct(source: IndexSource, length: number, depth: number): Chooser {
  const priorities = new Map<number, number>();
  const changes = new Map<number, number>();
  for (let i = 1; i < depth; i++) changes.set(1 + source.below(Math.max(1, length)), i);
  let step = 0;

  const priorityOf = ({ actor }: Option): number => {
    let priority = priorities.get(actor);
    if (priority === undefined) {
      priority = INITIAL + source.below(INITIAL);
      priorities.set(actor, priority);
    }
    return priority;
  };
  return {
    name: 'pct',
    choose: (_kind: ChoiceKind, count: number) => source.below(count),
    pick(moves: readonly Option[]): number {
      let best = 0;
      for (let i = 1; i < moves.length; i++) {
        if (priorityOf(moves[i]!) > priorityOf(moves[best]!)) best = i;
      }
      const change = changes.get(++step);
      if (change !== undefined) priorities.set(moves[best]!.actor, change);
      return best;
    },
  };
}
