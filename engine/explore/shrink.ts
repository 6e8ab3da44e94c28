/*
 * The smallest schedule that still fails: delta debugging (Zeller and Hildebrandt, TSE 2002) over
 * the switches of a plan, as Choi and Zeller (ISSTA 2002) isolate failure-inducing switches. What
 * comes out is minimal in that without any one of its switches the failure is gone.
 */
import type { Plan, Switch } from '../choice/guided.ts';

/** @param fails whether a plan still shows the same failure; called at most `budget` times. */
export function shrink<Actor>(
  plan: Plan<Actor>,
  fails: (plan: Plan<Actor>) => boolean,
  budget: number,
): Plan<Actor> {
  let left = budget;
  const test = (candidate: Plan<Actor>): boolean => left-- > 0 && fails(candidate);

  const zeros: Plan<Actor> = { ...plan, data: [] };
  const data = plan.data.length > 0 && test(zeros) ? [] : plan.data;
  const ordered = [...plan.switches].sort(arrivalsFirst);
  const switches = ddmin(ordered, (kept) => test({ switches: inOrder(plan, kept), data }));
  return { switches: inOrder(plan, switches), data };
}

/** What is tried to go first: preemptions matter more to a reader than arrivals. */
function arrivalsFirst<Actor>(a: Switch<Actor>, b: Switch<Actor>): number {
  return Number(a.kind === 'interrupt') - Number(b.kind === 'interrupt');
}

function inOrder<Actor>(plan: Plan<Actor>, kept: readonly Switch<Actor>[]): Switch<Actor>[] {
  return plan.switches.filter((at) => kept.includes(at));
}

/** A subset from which nothing can be left out; `test` holds for the whole list. */
function ddmin<T>(whole: readonly T[], test: (kept: readonly T[]) => boolean): readonly T[] {
  let items = whole;
  if (items.length > 0 && test([])) return [];
  for (let parts = 2; items.length >= 2;) {
    const size = Math.ceil(items.length / parts);
    const reduced = reduce(items, size, test);
    if (reduced !== null) {
      items = reduced;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) {
      break;
    } else {
      parts = Math.min(items.length, 2 * parts);
    }
  }
  return items;
}

/** The list without one of its parts, if that still fails. */
function reduce<T>(
  items: readonly T[],
  size: number,
  test: (kept: readonly T[]) => boolean,
): readonly T[] | null {
  for (let start = 0; start < items.length; start += size) {
    const rest = [...items.slice(0, start), ...items.slice(start + size)];
    if (test(rest)) return rest;
  }
  return null;
}
