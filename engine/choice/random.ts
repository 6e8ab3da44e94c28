/*
 * The random walk: every move that is possible now is equally likely. Where an arrival falls is
 * drawn over the whole length of a run instead, or nearly all would fall at its beginning.
 */
import type { Option } from '../explore/move.ts';
import { Arrivals } from './arrivals.ts';
import type { Chooser, ChoiceKind, IndexSource } from './door.ts';

/** @param length how many steps a run has, as far as known. */
export function random(source: IndexSource, length: number): Chooser {
  const arrivals = new Arrivals(source, length);
  return {
    name: 'random',
    choose: (_kind: ChoiceKind, count: number) => source.below(count),
    pick(moves: readonly Option[]): number {
      const due = arrivals.due(moves);
      if (due >= 0) return due;
      const steps = arrivals.others(moves);
      return steps[source.below(steps.length)]!;
    },
  };
}
