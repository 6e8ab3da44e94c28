/*
 * The search for schedules that show something wrong: puts together what the schedules show, in the
 * order of their numbers, until something is found, the budget is spent, or everything was visited.
 */
import { DepthFirst, isArrival, shrink } from '../../engine/index.ts';
import type { Finding, FindingKind } from '../../models/checks/findings.ts';
import { strategyNames, type StrategyName } from '../load/strategy-names.ts';
import { Coverage } from './coverage.ts';
import type { Expected } from './expected.ts';
import type { NamedPlan } from './names.ts';
import type { Explorable, Schedule } from './explorable.ts';
import {
  isExhaustive,
  nothing,
  Searcher,
  turnsOf,
  type Completed,
  type Outcome,
  type SearchOptions,
  type Shown,
} from './searcher.ts';

export { strategyNames, type StrategyName };

export interface HuntOptions extends SearchOptions {
  /** Schedules at most. */
  readonly runs: number;
  /** Goes on after the first finding. */
  readonly keepGoing: boolean;
}

/** Schedules that are spent on predictions after something else was found. */
const CONFIRMING_RUNS = 200;

/** What the validator of locks predicts. */
const STUCK: readonly FindingKind[] = ['deadlock', 'self-deadlock', 'hang'];

/** Something wrong, with the first schedule that showed it. */
export interface Found extends Shown {
  /** The number of the schedule, from 1, and which way of searching it came from. */
  readonly run: number;
  readonly strategy: string;
}

/**
 * What makes two findings the same, whatever the schedule and whoever of several equals it was. A
 * prediction is about its objects: where they were seen depends on who came first.
 */
export function identity({ kind, text, verdict, objects, places }: Finding): string {
  if (verdict === 'PREDICTED') return JSON.stringify([kind, [...objects].sort()]);
  const lines = [...new Set(places.map(({ line }) => line))].sort((a, b) => a - b);
  const said = kind === 'assertion' ? text : '';
  return JSON.stringify([kind, [...objects].sort(), lines, said]);
}

export class Hunt {
  readonly found: Found[] = [];
  readonly coverage = new Coverage();
  /** Schedules run. */
  schedules = 0;
  /** Schedules that were given up for their length. */
  cutShort = 0;
  /** The exhaustive search has visited everything within its bounds. */
  bounded = false;
  /** It has come to its end. */
  complete = false;
  /** Nothing that could be visited was left out because of a bound. */
  unbounded = false;
  /** It took one way of several to some state: what depends on the way may show on another. */
  pruned = false;
  /** Schedules of the exhaustive search. */
  exhausted = 0;
  readonly program: Explorable;
  readonly options: HuntOptions;
  readonly expected: Expected;
  private readonly seen = new Set<string>();
  private readonly searcher: Searcher;
  private next = 0;

  constructor(program: Explorable, options: HuntOptions) {
    this.program = program;
    this.options = options;
    this.expected = program.expected;
    this.searcher = new Searcher(program, options);
  }

  get over(): boolean {
    const { keepGoing, runs } = this.options;
    return this.exhaustive || this.schedules >= runs || (!keepGoing && this.satisfied);
  }

  /** Nothing is left to visit. */
  private get exhaustive(): boolean {
    return this.complete && (this.unbounded || isExhaustive(this.options.strategy));
  }

  /** Why it is over. */
  get ended(): 'found' | 'complete' | 'runs' {
    if (!this.options.keepGoing && this.satisfied) return 'found';
    return this.exhaustive ? 'complete' : 'runs';
  }

  /**
   * What was looked for is there: everything that the scenario says must be found, or something
   * that it does not. A prediction is not enough: the search goes on until it happens, though not
   * for long if something else did.
   */
  private get satisfied(): boolean {
    const { must, allowed } = this.expected;
    const kinds = new Set<string>(this.found.map(({ finding }) => finding.kind));
    if (must.length > 0 && must.every((kind) => kinds.has(kind))) return true;
    const unexpected = this.found.filter(({ finding }) => !allowed.has(finding.kind));
    const first = unexpected.find(({ finding }) => finding.verdict === 'CONFIRMED');
    if (first === undefined) return false;
    if (this.schedules >= first.run + CONFIRMING_RUNS) return true;
    return unexpected.every(({ finding }) => this.hasHappened(finding));
  }

  /** A prediction has when those who want its objects were seen to be stuck. */
  private hasHappened({ verdict, objects }: Finding): boolean {
    if (verdict === 'CONFIRMED') return true;
    return this.found.some(
      ({ finding: { kind, objects: stuckAt } }) =>
        STUCK.includes(kind) && stuckAt.some((object) => objects.includes(object)),
    );
  }

  /** Runs one more schedule. */
  advance(): void {
    const turns = turnsOf(this.options.strategy);
    while (this.complete && turns[this.next % turns.length] === 'dfs') this.next++;
    this.take(this.searcher.run(this.next++));
  }

  /** Takes in what the next schedule showed. */
  take(outcome: Outcome | Completed): void {
    this.pruned ||= outcome.pruned;
    if (!('shown' in outcome)) {
      this.bounded = true;
      this.complete = true;
      this.unbounded = !outcome.cut;
      return;
    }
    this.schedules++;
    if (isExhaustive(outcome.strategy)) this.exhausted++;
    if (outcome.cutShort) this.cutShort++;
    this.bounded ||= outcome.bounded;
    this.coverage.add(outcome.visited);
    const run = outcome.number + 1;
    for (const { finding, plan } of outcome.shown) {
      const key = identity(finding);
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      this.found.push({ finding, plan, run, strategy: outcome.strategy });
    }
  }

  /**
   * The smallest schedule that still shows the finding, and what else it shows: what is left of
   * this one when nothing can be left out, or one with fewer switches that a short search meets.
   */
  minimise({ finding, plan }: Shown, budget: number): { plan: NamedPlan; schedule: Schedule } {
    const fails = (candidate: NamedPlan): boolean => shows(this.program.follow(candidate), finding);
    const own = shrink(plan, fails, budget);
    const met = this.fewerSwitches(own, finding, budget);
    const other = met === null ? own : shrink(met, fails, budget);
    const smallest = other.switches.length < own.switches.length ? other : own;
    return { plan: smallest, schedule: this.program.follow(smallest) };
  }

  /** The first such schedule in the order of preemptions and arrivals, among so many. */
  private fewerSwitches(plan: NamedPlan, finding: Finding, budget: number): NamedPlan | null {
    const arrivals = plan.switches.filter(isArrival).length;
    const preemptions = plan.switches.length - arrivals;
    if (preemptions + arrivals <= 1) return null;
    const search = new DepthFirst({ preemptions, arrivals });
    for (let left = budget; left > 0 && !search.bounded; left--) {
      let over = false;
      const schedule = this.program.record((world) => {
        const walk = search.next((known) => world().fingerprint(known));
        over = walk === null;
        return walk ?? nothing();
      });
      if (over) break;
      if (shows(schedule, finding)) return schedule.plan();
    }
    return null;
  }
}

export function shows({ findings }: Schedule, finding: Finding): boolean {
  const key = identity(finding);
  return findings.some((other) => identity(other) === key);
}
