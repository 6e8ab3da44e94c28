/*
 * Runs the schedules of a hunt by their numbers: which way of searching has its turn, and what the
 * schedule showed. Any number can be asked for, in any order, but those of the exhaustive search
 * belong to one searcher, in order.
 */
import {
  DepthFirst,
  Dpor,
  guided,
  KnownSchedules,
  LEARNING_RUNS,
  NewSchedule,
  Reordering,
  Sampler,
  type Explorer,
  type SamplerName,
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
  private readonly exhaustive: DepthFirst;
  private readonly reduced = new Dpor();
  private readonly directed: Reordering;
  private readonly samplers = new Map<SamplerName, Sampler>();
  private known = new KnownSchedules<Outcome>();
  private readonly scout = new Scout();
  /** How many runs each sampler has learnt from. */
  private readonly learnt = new Map<string, number>();

  constructor(program: Explorable, options: SearchOptions) {
    this.program = program;
    this.options = options;
    this.turns = turnsOf(options.strategy);
    const { preemptions, arrivals } = options;
    this.exhaustive = new DepthFirst({ preemptions, arrivals });
    this.directed = new Reordering(options.seed);
  }

  /** Runs schedule `number`, from 0; the first of all has no switch that is not needed. */
  run(number: number): Outcome | Completed {
    const name = this.turns[number % this.turns.length]!;
    const own = ownNumber(this.turns, number);
    return isExhaustive(name) ? this.visit(number, name) : this.draw(number, name, own);
  }

  /** The next schedule of a search that visits all. */
  private visit(number: number, name: 'dfs' | 'dpor'): Outcome | Completed {
    const { scout, exhaustive, reduced } = this;
    let ended = false;
    const schedule = this.program.record(
      (world) => {
        const strategy =
          name === 'dfs'
            ? exhaustive.next((known) => world().fingerprint(known))
            : reduced.next(insightOf(world));
        ended = strategy === null;
        if (strategy === null) return nothing();
        // The first run of all is what the directed search sets out from.
        const isFirst = number === 0 && name === 'dfs';
        return scout.watch(isFirst ? this.directed.watch(strategy) : strategy);
      },
      (world) => scout.listen(world),
    );
    if (!ended) return this.outcome(number, name, schedule);
    const { cut } = name === 'dfs' ? exhaustive : reduced;
    return { number, strategy: name, cut, pruned: this.pruned };
  }

  /** A schedule that is drawn; one that was run is known. */
  private draw(number: number, name: SamplerName | 'directed', own: number): Outcome {
    if (name !== 'directed') this.learn(name, own);
    const drawing = name === 'directed' ? this.directed : this.sampler(name);
    const found = this.known.seek(drawing.next(own));
    if (!(found instanceof NewSchedule)) return { ...found.shown, number, strategy: name };
    const schedule = this.program.record(
      () => this.scout.watch(found),
      (world) => this.scout.listen(world),
    );
    const outcome = this.outcome(number, name, schedule);
    const { schedule: id, timeouts, curbed } = outcome.visited;
    const visited = { schedule: id, orders: [], touches: [], timeouts, curbed };
    found.ends({ ...outcome, shown: [], visited });
    return outcome;
  }

  /** Tells all of what is visited again: what it has told may be lost. */
  forget(): void {
    this.scout.forget();
    this.known = new KnownSchedules<Outcome>();
  }

  private outcome(number: number, strategy: string, schedule: Recorded): Outcome {
    const { findings, length, world } = schedule;
    return {
      number,
      strategy,
      shown: findings.map((finding) => ({ finding, plan: schedule.plan() })),
      visited: this.scout.take(world),
      cutShort: length >= this.program.bounds.steps,
      bounded: strategy === 'dfs' && this.exhaustive.bounded,
      pruned: this.pruned,
    };
  }

  private get pruned(): boolean {
    return this.exhaustive.pruned > 0;
  }

  /** Makes the runs from which run `own` learns, if this searcher was not given them. */
  private learn(name: SamplerName, own: number): void {
    let next = this.learnt.get(name) ?? 0;
    for (; next < Math.min(own, LEARNING_RUNS); next++) {
      // What it shows is for the one who is given it.
      const found = this.known.seek(this.sampler(name).next(next));
      if (found instanceof NewSchedule) this.program.run(() => found);
    }
    this.learnt.set(name, Math.max(next, own + 1));
  }

  private sampler(name: SamplerName): Sampler {
    let sampler = this.samplers.get(name);
    if (sampler === undefined) {
      sampler = new Sampler(name, this.options.seed, this.options.depth);
      this.samplers.set(name, sampler);
    }
    return sampler;
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
export function nothing(): Explorer {
  return { ...guided({ switches: [], data: [] }), pick: () => -1 };
}
