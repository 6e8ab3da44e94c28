/*
 * Dynamic partial-order reduction with sleep sets and source sets (Abdulla, Aronsson, Jonsson and
 * Sagonas, POPL 2014): of schedules that differ only in the order of independent steps, one is run.
 * It knows no bounds. What takes turns are places, a CPU each: whatever can happen on one now, its
 * step, a preemption or an interrupt, is tried there. What a step depends on is what it names and
 * which parts of the state it changed; a step that names nothing depends on everything.
 *
 * A state that comes again in a run ends the run; then every place has its turn all around the
 * circle. Runs repeat the choices that led to an open alternative.
 */
import type { Move } from '../explore/move.ts';
import type { ChoiceKind, Explorer } from './door.ts';
import {
  bit,
  bitsBelow,
  both,
  declared,
  depend,
  difference,
  EVERYTHING,
  type Effects,
  type Insight,
} from './effects.ts';
import { Frame, Odometer } from './frame.ts';
import { clockOf, initials } from './races.ts';

const NONE: Effects = { touched: 0, changed: 0 };

/** Steps after which a run is given up, with what it had still to do. */
const STEPS_MAX = 2_000;

export class Dpor {
  /** Something was left out: a run was too long. */
  cut = false;
  private readonly frames: Frame[] = [];
  /** Answers to what is asked before the first step. */
  private readonly first = new Odometer();
  private started = false;
  private running: Path | null = null;

  /** The next run, or null when there is nothing left to try. */
  next(insight: () => Insight): Explorer | null {
    this.running?.ended();
    this.running = null;
    if (this.started && !this.advance()) return null;
    this.started = true;
    return (this.running = new Path(this, this.frames, this.first, insight));
  }

  /** Moves on to the next alternative, the deepest first; false if there is none. */
  private advance(): boolean {
    const { frames } = this;
    for (let top = frames.at(-1); top !== undefined; top = frames.at(-1)) {
      if (top.advance()) return true;
      frames.pop();
    }
    return this.first.advance();
  }
}

/** One run. */
class Path implements Explorer {
  readonly name = 'dpor';
  private readonly search: Dpor;
  private readonly frames: Frame[];
  private readonly first: Odometer;
  private readonly insightOf: () => Insight;
  /** Frames that are only repeated: all but the last of those that there are. */
  private readonly repeated: number;
  private depth = 0;
  private before: readonly number[] | null = null;
  private footprint: Effects = EVERYTHING;
  private open = false;

  constructor(search: Dpor, frames: Frame[], first: Odometer, insight: () => Insight) {
    this.search = search;
    this.frames = frames;
    this.first = first;
    this.insightOf = insight;
    this.repeated = frames.length - 1;
    first.rewind();
  }

  choose(_kind: ChoiceKind, count: number): number {
    const answers = this.depth === 0 ? this.first : this.frames[this.depth - 1]!.answers;
    return answers.answer(count);
  }

  pick(moves: readonly Move[]): number {
    const { frames, depth } = this;
    if (depth < this.repeated) {
      const frame = frames[this.depth++]!;
      frame.answers.rewind();
      return frame.index;
    }
    const insight = this.insightOf();
    const parts = insight.parts();
    this.close(moves, insight, parts);
    let frame = frames[depth];
    if (frame === undefined) {
      const made = this.enter(moves, insight, parts);
      if (made === null) return -1;
      frames.push((frame = made));
    }
    const move = moves[frame.index]!;
    frame.answers.rewind();
    this.before = parts;
    this.footprint = this.said(move, frame, insight);
    this.open = true;
    this.depth++;
    return frame.index;
  }

  /** The run is over. */
  ended(): void {
    if (!this.open) return;
    const insight = this.insightOf();
    this.close([], insight, insight.parts());
  }

  /** What the latest step did is known now. */
  private close(moves: readonly Move[], insight: Insight, parts: readonly number[] | null): void {
    if (!this.open) return;
    this.open = false;
    const frame = this.frames[this.depth - 1]!;
    const own = bit(frame.place);
    const changes = difference(this.before, parts, insight.places);
    // Whoever goes on in its place, or was woken elsewhere, has looked at what nobody knows.
    const goesOn = moves.some(
      (move) => move.actor === frame.actor && insight.placeOf(move) === frame.place,
    );
    const stays = goesOn || frame.kind !== 'step';
    const alone = stays && (changes.changed & bitsBelow(insight.places) & ~own) === 0;
    const all = both(both(this.footprint, changes), { touched: own, changed: own });
    frame.took(alone ? all : EVERYTHING);
    this.races(this.depth - 1);
    frame.openLost(moves, insight);
  }

  /** A step that is part of a call touches what the call does; one that names nothing, anything. */
  private said(move: Move, frame: Frame, insight: Insight): Effects {
    const { actor, site = 0 } = move;
    frame.actor = actor;
    frame.site = site;
    frame.kind = move.kind;
    // That an interrupt comes concerns the CPU; what it does are steps of their own.
    if (move.kind === 'interrupt' || move.kind === 'preemption') return (frame.said = NONE);
    if (frame.place === insight.places) return (frame.said = EVERYTHING);
    const own = declared(move.footprint, insight);
    const call = this.frames.findLast((other, i) => i < this.depth && other.actor === actor);
    const inCall = site > 0 && call?.site === site ? call.said : NONE;
    const said = both(own, inCall);
    return (frame.said = said.touched === 0 ? EVERYTHING : said);
  }

  /** A place to go on at, where nobody has been; null if all that is left is known. */
  private enter(
    moves: readonly Move[],
    insight: Insight,
    parts: readonly number[] | null,
  ): Frame | null {
    if (this.depth >= STEPS_MAX) {
      this.search.cut = true;
      return null;
    }
    const parent = this.frames[this.depth - 1];
    const frame = new Frame(moves, insight, parts, parent?.sleepAfter() ?? new Map());
    if (this.comesAgain(frame)) return null;
    return frame.begin(parent?.place ?? -1) ? frame : null;
  }

  /** Whether the state was there before in this run; then all around the circle is open. */
  private comesAgain({ state }: Frame): boolean {
    if (state === null) return false;
    const since = this.frames.findLastIndex((frame) => isSame(frame.state, state));
    if (since < 0) return false;
    for (const frame of this.frames.slice(since)) frame.openAll();
    return true;
  }

  /** Where the step at `last` could have come before one that it depends on, it gets its turn. */
  private races(last: number): void {
    const { frames } = this;
    const frame = frames[last]!;
    const clock = clockOf(frames, last);
    for (let i = last - 1; i >= 0; i--) {
      const earlier = frames[i]!;
      if (i <= (clock.get(earlier.place) ?? -1)) continue;
      if (!depend(earlier.effects, frame.effects)) continue;
      for (const [place, index] of earlier.clock) {
        if (index > (clock.get(place) ?? -1)) clock.set(place, index);
      }
      clock.set(earlier.place, i);
      earlier.reverse(initials(frames, i, last, clock));
    }
    frame.clock = clock;
  }
}

function isSame(a: readonly number[] | null, b: readonly number[]): boolean {
  return a !== null && a.length === b.length && a.every((part, i) => part === b[i]);
}
