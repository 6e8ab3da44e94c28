/*
 * When arrivals come, for strategies that walk: an interrupt or timer that is possible at every
 * step would come early if each step tossed for it, so its step is drawn when it is first seen,
 * evenly over what a run may still last. It comes then, or when nothing else is left.
 */
import { isArrival, type Option } from '../explore/move.ts';
import type { IndexSource } from './door.ts';

export class Arrivals {
  private readonly source: IndexSource;
  private readonly length: number;
  /** The step at which each actor's next arrival is due. */
  private readonly drawn = new Map<number, number>();
  private readonly rest: number[] = [];
  private step = 0;

  constructor(source: IndexSource, length: number) {
    this.source = source;
    this.length = length;
  }

  /** The index of an arrival that comes now, or -1; call once a step. */
  due(moves: readonly Option[]): number {
    this.step++;
    for (const [i, move] of moves.entries()) {
      if (!isArrival(move)) continue;
      let due = this.drawn.get(move.actor);
      if (due === undefined) {
        due = this.step + this.source.below(Math.max(1, this.length - this.step));
        this.drawn.set(move.actor, due);
      }
      if (due > this.step) continue;
      this.drawn.delete(move.actor);
      return i;
    }
    return -1;
  }

  /** The indices of the other moves; of all if there are no others. */
  others(moves: readonly Option[]): readonly number[] {
    const { rest } = this;
    rest.length = 0;
    for (const [i, move] of moves.entries()) if (!isArrival(move)) rest.push(i);
    if (rest.length === 0) for (let i = 0; i < moves.length; i++) rest.push(i);
    return rest;
  }
}
