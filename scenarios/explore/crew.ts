/*
 * Several threads that search together. Each runs its share of the schedules by their numbers, and
 * what they show is put together in the order of the numbers: how many threads there are changes
 * nothing but the time. The exhaustive search and the runs that sampling learns from stay with one.
 * A pool from a library would not do: each thread keeps what it knows of its searches.
 */
import { Worker } from 'node:worker_threads';
import type { RunBounds } from '../../engine/index.ts';
import { isPinned, type Completed, type Outcome, type SearchOptions } from './searcher.ts';

/** What a thread makes its program from. */
export interface Order {
  readonly file: string;
  readonly overrides: readonly string[];
  readonly bounds: RunBounds;
  readonly options: SearchOptions;
}

export type Answer = { readonly outcomes: readonly (Outcome | Completed)[] };

/** The same file, compiled or not. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
);

export class Crew {
  private readonly workers: readonly Worker[];
  private readonly options: SearchOptions;

  constructor(order: Order, jobs: number) {
    this.options = order.options;
    this.workers = Array.from({ length: jobs }, () => new Worker(WORKER, { workerData: order }));
  }

  /** Runs the schedules `from` to `to` - 1; in the order of their numbers. */
  async run(from: number, to: number): Promise<(Outcome | Completed)[]> {
    const shares: number[][] = this.workers.map(() => []);
    for (let number = from; number < to; number++) {
      const who = isPinned(this.options, number) ? 0 : number % shares.length;
      shares[who]!.push(number);
    }
    const answers = await Promise.all(this.workers.map((worker, i) => ask(worker, shares[i]!)));
    return answers.flat().sort((a, b) => a.number - b.number);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, numbers: readonly number[]): Promise<Answer['outcomes']> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', ({ outcomes }: Answer) => {
      worker.off('error', reject);
      resolve(outcomes);
    });
    worker.postMessage(numbers);
  });
}
