/*
 * Search over all choices, without states to go back to: each run repeats the choices that led to
 * an open alternative, takes that, and goes on without any switch that is not needed. Schedules
 * with few preemptions (after Musuvathi and Qadeer, PLDI 2007) and arrivals come first: what costs
 * more waits until everything cheaper has been visited. A state that was met before with as much
 * left is not entered again; one that cannot be fed (NaN) is always new.
 */
import { isArrival, type Move } from '../explore/move.ts';
import type { ChoiceKind, Strategy } from './door.ts';

/** The state of the run as a number, together with what the search itself knows of it; or NaN. */
export type FingerprintOf = (known: number) => number;

export interface Bounds {
  /** Switches away from an actor that could have gone on. */
  readonly preemptions: number;
  /** Interrupts and timers that arrive while somebody could go on. */
  readonly arrivals: number;
}

/** Past the bounds the search goes on if the program looks small, and until it is not. */
const SMALL = 20_000;
const LARGE = 200_000;

/** A choice on the way to a run: which alternative was taken, after which others. */
interface Node {
  readonly parent: Node | null;
  readonly index: number;
  readonly depth: number;
}

/** In one number: arrivals take the low half. */
const PREEMPTION = 0x10000;

export class DepthFirst {
  readonly bounds: Bounds;
  /** The least that each state was entered with: one number, or several of which none is least. */
  private readonly seen = new Map<number, number | number[]>();
  private readonly open: Node[] = [];
  /** By their cost: what waits until everything cheaper has been visited. */
  private readonly later: (Node[] | undefined)[] = [];
  private readonly beyond: Node[] = [];
  private level = 0;
  private started = false;
  private unknown = false;
  /** Everything within the bounds has been visited. */
  bounded = false;
  /** Something was left out because of the bounds, or because there was too much. */
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
    if (!this.started) {
      this.started = true;
      return new Walk(this, fingerprint, null);
    }
    const node = this.open.pop() ?? this.nextLevel();
    return node === null ? null : new Walk(this, fingerprint, node);
  }

  private nextLevel(): Node | null {
    while (!this.bounded && this.level + 1 < this.later.length) {
      const waiting = this.later[++this.level];
      this.later[this.level] = undefined;
      if (waiting === undefined) continue;
      for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) this.open.push(node);
      return this.open.pop()!;
    }
    if (!this.bounded) {
      this.bounded = true;
      if (this.unknown || this.states > SMALL) this.cut ||= this.beyond.length > 0;
    }
    if (this.cut || this.states > LARGE) {
      this.cut ||= this.beyond.length > 0;
      return null;
    }
    return this.beyond.pop() ?? null;
  }

  /** An alternative that is taken in another run. `cost`: of the way to it, itself included. */
  postpone(node: Node, cost: number): void {
    const preemptions = Math.floor(cost / PREEMPTION);
    const arrivals = cost % PREEMPTION;
    const total = preemptions + arrivals;
    const within = preemptions <= this.bounds.preemptions && arrivals <= this.bounds.arrivals;
    if (this.bounded || (within && total <= this.level)) this.open.push(node);
    else if (within) (this.later[total] ??= []).push(node);
    else this.beyond.push(node);
  }

  /** Notes a state; false if it was met before with at least as much left. */
  enter(state: number, cost: number): boolean {
    if (state !== state) {
      this.unknown = true;
      return true;
    }
    const before = this.seen.get(state);
    if (before === undefined) {
      this.seen.set(state, cost);
      return true;
    }
    if (this.bounded || covers(before, cost)) {
      this.pruned++;
      return false;
    }
    this.seen.set(state, typeof before === 'number' ? [before, cost] : [...before, cost]);
    return true;
  }
}

function covers(before: number | readonly number[], cost: number): boolean {
  if (typeof before === 'number') return isNoMore(before, cost);
  return before.some((one) => isNoMore(one, cost));
}

function isNoMore(a: number, b: number): boolean {
  return a <= b && a % PREEMPTION <= b % PREEMPTION;
}

/** One run of the search. */
class Walk implements Strategy {
  readonly name = 'dfs';
  private readonly search: DepthFirst;
  private readonly fingerprint: FingerprintOf;
  /** The choices to repeat. */
  private readonly way: Node[] = [];
  private node: Node | null = null;
  private depth = 0;
  private last = -1;
  private cost = 0;

  constructor(search: DepthFirst, fingerprint: FingerprintOf, target: Node | null) {
    this.search = search;
    this.fingerprint = fingerprint;
    for (let node = target; node !== null; node = node.parent) this.way[node.depth] = node;
  }

  /** The next choice of the way, if it is not over. */
  private repeated(): Node | undefined {
    const node = this.way[this.depth];
    if (node !== undefined) this.node = node;
    return node;
  }

  private alternative(index: number): Node {
    return { parent: this.node, index, depth: this.depth };
  }

  choose(_kind: ChoiceKind, count: number): number {
    const repeated = this.repeated();
    if (repeated === undefined) {
      for (let i = count - 1; i > 0; i--) this.search.postpone(this.alternative(i), this.cost);
      this.node = this.alternative(0);
    }
    this.depth++;
    return repeated?.index ?? 0;
  }

  pick(moves: readonly Move[]): number {
    if (moves.length === 1) {
      this.last = moves[0]!.actor;
      return 0;
    }
    const going = this.continued(moves);
    const steps = going >= 0 || moves.some(({ kind }) => kind === 'step');
    let index = this.repeated()?.index ?? -1;
    if (index < 0) {
      // Whose turn it was decides what a switch costs, so it is part of the state.
      if (!this.search.enter(this.fingerprint(this.last), this.cost)) return -1;
      index = this.open(moves, going, steps);
    }
    this.depth++;
    const move = moves[index]!;
    this.cost += costOf(move, index, going, steps);
    this.last = move.actor;
    return index;
  }

  private continued(moves: readonly Move[]): number {
    for (let i = 0; i < moves.length; i++) {
      const { kind, actor } = moves[i]!;
      if (kind === 'step' && actor === this.last) return i;
    }
    return -1;
  }

  /** Goes on with the first move that costs nothing; the others are for other runs. */
  private open(moves: readonly Move[], going: number, steps: boolean): number {
    let chosen = going;
    for (let i = 0; chosen < 0; i++) if (costOf(moves[i]!, i, going, steps) === 0) chosen = i;
    for (let i = moves.length - 1; i >= 0; i--) {
      if (i === chosen) continue;
      const cost = this.cost + costOf(moves[i]!, i, going, steps);
      this.search.postpone(this.alternative(i), cost);
    }
    this.node = this.alternative(chosen);
    return chosen;
  }
}

/** Leaving an actor that could go on, and arriving while somebody can. */
function costOf(move: Move, index: number, going: number, steps: boolean): number {
  if (isArrival(move)) return steps ? 1 : 0;
  return move.kind === 'preemption' || (going >= 0 && index !== going) ? PREEMPTION : 0;
}
