/*
 * Partial-order sampling, after Yuan, Yang and Gu (CAV 2018): every pending step has a random
 * priority and the highest goes on. Then its actor's next step draws anew, and so does every
 * pending step that races with it, which removes the bias towards what happened to start high.
 */
import { conflict, type Option } from '../explore/move.ts';
import type { Chooser, ChoiceKind, IndexSource } from './door.ts';

const RANGE = 0x100000000;

export function pos(source: IndexSource): Chooser {
  /** By actor: of the step that it takes next. */
  const priorities = new Map<number, number>();

  const priorityOf = ({ actor }: Option): number => {
    let priority = priorities.get(actor);
    if (priority === undefined) priorities.set(actor, (priority = source.below(RANGE)));
    return priority;
  };
  return {
    name: 'pos',
    choose: (_kind: ChoiceKind, count: number) => source.below(count),
    pick(moves: readonly Option[]): number {
      let best = 0;
      for (let i = 1; i < moves.length; i++) {
        if (priorityOf(moves[i]!) > priorityOf(moves[best]!)) best = i;
      }
      const chosen = moves[best]!;
      priorities.delete(chosen.actor);
      for (const other of moves) {
        if (conflict(chosen.footprint, other.footprint)) priorities.delete(other.actor);
      }
      return best;
    },
  };
}
