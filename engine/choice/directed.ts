/*
 * Directed search: what the runs so far did in one order is done in another. A course tells which
 * steps of different actors touch the same thing; one actor is held back just before such a step
 * until another has gone through its own. Of all such changes, that has its turn which promises
 * most orders that were never seen: pairs of steps as in Maple (Yu et al., OOPSLA 2012), and steps
 * that come between two of another actor as in AVIO (Lu et al., ASPLOS 2006).
 */
import { mixed } from '../explore/fingerprint.ts';
import { conflicts, Course, orders, type Step } from './course.ts';
import type { Chooser, Explorer, IndexSource } from './door.ts';
import { guided } from './guided.ts';
import { Held, type Change } from './held.ts';

/** So many steps of a course are looked at, and so many changes kept in mind. */
const STEPS_MAX = 160;
const CHANGES_MAX = 400;

interface Promising extends Change {
  /** What it promised when it was looked at last. */
  promise: number;
}

export class Directed {
  private readonly seen = new Set<number>();
  /** How often an order was promised and did not come: somebody blocked, or took another branch. */
  private readonly refused = new Map<number, number>();
  /** What the latest change promised. */
  private promised: readonly number[] = [];
  private readonly courses = new Set<number>();
  private readonly changes: Promising[] = [];
  private latest: Course | null = null;

  /** The same strategy; what it does is learnt from. */
  watch(strategy: Chooser): Chooser;
  watch(strategy: Explorer): Explorer;
  watch(strategy: Explorer): Explorer {
    this.digest();
    const course = (this.latest = new Course());
    return {
      name: strategy.name,
      choose: (kind, count) => strategy.choose(kind, count),
      pick: (moves) => {
        course.sees(moves);
        const index = strategy.pick(moves);
        const move = moves[index];
        if (move !== undefined) course.takes(move);
        return index;
      },
    };
  }

  /** A run that does something new; the ordinary one at first; null: let chance decide. */
  next(source: IndexSource): Chooser | null {
    this.digest();
    if (this.courses.size === 0) return guided({ switches: [], data: [] });
    const change = this.best(source);
    return change === null ? null : new Held(change, source);
  }

  /** Takes in the latest course. */
  private digest(): void {
    const { latest, refused, seen } = this;
    this.latest = null;
    if (latest === null || latest.steps.length === 0) return;
    if (latest.steps.length > STEPS_MAX) latest.steps.length = STEPS_MAX;
    for (const order of orders(latest.steps)) seen.add(order);
    for (const order of this.promised) {
      if (!seen.has(order)) refused.set(order, (refused.get(order) ?? 0) + 1);
    }
    this.promised = [];
    if (this.courses.has(latest.hash)) return;
    this.courses.add(latest.hash);
    const known = new Set<number>();
    for (let held = 0; held < latest.steps.length; held++) this.hold(latest, held, known);
  }

  /** Notes what could come before step `held`; of equal actors, once. */
  private hold(base: Course, held: number, known: Set<number>): void {
    const { steps } = base;
    const at = steps[held]!;
    const own = steps.slice(held).filter(({ actor }) => actor === at.actor);
    const met = new Set<number>();
    for (let until = held + 1; until < steps.length; until++) {
      const other = steps[until]!;
      if (other.actor === at.actor) continue;
      if (conflicts(at, other)) met.add(other.actor);
      if (!met.has(other.actor) || !own.some((step) => conflicts(step, other))) continue;
      const key = mixed(mixed(mixed(at.site, at.nth), other.site), other.nth);
      if (known.has(key) || this.changes.length >= CHANGES_MAX) continue;
      known.add(key);
      this.changes.push({ base, held, until, promise: Infinity });
    }
  }

  /** Promises only ever shrink, so the largest is made anew until it stays the largest. */
  private best(source: IndexSource): Change | null {
    const { changes } = this;
    while (changes.length > 0) {
      const index = largest(changes, source);
      const change = changes[index]!;
      const promised = this.promisesOf(change);
      let promise = 0;
      for (const order of promised) promise += 1 / (1 + (this.refused.get(order) ?? 0));
      if (promise === change.promise) {
        if (promise === 0 && source.below(2) === 0) return null;
        this.promised = promised;
        changes.splice(index, 1);
        return change;
      }
      change.promise = promise;
    }
    return null;
  }

  private promisesOf(change: Change): number[] {
    return [...orders(predicted(change))].filter((order) => !this.seen.has(order));
  }
}

/** The change that promises most; of several, any. */
function largest(changes: readonly Promising[], source: IndexSource): number {
  let most = -1;
  let count = 0;
  let best = 0;
  for (const [i, { promise }] of changes.entries()) {
    if (promise < most) continue;
    count = promise > most ? 1 : count + 1;
    most = promise;
    if (source.below(count) === 0) best = i;
  }
  return best;
}

/** The course as it will be if everybody does what they did. */
function predicted({ base, held, until }: Change): Step[] {
  const { steps } = base;
  const holder = steps[held]!.actor;
  const other = steps[until]!.actor;
  const isBrought = (step: Step, i: number): boolean =>
    i >= held && i <= until && step.actor === other;
  const rest = steps.filter((step, i) => i >= held && !isBrought(step, i));
  return [
    ...steps.slice(0, held),
    ...steps.filter(isBrought),
    ...rest.filter(({ actor }) => actor === holder),
    ...rest.filter(({ actor }) => actor !== holder),
  ];
}
