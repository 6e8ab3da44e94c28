/*
 * Searches: where the next run's strategy comes from, and what a search learns from the runs
 * before.
 */
import { DepthFirst, type Bounds, type FingerprintOf } from '../choice/depth-first.ts';
import { Dpor } from '../choice/dpor.ts';
import type { Insight } from '../choice/effects.ts';
import { Directed } from '../choice/directed.ts';
import type { IndexSource, Strategy } from '../choice/door.ts';
import { pct } from '../choice/pct.ts';
import { pos } from '../choice/pos.ts';
import { random } from '../choice/random.ts';
import { urw } from '../choice/urw.ts';
import { RandomStream } from '../random/streams.ts';
import type { Move } from './move.ts';

export const samplerNames = ['random', 'pct', 'pos', 'urw'] as const;
export type SamplerName = (typeof samplerNames)[number];

/** Gives a strategy for run number `run`, null when there is nothing left to search. */
export interface Search {
  readonly name: string;
  next(run: number, fingerprint: FingerprintOf, insight: () => Insight): Strategy | null;
}

/** What earlier runs tell of a program: their length, and how much each actor does. */
class Profile {
  length = 1;
  readonly steps = new Map<number, number>();

  /** The same strategy, with its steps counted. */
  watch(strategy: Strategy): Strategy {
    const counts = new Map<number, number>();
    let length = 0;
    return {
      name: strategy.name,
      choose: (kind, count) => strategy.choose(kind, count),
      pick: (moves: readonly Move[]) => {
        const index = strategy.pick!(moves);
        const { actor } = moves[index]!;
        const count = (counts.get(actor) ?? 0) + 1;
        counts.set(actor, count);
        if (count > (this.steps.get(actor) ?? 0)) this.steps.set(actor, count);
        if (++length > this.length) this.length = length;
        return index;
      },
    };
  }
}

/** The runs from which sampling learns how long a program is; the others depend on no other run. */
export const LEARNING_RUNS = 16;

/** Draws schedules: each run from a stream of its own, so that any run can be made again. */
export class Sampler implements Search {
  readonly name: SamplerName;
  private readonly seed: string;
  private readonly depth: number;
  private readonly profile = new Profile();

  constructor(name: SamplerName, seed: string, depth: number) {
    this.name = name;
    this.seed = seed;
    this.depth = depth;
  }

  next(run: number): Strategy {
    const strategy = this.draw(new RandomStream(`${this.seed}/${this.name}/${run}`));
    return run < LEARNING_RUNS ? this.profile.watch(strategy) : strategy;
  }

  private draw(source: IndexSource): Strategy {
    const { length, steps } = this.profile;
    switch (this.name) {
      case 'random':
        return random(source, length);
      case 'pct':
        return pct(source, length, this.depth);
      case 'pos':
        return pos(source);
      case 'urw':
        return urw(source, length, steps);
    }
  }
}

/** Visits all schedules within bounds. */
export class Exhaustive implements Search {
  readonly name = 'dfs';
  readonly search: DepthFirst;

  constructor(bounds: Bounds) {
    this.search = new DepthFirst(bounds);
  }

  next(_run: number, fingerprint: FingerprintOf): Strategy | null {
    return this.search.next(fingerprint);
  }
}

/** Does what the runs before did in another order; where nothing promises that, partial orders. */
export class Reordering implements Search {
  readonly name = 'directed';
  private readonly seed: string;
  private readonly directed = new Directed();

  constructor(seed: string) {
    this.seed = seed;
  }

  /** The same strategy; what it does is learnt from. */
  watch(strategy: Strategy): Strategy {
    return this.directed.watch(strategy);
  }

  next(run: number): Strategy {
    const source = new RandomStream(`${this.seed}/directed/${run}`);
    return this.directed.watch(this.directed.next(source) ?? pos(source));
  }
}

/** Visits one schedule of each class of those that differ in the order of independent steps. */
export class Reduced implements Search {
  readonly name = 'dpor';
  readonly search = new Dpor();

  next(_run: number, _fingerprint: FingerprintOf, insight: () => Insight): Strategy | null {
    return this.search.next(insight);
  }
}
