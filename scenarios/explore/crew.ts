/*
 * Several threads that search together. Each runs its share of the schedules by their numbers, and
 * what they show is put together in the order of the numbers: how many threads there are changes
 * nothing but the time. The exhaustive search and the runs that sampling learns from stay with one.
 */
import type { RunBounds } from '../../engine/index.ts';
import { beside, Threads } from '../threads.ts';
import { isPinned, type Completed, type Outcome, type SearchOptions } from './searcher.ts';

/** What a thread makes its program from. */
export interface Order {
  readonly file: string;
  readonly overrides: readonly string[];
  readonly bounds: RunBounds;
  readonly options: SearchOptions;
}

export type Answer = { readonly outcomes: readonly (Outcome | Completed)[] };

export class Crew {
  private readonly threads: Threads<readonly number[], Answer>;
  private readonly options: SearchOptions;

  constructor(order: Order, jobs: number) {
    this.options = order.options;
    this.threads = new Threads(beside(import.meta.url, 'worker'), order, jobs);
  }

  /** Runs the schedules `from` to `to` - 1; in the order of their numbers. */
  async run(from: number, to: number): Promise<(Outcome | Completed)[]> {
    const shares: number[][] = Array.from({ length: this.threads.count }, () => []);
    for (let number = from; number < to; number++) {
      const who = isPinned(this.options, number) ? 0 : number % shares.length;
      shares[who]!.push(number);
    }
    const answers = await Promise.all(shares.map((numbers, i) => this.threads.ask(i, numbers)));
    return answers.flatMap(({ outcomes }) => outcomes).sort((a, b) => a.number - b.number);
  }

  dismiss(): Promise<void> {
    return this.threads.dismiss();
  }
}
