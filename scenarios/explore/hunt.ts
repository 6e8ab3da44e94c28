/*
 * The search for schedules that show something wrong: several ways of searching take turns, until
 * something is found, the budget is spent, or a way that visits everything has come to its end.
 */
import {
  Exhaustive,
  Sampler,
  guided,
  recorded,
  shrink,
  type Plan,
  type SamplerName,
  type Search,
} from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import { strategyNames, type StrategyName } from '../load/explore-schema.ts';
import type { Program, Schedule } from './program.ts';

export { strategyNames, type StrategyName };

export interface HuntOptions {
  readonly strategy: StrategyName;
  readonly seed: string;
  /** Schedules at most. */
  readonly runs: number;
  /** Of PCT: how many ordering constraints a bug needs. */
  readonly depth: number;
  /** Of the exhaustive search. */
  readonly preemptions: number;
  readonly arrivals: number;
  /** Goes on after the first finding. */
  readonly keepGoing: boolean;
}

/** Something wrong, with the first schedule that showed it. */
export interface Found {
  readonly finding: Finding;
  /** The number of the schedule, from 1, and which way of searching it came from. */
  readonly run: number;
  readonly strategy: string;
  readonly plan: Plan;
}

/** The turns of the portfolio: POS leads, since its worst case is the best. */
const TURNS: readonly (SamplerName | 'dfs')[] = [
  'dfs',
  'pos',
  'pct',
  'pos',
  'dfs',
  'urw',
  'pos',
  'random',
];

/** What makes two findings the same, whatever the schedule. */
export function identity({ kind, object, actor }: Finding): string {
  return `${kind} ${object} ${actor}`;
}

export class Hunt {
  readonly found: Found[] = [];
  schedules = 0;
  /** Everything within the bounds was visited. */
  complete = false;
  private readonly program: Program;
  private readonly options: HuntOptions;
  private readonly turns: readonly Search[];
  private readonly runsOf = new Map<Search, number>();
  private readonly seen = new Set<string>();
  private readonly exhaustive: Exhaustive;

  constructor(program: Program, options: HuntOptions) {
    this.program = program;
    this.options = options;
    const { preemptions, arrivals } = options;
    this.exhaustive = new Exhaustive({ preemptions, arrivals });
    this.turns = this.makeTurns();
  }

  private makeTurns(): Search[] {
    const { strategy, seed, depth } = this.options;
    const made = new Map<string, Search>([['dfs', this.exhaustive]]);
    const names = strategy === 'portfolio' ? TURNS : [strategy];
    return names.map((name) => {
      let search = made.get(name);
      if (search === undefined) {
        search = new Sampler(name as SamplerName, seed, depth);
        made.set(name, search);
      }
      return search;
    });
  }

  get over(): boolean {
    const { keepGoing, runs } = this.options;
    return this.complete || this.schedules >= runs || (!keepGoing && this.found.length > 0);
  }

  /** Nothing that could be visited was left out because of a bound. */
  get unbounded(): boolean {
    return this.complete && !this.exhaustive.search.cut;
  }

  /** Runs one more schedule, the first one without any switch that is not needed. */
  advance(): void {
    const { turns } = this;
    const search = turns[this.schedules % turns.length]!;
    const number = this.runsOf.get(search) ?? 0;
    this.runsOf.set(search, number + 1);
    let plan: Plan | null = null;
    const schedule = this.program.run((fingerprint) => {
      const strategy = search.next(number, fingerprint);
      if (strategy === null) {
        this.complete = true;
        return guided({ switches: [], data: [] });
      }
      const recording = recorded(strategy);
      ({ plan } = recording);
      return recording.strategy;
    });
    this.schedules++;
    if (plan !== null) this.note(schedule, search.name, plan);
  }

  private note(schedule: Schedule, strategy: string, plan: Plan): void {
    for (const finding of schedule.findings) {
      const key = identity(finding);
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      this.found.push({ finding, run: this.schedules, strategy, plan });
    }
  }

  /** The smallest schedule that still shows the finding, and what else it shows. */
  minimise({ finding, plan }: Found, budget: number): { plan: Plan; schedule: Schedule } {
    const key = identity(finding);
    const runPlan = (candidate: Plan): Schedule => this.program.run(() => guided(candidate));
    const smallest = shrink(
      plan,
      (candidate) => runPlan(candidate).findings.some((other) => identity(other) === key),
      budget,
    );
    return { plan: smallest, schedule: runPlan(smallest) };
  }
}
