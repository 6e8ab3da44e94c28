/*
 * The schedules that were run, as a tree of what was decided. A run is a function of its choices:
 * who decides as somebody did before need not be given a run to know what it would show. So the
 * tree is asked first, and only where it ends does a run begin, which follows the same way to
 * there and adds what comes after. Of few steps there are few schedules, drawn again and again.
 */
import type { Chooser, ChoiceKind, Explorer } from '../choice/door.ts';
import type { Access, Move, Option } from './move.ts';

/** Decisions that are kept; a way beyond them is run each time. */
const DECISIONS_MAX = 100_000;

const NOTHING: readonly Access[] = [];

/** A point of decision, and what comes after each answer. */
interface Decision<Shown> {
  /** Null: among `count` alternatives that are no moves. */
  readonly options: readonly Option[] | null;
  readonly kind: ChoiceKind;
  readonly count: number;
  readonly after: (Decision<Shown> | End<Shown> | undefined)[];
}

/** What is known of a schedule. */
class End<Shown> {
  readonly shown: Shown;

  constructor(shown: Shown) {
    this.shown = shown;
  }
}

export class KnownSchedules<Shown> {
  /** What comes first is one more answer to nothing. */
  private readonly root: Decision<Shown> = { options: null, kind: 'data', count: 1, after: [] };
  private decisions = 0;
  private readonly room: number;

  /** @param room how many decisions are kept */
  constructor(room = DECISIONS_MAX) {
    this.room = room;
  }

  /** What the schedule has shown that `chooser` decides on, or a run to make. */
  seek(chooser: Chooser): End<Shown> | NewSchedule<Shown> {
    const way: Decision<Shown>[] = [this.root];
    const answers = [0];
    for (;;) {
      const next = way.at(-1)!.after[answers.at(-1)!];
      if (next instanceof End) return next;
      if (next === undefined) return new NewSchedule(this, chooser, way, answers);
      way.push(next);
      const { options, kind, count } = next;
      answers.push(options === null ? chooser.choose(kind, count) : chooser.pick(options));
    }
  }

  /** Whether one more decision may be kept. */
  admits(): boolean {
    return ++this.decisions <= this.room;
  }
}

/** The strategy of a run that goes a known way to its end, and then on. */
export class NewSchedule<Shown> implements Explorer {
  readonly name: string;
  private readonly tree: KnownSchedules<Shown>;
  private readonly chooser: Chooser;
  private readonly way: readonly Decision<Shown>[];
  private readonly answers: readonly number[];
  /** Decisions taken again; the root is none. */
  private at = 1;
  /** Where what comes next belongs; null: there is no room for it. */
  private last: Decision<Shown> | null;
  private answer: number;
  /** What stands for the objects of this run. */
  private readonly stands = new Map<object, object>();

  constructor(
    tree: KnownSchedules<Shown>,
    chooser: Chooser,
    way: readonly Decision<Shown>[],
    answers: readonly number[],
  ) {
    this.name = chooser.name;
    this.tree = tree;
    this.chooser = chooser;
    this.way = way;
    this.answers = answers;
    this.last = way.at(-1)!;
    this.answer = answers.at(-1)!;
  }

  choose(kind: ChoiceKind, count: number): number {
    if (this.at < this.way.length) return this.answers[this.at++]!;
    const answer = this.chooser.choose(kind, count);
    this.keep({ options: null, kind, count, after: [] }, answer);
    return answer;
  }

  pick(moves: readonly Move[]): number {
    if (this.at < this.way.length) {
      this.recognise(moves, this.way[this.at]!.options!);
      return this.answers[this.at++]!;
    }
    const options = moves.map((move) => this.option(move));
    const answer = this.chooser.pick(options);
    this.keep({ options, kind: 'step', count: options.length, after: [] }, answer);
    return answer;
  }

  /** What it showed, once it has ended. */
  ends(shown: Shown): void {
    if (this.last !== null) this.last.after[this.answer] = new End(shown);
  }

  private keep(decision: Decision<Shown>, answer: number): void {
    if (this.last === null) return;
    if (this.tree.admits()) {
      this.last.after[this.answer] = decision;
      this.last = decision;
      this.answer = answer;
    } else {
      this.last = null;
    }
  }

  /** The objects of the moves are what was touched where the options were seen. */
  private recognise(moves: readonly Move[], options: readonly Option[]): void {
    for (let i = 0; i < options.length; i++) {
      const { footprint } = options[i]!;
      if (footprint.length === 0) continue;
      const seen = moves[i]!.footprint;
      for (let j = 0; j < footprint.length; j++) {
        this.stands.set(seen[j]!.object, footprint[j]!.object);
      }
    }
  }

  /** What is kept of a move must not keep the run. */
  private option({ kind, actor, footprint, site }: Move): Option {
    return {
      kind,
      actor,
      footprint:
        footprint.length === 0
          ? NOTHING
          : footprint.map(({ object, writes }) => ({ object: this.standIn(object), writes })),
      site,
    };
  }

  private standIn(object: object): object {
    let stand = this.stands.get(object);
    if (stand === undefined) this.stands.set(object, (stand = {}));
    return stand;
  }
}
