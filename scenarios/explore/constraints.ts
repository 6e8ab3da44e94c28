/*
 * Why a schedule fails: the few orders of two steps, X before Y, of which each is needed. Each is
 * proved by a schedule that turns it round and does not fail.
 */
import type { Switch } from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import { shows } from './hunt.ts';
import type { NamedPlan } from './names.ts';
import type { Explorable } from './explorable.ts';
import type { Point, Step, Timeline } from './timeline.ts';

export interface Constraint {
  readonly first: Step;
  readonly then: Point;
  /** A schedule in which they come the other way round. */
  readonly flipped: NamedPlan;
  /** The same as text. */
  readonly schedule: string;
  /** The kinds of what that schedule shows instead; none: it passes. */
  readonly shows: readonly string[];
}

/** Of a plan from which no switch can be left out. */
export function constraintsOf(
  program: Explorable,
  plan: NamedPlan,
  timeline: Timeline,
  finding: Finding,
): Constraint[] {
  const found: Constraint[] = [];
  const note = (pair: Pair | null, flipped: NamedPlan): void => {
    if (pair === null) return;
    const [first, then] = pair;
    if (found.some((other) => other.first === first && other.then === then)) return;
    const schedule = program.retrace(flipped);
    if (shows(schedule, finding)) return;
    const kinds = schedule.findings.map(({ kind }) => kind);
    const text = program.text(schedule.plan());
    found.push({ first, then, flipped: schedule.plan(), schedule: text, shows: kinds });
  };
  for (const [i, at] of plan.switches.entries()) {
    const turn = turnOf(timeline.steps, at);
    if (turn < 0) continue;
    const without = { ...plan, switches: plan.switches.filter((_, j) => j !== i) };
    note(overtaken(timeline, turn, at.after), without);
    const earlier = movedUp(program, without, timeline.steps, turn, at, finding);
    if (earlier !== null) note(kept(timeline.steps, turn, earlier.own), earlier.plan);
  }
  return found;
}

type Pair = readonly [Step, Point];

/** The indices of the steps that the switches of a plan lead to. */
export function turnsOf({ steps }: Timeline, plan: NamedPlan): ReadonlySet<number> {
  return new Set(plan.switches.map((at) => turnOf(steps, at)));
}

/** The index of the step that a switch leads to; -1: it was passed over. */
export function turnOf(
  steps: readonly Step[],
  { after, steps: count, next }: Switch<string>,
): number {
  let taken = 0;
  for (const [i, step] of steps.entries()) {
    const nobody = after === '' && count === 0;
    const here = nobody ? i === 0 : taken === count && steps[i - 1]?.mover === after;
    if (here && step.mover === next) return i;
    if (step.mover === after) taken++;
  }
  return -1;
}

/**
 * What comes too early: the first step from the switch on that touches what the one who was left
 * touches when it goes on; where nothing tells, the two steps at the switch.
 */
function overtaken({ steps, left }: Timeline, turn: number, after: string): Pair | null {
  const rest = steps.slice(turn);
  const late = rest.filter(({ mover }) => mover === after);
  const between = late.length === 0 ? rest : rest.slice(0, rest.indexOf(late[0]!));
  for (const step of late) {
    const early = between.find((other) => conflicting(other, step));
    if (early !== undefined) return [early, step];
  }
  const [first] = between;
  const then = late[0] ?? left.find(({ actor }) => actor === after);
  return first === undefined || then === undefined ? null : [first, then];
}

/** What the one who is left has done just in time: after its step `own` the switch does harm. */
function kept(steps: readonly Step[], turn: number, own: number): Pair | null {
  const early = steps[own]!;
  const others = steps.slice(turn).filter(({ mover }) => mover !== early.mover);
  const late = others.find((step) => conflicting(early, step)) ?? others[0];
  return late === undefined ? null : [early, late];
}

/** How far a switch is moved. */
const TRIES = 30;

/** The latest moment at which the same switch does no harm: before the step `own`. */
function movedUp(
  program: Explorable,
  without: NamedPlan,
  steps: readonly Step[],
  turn: number,
  at: Switch<string>,
  finding: Finding,
): { plan: NamedPlan; own: number } | null {
  let left = TRIES;
  for (let own = turn - 1; own >= 0 && left > 0; own--) {
    if (steps[own]!.mover !== at.after) continue;
    left--;
    const after = steps[own - 1]?.mover ?? '';
    const count = steps.slice(0, own).filter(({ mover }) => mover === after).length;
    const same = ({ after: a, steps: s }: Switch<string>): boolean => a === after && s === count;
    const moved = { ...at, after, steps: count };
    const switches = [...without.switches.filter((other) => !same(other)), moved];
    const plan = { ...without, switches };
    if (!shows(program.follow(plan), finding)) return { plan, own };
  }
  return null;
}

function conflicting(a: Step, b: Step): boolean {
  return a.touches.some(({ object, writes }) =>
    b.touches.some((other) => other.object === object && (writes || other.writes)),
  );
}
