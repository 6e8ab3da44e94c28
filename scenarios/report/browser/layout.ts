/*
 * Which lanes are shown, one under the other.
 */
import type { Group } from '../format.ts';
import { heightOf } from './looks.ts';
import type { Lane } from './model.ts';
import { firstAfter } from './sorted.ts';

/** Above the first lane: the axis. */
export const AXIS_HEIGHT = 24;

export class Layout {
  readonly lanes: readonly Lane[];
  /** Where each begins, and where the last one ends. */
  readonly tops: Float64Array;

  constructor(all: readonly Lane[], hidden: ReadonlySet<Group>) {
    this.lanes = all.filter(({ group }) => !hidden.has(group));
    this.tops = new Float64Array(this.lanes.length + 1);
    this.tops[0] = AXIS_HEIGHT;
    for (const [i, lane] of this.lanes.entries()) this.tops[i + 1] = this.tops[i]! + heightOf(lane);
  }

  get height(): number {
    return this.tops[this.lanes.length]!;
  }

  /** The index of the lane at a height; -1 where there is none. */
  laneAt(y: number): number {
    const index = firstAfter(this.tops, y) - 1;
    return index < this.lanes.length ? index : -1;
  }
}
