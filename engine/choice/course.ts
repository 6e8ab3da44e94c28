/*
 * The course of a run as a strategy sees it: which actor took which step of its program, and what
 * that touched. Objects are numbers of this run only; sites are the same in every run.
 */
import { mixed } from '../explore/fingerprint.ts';
import type { MoveKind, Option } from '../explore/move.ts';

interface Touch {
  readonly object: number;
  readonly writes: boolean;
}

export interface Step {
  readonly actor: number;
  readonly kind: MoveKind;
  /** The step of the program: actors of one program have the same. */
  readonly site: number;
  /** How often the actor had been there before. */
  readonly nth: number;
  readonly touches: readonly Touch[];
}

export class Course {
  readonly steps: Step[] = [];
  /** Tells it from others. */
  hash = 0;
  /** By actor: after whose move it could go for the first time; -1: from the beginning. */
  readonly enabler = new Map<number, number>();
  private readonly objects = new Map<object, number>();
  /** By actor: the line in which it is, and how many steps it has taken there. */
  private readonly lines = new Map<number, { line: number; nth: number }>();
  private readonly visits = new Map<number, number>();

  /** Before a choice among `moves`. */
  sees(moves: readonly Option[]): void {
    const last = this.steps.at(-1)?.actor ?? -1;
    for (const { actor } of moves) if (!this.enabler.has(actor)) this.enabler.set(actor, last);
  }

  takes(move: Option): void {
    const { actor, kind } = move;
    const site = this.siteOf(move);
    const key = mixed(actor, site);
    const nth = this.visits.get(key) ?? 0;
    this.visits.set(key, nth + 1);
    this.hash = mixed(this.hash, key);
    const touches = move.footprint.map(({ object, writes }) => ({
      object: this.number(object),
      writes,
    }));
    this.steps.push({ actor, kind, site, nth, touches });
  }

  /** A line may be several steps; where there are no lines, every actor has its own program. */
  private siteOf({ actor, site = 0 }: Option): number {
    let at = this.lines.get(actor);
    if (at === undefined) this.lines.set(actor, (at = { line: -1, nth: 0 }));
    at.nth = site === at.line ? at.nth + 1 : 0;
    at.line = site;
    return mixed(site === 0 ? mixed(site, actor) : site, at.nth);
  }

  private number(object: object): number {
    let number = this.objects.get(object);
    if (number === undefined) this.objects.set(object, (number = this.objects.size));
    return number;
  }
}

export function conflicts(a: Step, b: Step): boolean {
  for (const { object, writes } of a.touches) {
    for (const other of b.touches) {
      if (object === other.object && (writes || other.writes)) return true;
    }
  }
  return false;
}

/**
 * As numbers: which step touched something right after whose, and, where an actor was followed by
 * another and then itself follows one, both together: such steps are not done in one piece.
 */
export function orders(steps: readonly Step[]): Set<number> {
  const found = new Set<number>();
  const touched = new Map<number, { step: Step; writes: boolean }[]>();
  /** By actor: the latest order in which it came first. */
  const followed = new Map<number, number>();
  for (const step of steps) {
    for (const { object, writes } of step.touches) {
      let list = touched.get(object);
      if (list === undefined) touched.set(object, (list = []));
      const before = list.findLast(
        (other) => other.step.actor !== step.actor && (writes || other.writes),
      );
      list.push({ step, writes });
      if (before === undefined) continue;
      const order = mixed(before.step.site, step.site);
      found.add(order);
      const own = followed.get(step.actor);
      if (own !== undefined) found.add(mixed(own, order));
      followed.set(before.step.actor, order);
    }
  }
  return found;
}
