/*
 * What a search without bounds has still to do, by the state in which it was left: a run that comes
 * to such a state on another way can do it there. Otherwise the first that was left comes first.
 */
import type { Move, MoveKind } from '../explore/move.ts';

/** A choice on the way to a run: which alternative was taken, after which others. */
export interface Node {
  readonly parent: Node | null;
  readonly index: number;
  readonly depth: number;
}

/** An alternative that nobody has taken yet, and where. */
export interface Left extends Node {
  /** NaN: not known. */
  readonly state: number;
  /** Of how many. */
  readonly count: number;
  readonly kind: MoveKind;
  readonly actor: number;
}

export class Leftovers {
  private queue: Left[];
  private next = 0;
  private readonly byState = new Map<number, Left[]>();
  private readonly taken = new Set<Left>();

  constructor(left: readonly Left[]) {
    this.queue = [...left];
    for (const one of left) this.file(one);
  }

  add(left: Left): void {
    this.queue.push(left);
    this.file(left);
  }

  private file(left: Left): void {
    const { state } = left;
    if (state !== state) return;
    const others = this.byState.get(state);
    if (others === undefined) this.byState.set(state, [left]);
    else others.push(left);
  }

  /** The first of all. */
  shift(): Left | null {
    while (this.next < this.queue.length) {
      const left = this.queue[this.next++]!;
      if (this.taken.delete(left)) continue;
      this.drop(left);
      return left;
    }
    return null;
  }

  private drop(left: Left): void {
    const others = this.byState.get(left.state);
    if (others === undefined) return;
    if (others.length === 1) this.byState.delete(left.state);
    else others.splice(others.indexOf(left), 1);
  }

  /** Something that was left in this state, where there is a choice among `moves`. */
  takeAt(state: number, moves: readonly Move[]): Left | null {
    const left = this.byState.get(state)?.at(-1);
    if (left === undefined) return null;
    const move = moves[left.index];
    // Equal states offer the same in the same order, unless two numbers are equal by chance.
    const same = move?.kind === left.kind && move.actor === left.actor;
    if (!same || moves.length !== left.count) return null;
    this.drop(left);
    this.taken.add(left);
    return left;
  }

  get isEmpty(): boolean {
    return this.next >= this.queue.length;
  }
}
