/*
 * One point of a run of the partial-order search: what could happen there, which places have had
 * their turn, which are to have it, and which need not since what they do comes later anyway.
 */
import type { Move, MoveKind } from '../explore/move.ts';
import { both, depend, type Effects, type Insight } from './effects.ts';

/** All combinations of answers to questions that come one after the other. */
export class Odometer {
  private readonly answers: number[] = [];
  private readonly counts: number[] = [];
  private at = 0;

  rewind(): void {
    this.at = 0;
  }

  answer(count: number): number {
    const at = this.at++;
    if (at === this.answers.length) {
      this.answers.push(0);
      this.counts.push(count);
    }
    return this.answers[at]!;
  }

  /** The next combination; false after the last. */
  advance(): boolean {
    const { answers, counts } = this;
    while (answers.length > 0) {
      const last = answers.length - 1;
      if (++answers[last]! < counts[last]!) return true;
      answers.pop();
      counts.pop();
    }
    return false;
  }
}

export class Frame {
  /** The state before the step, part by part; null: not known. */
  readonly state: readonly number[] | null;
  readonly answers = new Odometer();
  /** Whose turn it is. */
  place = -1;
  /** The index of the move that is made. */
  index = -1;
  /** Of the move: who makes it, in which step of its program, and what that names. */
  actor = -1;
  site = 0;
  kind: MoveKind = 'step';
  said: Effects = { touched: 0, changed: 0 };
  /** Of the step as it was made. */
  effects: Effects = { touched: 0, changed: 0 };
  /** By place: its latest step that happens before this one. */
  clock: ReadonlyMap<number, number> = new Map();
  /** By place: the indices of the moves that can happen there. */
  private readonly moves = new Map<number, number[]>();
  /** By place: which moves those are. */
  private readonly names: ReadonlyMap<number, string>;
  private readonly sleep: ReadonlyMap<number, Effects>;
  /** What the places that had their turn did. */
  private readonly done = new Map<number, Effects>();
  private readonly wanted = new Set<number>();
  private alternative = 0;

  constructor(
    moves: readonly Move[],
    insight: Insight,
    state: readonly number[] | null,
    sleep: ReadonlyMap<number, Effects>,
  ) {
    this.state = state;
    this.sleep = sleep;
    this.names = namesOf(moves, insight);
    for (const [i, move] of moves.entries()) {
      const place = insight.placeOf(move);
      const list = this.moves.get(place);
      if (list === undefined) this.moves.set(place, [i]);
      else list.push(i);
    }
  }

  /** Gives the first turn, to `last` if it can; false if every place sleeps. */
  begin(last: number): boolean {
    const awake = [...this.moves.keys()].filter((place) => !this.sleep.has(place));
    const [first] = awake;
    if (first === undefined) return false;
    this.turn(awake.includes(last) ? last : first);
    return true;
  }

  private turn(place: number): void {
    this.wanted.add(place);
    this.place = place;
    this.alternative = 0;
    this.index = this.moves.get(place)![0]!;
  }

  took(effects: Effects): void {
    this.effects = effects;
    const before = this.done.get(this.place);
    this.done.set(this.place, before === undefined ? effects : both(before, effects));
  }

  /** The next alternative: an answer, a move of the place, a place; false if there is none. */
  advance(): boolean {
    if (this.answers.advance()) return true;
    const index = this.moves.get(this.place)![++this.alternative];
    if (index !== undefined) {
      this.index = index;
      return true;
    }
    for (const place of this.wanted) {
      if (this.done.has(place) || this.sleep.has(place)) continue;
      this.turn(place);
      return true;
    }
    return false;
  }

  /** What need not be tried after the step: it was, and the step makes no difference to it. */
  sleepAfter(): Map<number, Effects> {
    const sleep = new Map<number, Effects>();
    for (const [place, effects] of [...this.sleep, ...this.done]) {
      if (place !== this.place && !depend(effects, this.effects)) sleep.set(place, effects);
    }
    return sleep;
  }

  /** One of these must have a turn here; if none of them can, everybody who can. */
  reverse(initials: readonly number[]): void {
    if (initials.some((place) => this.wanted.has(place) || this.sleep.has(place))) return;
    const able = initials.find((place) => this.moves.has(place));
    if (able === undefined) this.openAll();
    else this.wanted.add(able);
  }

  /** Who could go here and cannot after the step, or not as before, must have a turn here. */
  openLost(moves: readonly Move[], insight: Insight): void {
    const after = namesOf(moves, insight);
    for (const [place, names] of this.names) {
      if (place !== this.place && after.get(place) !== names) this.wanted.add(place);
    }
  }

  openAll(): void {
    for (const place of this.moves.keys()) this.wanted.add(place);
  }
}

function namesOf(moves: readonly Move[], insight: Insight): Map<number, string> {
  const names = new Map<number, string>();
  for (const move of moves) {
    const place = insight.placeOf(move);
    names.set(place, `${names.get(place) ?? ''} ${move.kind} ${move.actor}`);
  }
  return names;
}
