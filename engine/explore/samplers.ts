/*
 * Where the strategy of the next run comes from that is drawn, and what is learnt from the runs
 * before.
 */
import { Directed } from '../choice/directed.ts';
import type { Chooser, Explorer, IndexSource } from '../choice/door.ts';
import { pct } from '../choice/pct.ts';
import { pos } from '../choice/pos.ts';
import { random } from '../choice/random.ts';
import { urw } from '../choice/urw.ts';
import { RandomStream } from '../random/streams.ts';
import type { Option } from './move.ts';

export const samplerNames = ['random', 'pct', 'pos', 'urw'] as const;
export type SamplerName = (typeof samplerNames)[number];

/** What earlier runs tell of a program: their length, and how much each actor does. */
class Profile {
  length = 1;
  readonly steps = new Map<number, number>();

  /** The same strategy, with its steps counted. */
  watch(strategy: Chooser): Chooser {
    const counts = new Map<number, number>();
    let length = 0;
    return {
      name: strategy.name,
      choose: (kind, count) => strategy.choose(kind, count),
      pick: (moves: readonly Option[]) => {
        const index = strategy.pick(moves);
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
export class Sampler {
  readonly name: SamplerName;
  private readonly seed: string;
  private readonly depth: number;
  private readonly profile = new Profile();

  constructor(name: SamplerName, seed: string, depth: number) {
    this.name = name;
    this.seed = seed;
    this.depth = depth;
  }

  next(run: number): Chooser {
    const strategy = this.draw(new RandomStream(`${this.seed}/${this.name}/${run}`));
    return run < LEARNING_RUNS ? this.profile.watch(strategy) : strategy;
  }

  private draw(source: IndexSource): Chooser {
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

/** Does what the runs before did in another order; where nothing promises that, partial orders. */
export class Reordering {
  private readonly seed: string;
  private readonly directed = new Directed();

  constructor(seed: string) {
    this.seed = seed;
  }

  /** The same strategy; what it does is learnt from. */
  watch(strategy: Chooser): Chooser;
  watch(strategy: Explorer): Explorer;
  watch(strategy: Explorer): Explorer {
    return this.directed.watch(strategy);
  }

  next(run: number): Chooser {
    const source = new RandomStream(`${this.seed}/directed/${run}`);
    return this.directed.watch(this.directed.next(source) ?? pos(source));
  }
}
