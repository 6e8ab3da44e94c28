/*
 * Depth-first search over all choices, without states to go back to: each run repeats the choices
 * that led to the last open one and goes another way there. Bounds on preemptions (after Musuvathi
 * and Qadeer, PLDI 2007) and on arrivals keep it finite in practice; a state that was seen before
 * with as much left of both is not entered again.
 */
import type { Move } from '../explore/move.ts';
import type { ChoiceKind, Strategy } from './door.ts';

/** The state of the run as a number, together with what the search itself knows of it. */
export type FingerprintOf = (known: number) => number;

export interface Bounds {
  /** Switches away from an actor that could have gone on. */
  readonly preemptions: number;
  /** Interrupts and timers that arrive. */
  readonly arrivals: number;
}

/** A choice on the way to the current run: what is open, in the order of trying, and what is spent. */
interface Frame {
  readonly order: readonly number[];
  at: number;
}

/** What is left of the bounds in a state. */
interface Left {
  readonly preemptions: number;
  readonly arrivals: number;
}

export class DepthFirst {
  private readonly bounds: Bounds;
  private readonly seen = new Map<number, Left[]>();
  private readonly frames: Frame[] = [];
  private started = false;
  /** A bound has kept a move from being tried. */
  cut = false;
  /** States that were met again. */
  pruned = 0;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  /** Different states that were met. */
  get states(): number {
    return this.seen.size;
  }

  /** The next run, or null when there is nothing left to try. */
  next(fingerprint: FingerprintOf): Strategy | null {
    if (this.started && !this.advance()) return null;
    this.started = true;
    return new Walk(this, this.bounds, fingerprint);
  }

  private advance(): boolean {
    const { frames } = this;
    for (let top = frames.at(-1); top !== undefined; top = frames.at(-1)) {
      if (++top.at < top.order.length) return true;
      frames.pop();
    }
    return false;
  }

  /** The choice at `depth` of the current run; a new frame when it gets beyond the known ones. */
  choose(depth: number, order: () => readonly number[]): number {
    let frame = this.frames[depth];
    if (frame === undefined) this.frames.push((frame = { order: order(), at: 0 }));
    return frame.order[frame.at]!;
  }

  /** Whether the run is still on its way to the choice that it makes differently. */
  repeats(depth: number): boolean {
    return depth < this.frames.length;
  }

  /** Notes a state; false if it was met before with at least as much left. */
  enter(state: number, left: Left): boolean {
    const before = this.seen.get(state);
    if (before === undefined) {
      this.seen.set(state, [left]);
      return true;
    }
    if (before.some((b) => b.preemptions >= left.preemptions && b.arrivals >= left.arrivals)) {
      this.pruned++;
      return false;
    }
    before.push(left);
    return true;
  }
}

/** One run of the search. */
class Walk implements Strategy {
  readonly name = 'dfs';
  private readonly search: DepthFirst;
  private readonly fingerprint: FingerprintOf;
  private depth = 0;
  private last = -1;
  private preemptions: number;
  private arrivals: number;

  constructor(search: DepthFirst, bounds: Bounds, fingerprint: FingerprintOf) {
    this.search = search;
    this.fingerprint = fingerprint;
    ({ preemptions: this.preemptions, arrivals: this.arrivals } = bounds);
  }

  choose(_kind: ChoiceKind, count: number): number {
    return this.search.choose(this.depth++, () => [...Array(count).keys()]);
  }

  pick(moves: readonly Move[]): number {
    const continued = moves.findIndex(({ kind, actor }) => kind === 'step' && actor === this.last);
    if (moves.length > 1 && !this.search.repeats(this.depth) && !this.enter()) return -1;
    const index =
      moves.length === 1 ? 0 : this.search.choose(this.depth++, () => this.order(moves, continued));
    const move = moves[index];
    if (move === undefined) return -1;
    const { preemptions, arrivals } = cost(move, index, continued);
    this.preemptions -= preemptions;
    this.arrivals -= arrivals;
    this.last = move.actor;
    return index;
  }

  private enter(): boolean {
    const { preemptions, arrivals } = this;
    // Whose turn it was decides what a switch costs, so it is part of the state.
    return this.search.enter(this.fingerprint(this.last), { preemptions, arrivals });
  }

  /** Who goes on first comes first, so that early runs have few switches. */
  private order(moves: readonly Move[], continued: number): number[] {
    const indices = [...moves.keys()];
    if (continued > 0) indices.unshift(...indices.splice(continued, 1));
    const affordable = indices.filter((i) => {
      const { preemptions, arrivals } = cost(moves[i]!, i, continued);
      return preemptions <= this.preemptions && arrivals <= this.arrivals;
    });
    if (affordable.length < indices.length) this.search.cut = true;
    return affordable;
  }
}

function cost({ kind }: Move, index: number, continued: number): Left {
  if (kind === 'interrupt' || kind === 'timer') return { preemptions: 0, arrivals: 1 };
  const switches = continued >= 0 && index !== continued;
  return { preemptions: kind === 'preemption' || switches ? 1 : 0, arrivals: 0 };
}
