/*
 * Runs the schedules of a hunt by their numbers: which way of searching has its turn, and what the
 * schedule showed. Any number can be asked for, in any order, but those of the exhaustive search
 * belong to one searcher, in order.
 */
import {
  Exhaustive,
  guided,
  LEARNING_RUNS,
  Reduced,
  Reordering,
  Sampler,
  type SamplerName,
  type Search,
  type Strategy,
} from '../../engine/index.ts';
import type { Finding } from '../../models/checks/findings.ts';
import { Scout, type Visited } from './coverage.ts';
import { insightOf } from './insight.ts';
import type { NamedPlan } from './names.ts';
import type { StrategyName } from '../load/strategy-names.ts';
import type { Explorable, Recorded } from './explorable.ts';

export interface SearchOptions {
  readonly strategy: StrategyName;
  readonly seed: string;
  /** Of PCT: how many ordering constraints a bug needs. */
  readonly depth: number;
  /** Of the exhaustive search: switches away from what could have gone on. */
  readonly preemptions: number;
  /** Of the exhaustive search: interrupts and timers that arrive. */
  readonly arrivals: number;
}

/**
 * The turns of the portfolio. What knows the program has more of them: a bug that needs one or two
 * switches at the right places is where both look first. The others miss no bug for ever.
 */
const TURNS: readonly SearchName[] = [
  'dfs',
  'pct',
  'directed',
  'urw',
  'directed',
  'dfs',
  'directed',
  'dfs',
  'dfs',
  'pos',
  'directed',
  'dfs',
  'dfs',
  'pos',
  'random',
];

/** A way of searching that is none of several. */
type SearchName = Exclude<StrategyName, 'portfolio'>;

export function turnsOf(strategy: StrategyName): readonly SearchName[] {
  return strategy === 'portfolio' ? TURNS : [strategy];
}

/** It comes to an end. */
export function isExhaustive(name: string): name is 'dfs' | 'dpor' {
  return name === 'dfs' || name === 'dpor';
}

/** Its runs depend on those before. */
function learns(name: SearchName): boolean {
  return isExhaustive(name) || name === 'directed';
}

/** A finding with the schedule that showed it. */
export interface Shown {
  readonly finding: Finding;
  readonly plan: NamedPlan;
}

/** What schedule number `number` showed. */
export interface Outcome {
  readonly number: number;
  readonly strategy: string;
  readonly shown: readonly Shown[];
  readonly visited: Visited;
  /** It was given up for its length. */
  readonly cutShort: boolean;
  /** The exhaustive search has left nothing out within its bounds so far. */
  readonly bounded: boolean;
  /** It did not go on from a state that was met before on another way. */
  readonly pruned: boolean;
}

/** The exhaustive search has come to its end. */
export interface Completed {
  readonly number: number;
  readonly strategy: 'dfs' | 'dpor';
  /** A bound has kept something from being visited. */
  readonly cut: boolean;
  readonly pruned: boolean;
}

export class Searcher {
  private readonly program: Explorable;
  private readonly options: SearchOptions;
  private readonly turns: readonly SearchName[];
  private readonly searches = new Map<string, Search>();
  private readonly exhaustive: Exhaustive;
  private readonly reduced = new Reduced();
  private readonly reordering: Reordering;
  private readonly scout = new Scout();
  /** How many runs each sampler has learnt from. */
  private readonly learnt = new Map<string, number>();

  constructor(program: Explorable, options: SearchOptions) {
    this.program = program;
    this.options = options;
    this.turns = turnsOf(options.strategy);
    const { preemptions, arrivals } = options;
    this.exhaustive = new Exhaustive({ preemptions, arrivals });
    this.searches.set('dfs', this.exhaustive);
    this.reordering = new Reordering(options.seed);
    this.searches.set('directed', this.reordering);
    this.searches.set('dpor', this.reduced);
  }

  /** Runs schedule `number`, from 0; the first of all has no switch that is not needed. */
  run(number: number): Outcome | Completed {
    const { turns, scout, exhaustive } = this;
    const name = turns[number % turns.length]!;
    const search = this.search(name);
    const own = ownNumber(turns, number);
    if (!learns(name)) this.learn(name as SamplerName, own);
    let ended = false;
    const schedule = this.program.record(
      (world) => {
        const strategy = search.next(own, (known) => world().fingerprint(known), insightOf(world));
        ended = strategy === null;
        if (strategy === null) return nothing();
        // The first run of all is what the directed search sets out from.
        const isFirst = number === 0 && name === 'dfs';
        return scout.watch(isFirst ? this.reordering.watch(strategy) : strategy);
      },
      (world) => scout.listen(world),
    );
    if (ended && isExhaustive(name)) {
      const { search: done } = name === 'dfs' ? exhaustive : this.reduced;
      return { number, strategy: name, cut: done.cut, pruned: this.pruned };
    }
    return this.outcome(number, name, schedule);
  }

  /** Tells all of what is visited again: what it has told may be lost. */
  forget(): void {
    this.scout.forget();
  }

  private outcome(number: number, strategy: string, schedule: Recorded): Outcome {
    const { findings, length, world } = schedule;
    return {
      number,
      strategy,
      shown: findings.map((finding) => ({ finding, plan: schedule.plan() })),
      visited: this.scout.take(world),
      cutShort: length >= this.program.bounds.steps,
      bounded: strategy === 'dfs' && this.exhaustive.search.bounded,
      pruned: this.pruned,
    };
  }

  private get pruned(): boolean {
    return this.exhaustive.search.pruned > 0;
  }

  /** Makes the runs from which run `own` learns, if this searcher was not given them. */
  private learn(name: SamplerName, own: number): void {
    const search = this.search(name);
    let next = this.learnt.get(name) ?? 0;
    for (; next < Math.min(own, LEARNING_RUNS); next++) {
      this.program.run((world) =>
        search.next(next, (known) => world().fingerprint(known), insightOf(world))!,
      );
    }
    this.learnt.set(name, Math.max(next, own + 1));
  }

  private search(name: SearchName): Search {
    let search = this.searches.get(name);
    if (search === undefined) {
      search = new Sampler(name as SamplerName, this.options.seed, this.options.depth);
      this.searches.set(name, search);
    }
    return search;
  }
}

/** How many turns the same search had before. */
function ownNumber(turns: readonly string[], number: number): number {
  const name = turns[number % turns.length]!;
  const before = (count: number): number =>
    turns.slice(0, count).filter((other) => other === name).length;
  const rounds = Math.floor(number / turns.length);
  return rounds * before(turns.length) + before(number % turns.length);
}

/** Whether schedule `number` must be run by the one that runs all such schedules, in order. */
export function isPinned({ strategy }: SearchOptions, number: number): boolean {
  const turns = turnsOf(strategy);
  return learns(turns[number % turns.length]!) || ownNumber(turns, number) < LEARNING_RUNS;
}

/** Ends a run before it begins. */
export function nothing(): Strategy {
  return { ...guided({ switches: [], data: [] }), pick: () => -1 };
}
