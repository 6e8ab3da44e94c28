/*
 * What was found, explained: its smallest schedule, what happens under it, which orders it needs,
 * and the text that leads there again.
 */
import { isArrival } from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import { constraintsOf, turnsOf, type Constraint } from './constraints.ts';
import { identity, type Found, type Hunt } from './hunt.ts';
import type { NamedPlan } from './names.ts';
import { timelineOf, type Timeline } from './timeline.ts';

export interface Explained {
  readonly found: Found;
  /** As the smallest schedule shows it. */
  readonly finding: Finding;
  readonly plan: NamedPlan;
  /** The schedule as text. */
  readonly schedule: string;
  readonly preemptions: number;
  readonly interrupts: number;
  readonly timeline: Timeline;
  /** The steps of the timeline to which the plan switches. */
  readonly turns: ReadonlySet<number>;
  readonly constraints: readonly Constraint[];
}

/** Runs tried for the smallest schedule of one finding. */
const SHRINKS_MAX = 1000;

export function explain(hunt: Hunt, found: Found): Explained {
  const { program } = hunt;
  const schedule = program.retrace(hunt.minimise(found, SHRINKS_MAX).plan);
  const plan = schedule.plan();
  const key = identity(found.finding);
  const same = (other: Finding): boolean => identity(other) === key;
  const finding = program.traced(plan).find(same) ?? found.finding;
  const timeline = timelineOf(program, plan);
  const interrupts = plan.switches.filter(isArrival).length;
  return {
    found,
    finding,
    plan,
    schedule: program.text(plan),
    preemptions: plan.switches.length - interrupts,
    interrupts,
    timeline,
    turns: turnsOf(timeline, plan),
    constraints: constraintsOf(program, plan, timeline, finding),
  };
}
