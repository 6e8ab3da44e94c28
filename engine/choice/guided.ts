/*
 * Schedules as switches: whoever runs goes on as long as it can, then the first that can; a switch
 * says where that is not so. Switches count the steps of the actor that they leave, so that one
 * more or one less elsewhere moves no other.
 */
import type { Move, MoveKind, Option } from '../explore/move.ts';
import type { Chooser, ChoiceKind, Strategy } from './door.ts';

/** After so many steps of `after` (-1: nobody has run yet), the next move is `next`'s. */
export interface Switch<Actor = number> {
  readonly after: Actor;
  readonly steps: number;
  readonly next: Actor;
  readonly kind: MoveKind;
  /** Which of the actor's moves of that kind, if it has several: one on each CPU. */
  readonly nth: number;
}

/** A schedule without its ordinary course: the switches, and what was drawn besides. */
export interface Plan<Actor = number> {
  readonly switches: readonly Switch<Actor>[];
  /** Answers to choices that are no moves, in order; missing ones are 0. */
  readonly data: readonly number[];
}

/** Who goes on if nothing else is said: the last one, or the first in line. */
export function ordinary(moves: readonly Option[], last: number): number {
  const same = moves.findIndex(({ kind, actor }) => kind === 'step' && actor === last);
  if (same >= 0) return same;
  const step = moves.findIndex(({ kind }) => kind === 'step');
  return Math.max(0, step);
}

function indexOf(moves: readonly Option[], { kind, next, nth }: Switch): number {
  let left = nth;
  return moves.findIndex((move) => move.kind === kind && move.actor === next && left-- === 0);
}

/** Counts who takes how many steps. */
class Course {
  last = -1;
  private readonly taken = new Map<number, number>();

  get steps(): number {
    return this.taken.get(this.last) ?? 0;
  }

  take({ actor }: Option): void {
    this.last = actor;
    this.taken.set(actor, this.steps + 1);
  }
}

/** Hears of a switch that cannot happen when its time comes; `decision` counts from 1. */
export type OnMissed = (missed: Switch, decision: number, moves: readonly Option[]) => void;

/** Follows `plan`; a switch that cannot happen when its time comes is passed over. */
export function guided(plan: Plan, onMissed?: OnMissed): Chooser {
  const course = new Course();
  const due = new Map(plan.switches.map((at) => [`${at.after} ${at.steps}`, at]));
  let data = 0;
  let decisions = 0;
  return {
    name: 'guided',
    choose: (_kind: ChoiceKind, count: number) => Math.min(plan.data[data++] ?? 0, count - 1),
    pick(moves: readonly Option[]): number {
      decisions++;
      const at = due.get(`${course.last} ${course.steps}`);
      const wanted = at === undefined ? -1 : indexOf(moves, at);
      if (at !== undefined && wanted < 0) onMissed?.(at, decisions, moves);
      const index = wanted >= 0 ? wanted : ordinary(moves, course.last);
      course.take(moves[index]!);
      return index;
    },
  };
}

/** Records what `strategy` decides as a plan, which leads to the same run. */
export function recorded(strategy: Strategy): { strategy: Strategy; plan: Plan } {
  const switches: Switch[] = [];
  const data: number[] = [];
  const course = new Course();
  const recorder: Strategy = {
    name: strategy.name,
    choose(kind, count) {
      const index = strategy.choose(kind, count);
      data.push(index);
      return index;
    },
    pick(moves: readonly Move[]) {
      const index =
        strategy.pick?.(moves) ?? (moves.length === 1 ? 0 : strategy.choose('step', moves.length));
      const move = moves[index];
      if (move === undefined) return index;
      if (index !== ordinary(moves, course.last)) {
        const { last, steps } = course;
        const { kind, actor: next } = move;
        const nth = moves.slice(0, index).filter((m) => m.kind === kind && m.actor === next).length;
        switches.push({ after: last, steps, next, kind, nth });
      }
      course.take(move);
      return index;
    },
  };
  return { strategy: recorder, plan: { switches, data } };
}
