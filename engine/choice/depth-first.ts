/*
 * Search over all choices, without states to go back to: each run repeats the choices that led to
 * an open alternative, takes that, and goes on without any switch that is not needed. Schedules
 * with few preemptions (after Musuvathi and Qadeer, PLDI 2007) and arrivals come first: what costs
 * more waits until everything cheaper has been visited. A state that was met before with as much
 * left is not entered again; one that cannot be fed (NaN) is always new.
 *
 * Where no bound is left to keep, whose turn it was is no part of the state any more, and a run
 * that comes to a state in which something is still open goes on with that: it need not be a run of
 * its own, which would repeat the whole way.
 */
import { isArrival, type Move } from '../explore/move.ts';
import type { ChoiceKind, Explorer } from './door.ts';
import { Leftovers, type Left, type Node } from './leftovers.ts';

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
/** Up to so many switches the number of switches decides what comes first, bound or no bound. */
const ORDERED = 2;

/** In one number: arrivals take the low half. */
const PREEMPTION = 0x10000;

const NOBODY = -1;

export class DepthFirst {
  readonly bounds: Bounds;
  /**
   * The least that each state, with whose turn it was, was entered with: one number, or several of
   * which none is least.
   */
  private readonly seen = new Map<number, number | number[]>();
  /** By state alone: which alternatives have been taken, as bits. */
  private readonly taken = new Map<number, number>();
  private readonly open: Left[] = [];
  /** By their cost: what waits until everything cheaper has been visited. */
  private readonly later: (Left[] | undefined)[] = [];
  private readonly beyond: Left[] = [];
  /** Everything that is left, once there is no bound to keep. */
  private rest: Leftovers | null = null;
  /** Of the longest run: its choices. */
  private longest = 0;
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
    return this.unknown ? this.seen.size : this.taken.size;
  }

  /** The next run, or null when there is nothing left to try. */
  next(fingerprint: FingerprintOf): Explorer | null {
    if (!this.started) {
      this.started = true;
      return new Walk(this, fingerprint, null, new Armed());
    }
    const node = this.rest === null ? (this.open.pop() ?? this.nextLevel()) : this.nextLeft();
    if (node === null) return null;
    this.takes(node.state, node.index);
    return new Walk(this, fingerprint, node);
  }

  private nextLevel(): Left | null {
    while (this.level + 1 < this.later.length) {
      if (this.level >= ORDERED && this.isUnbounded()) {
        return this.goOn(this.later.flatMap((waiting) => waiting ?? []));
      }
      const waiting = this.later[++this.level];
      this.later[this.level] = undefined;
      if (waiting === undefined) continue;
      for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) this.open.push(node);
      return this.open.pop()!;
    }
    this.bounded = true;
    this.cut = (this.unknown || this.seen.size > SMALL) && this.beyond.length > 0;
    return this.goOn(this.beyond);
  }

  /** From now on without bounds. */
  private goOn(left: readonly Left[]): Left | null {
    this.rest = new Leftovers(left.filter(({ state, index }) => this.takes(state, index)));
    return this.nextLeft();
  }

  /** Whether nobody has taken that before in this state. */
  takes(state: number, index: number): boolean {
    if (state !== state || index > 30) return true;
    const before = this.taken.get(state) ?? 0;
    this.taken.set(state, before | (1 << index));
    return (before & (1 << index)) === 0;
  }

  /** No run is long enough to go beyond the bounds. */
  private isUnbounded(): boolean {
    return this.bounds.preemptions >= this.longest && this.beyond.length === 0;
  }

  private nextLeft(): Left | null {
    const rest = this.rest!;
    if (this.bounded && this.states > LARGE) this.cut ||= !rest.isEmpty;
    if (this.cut) return null;
    const node = rest.shift();
    if (node === null) this.bounded = true;
    return node;
  }

  /** An alternative that is taken in another run. `cost`: of the way to it, itself included. */
  postpone(left: Left, cost: number): void {
    if (left.depth > this.longest) this.longest = left.depth;
    if (this.rest !== null) {
      this.rest.add(left);
      return;
    }
    const preemptions = Math.floor(cost / PREEMPTION);
    const arrivals = cost % PREEMPTION;
    const total = preemptions + arrivals;
    const within = preemptions <= this.bounds.preemptions && arrivals <= this.bounds.arrivals;
    if (within && total <= this.level) this.open.push(left);
    else if (within) (this.later[total] ??= []).push(left);
    else this.beyond.push(left);
  }

  /** What may be done in a state that was met before, instead of ending the run. */
  leftAt(state: number, moves: readonly Move[]): Node | null {
    return this.rest?.takeAt(state, moves) ?? null;
  }

  /**
   * Notes a state; false if it was met before with at least as much left.
   * @param turn the state together with whose turn it was, which decides what a switch costs
   */
  enter(state: number, turn: () => number, cost: number): boolean {
    if (state !== state) {
      this.unknown = true;
      return true;
    }
    const isNew = this.rest === null ? this.enterAt(turn(), cost) : !this.taken.has(state);
    if (!isNew) this.pruned++;
    return isNew;
  }

  private enterAt(state: number, cost: number): boolean {
    const before = this.seen.get(state);
    if (before === undefined) {
      this.seen.set(state, cost);
      return true;
    }
    if (covers(before, cost)) return false;
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

/**
 * Arrivals of the first run. An interrupt that can come from the beginning comes when everybody has
 * run. Timers, and interrupts for which somebody had to ask, may be gone by then: each comes once,
 * as soon as it can.
 */
class Armed {
  private known: Set<number> | null = null;

  /** The index of an arrival that comes now, or -1; call at each step. */
  due(moves: readonly Move[]): number {
    this.known ??= new Set(
      moves.filter(({ kind }) => kind === 'interrupt').map(({ actor }) => actor),
    );
    return moves.findIndex((move) => isArrival(move) && !this.known!.has(move.actor));
  }

  comes({ actor }: Move): void {
    this.known!.add(actor);
  }
}

/** One run of the search. */
class Walk implements Explorer {
  readonly name = 'dfs';
  private readonly search: DepthFirst;
  private readonly fingerprint: FingerprintOf;
  /** Null: not the first run. */
  private readonly armed: Armed | null;
  /** The choices to repeat. */
  private readonly way: Node[] = [];
  private node: Node | null = null;
  private depth = 0;
  private last = -1;
  private cost = 0;

  constructor(
    search: DepthFirst,
    fingerprint: FingerprintOf,
    target: Node | null,
    armed: Armed | null = null,
  ) {
    this.armed = armed;
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

  private taken(index: number): Node {
    return { parent: this.node, index, depth: this.depth };
  }

  private left(index: number, state: number, count: number, move: Move | null): Left {
    const { kind = 'step', actor = -1 } = move ?? {};
    return { parent: this.node, index, depth: this.depth, state, count, kind, actor };
  }

  choose(_kind: ChoiceKind, count: number): number {
    const repeated = this.repeated();
    if (repeated === undefined) {
      for (let i = count - 1; i > 0; i--) {
        this.search.postpone(this.left(i, NaN, count, null), this.cost);
      }
      this.node = this.taken(0);
    }
    this.depth++;
    return repeated?.index ?? 0;
  }

  pick(moves: readonly Move[]): number {
    const due = this.armed?.due(moves) ?? -1;
    if (moves.length === 1) {
      this.last = moves[0]!.actor;
      return 0;
    }
    const going = this.continued(moves);
    const steps = going >= 0 || moves.some(({ kind }) => kind === 'step');
    let index = this.repeated()?.index ?? -1;
    if (index < 0) {
      const state = this.fingerprint(NOBODY);
      const isNew = this.search.enter(state, () => this.fingerprint(this.last), this.cost);
      index = isNew
        ? this.open(moves, going, steps, state, due)
        : (this.search.leftAt(state, moves)?.index ?? -1);
      if (index < 0) return -1;
      this.search.takes(state, index);
      this.node = this.taken(index);
    }
    this.depth++;
    const move = moves[index]!;
    this.cost += costOf(move, index, going, steps);
    if (index === due) this.armed?.comes(move);
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

  /** Goes on with what is due, or with the first that costs nothing; the others are for later. */
  private open(
    moves: readonly Move[],
    going: number,
    steps: boolean,
    state: number,
    due: number,
  ): number {
    const mayArrive = this.cost % PREEMPTION < this.search.bounds.arrivals;
    let chosen = due >= 0 && mayArrive ? due : going;
    for (let i = 0; chosen < 0; i++) if (costOf(moves[i]!, i, going, steps) === 0) chosen = i;
    for (let i = moves.length - 1; i >= 0; i--) {
      if (i === chosen) continue;
      const cost = this.cost + costOf(moves[i]!, i, going, steps);
      this.search.postpone(this.left(i, state, moves.length, moves[i]!), cost);
    }
    return chosen;
  }
}

/** Leaving an actor that could go on, and arriving while somebody can. */
function costOf(move: Move, index: number, going: number, steps: boolean): number {
  if (isArrival(move)) return steps ? 1 : 0;
  return move.kind === 'preemption' || (going >= 0 && index !== going) ? PREEMPTION : 0;
}
