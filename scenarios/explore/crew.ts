/*
 * Several who search together. Each runs its share of the schedules by their numbers, and what they
 * show is put together in the order of the numbers: how many they are changes nothing but the time.
 * The exhaustive search and the runs that sampling learns from stay with one.
 */
import { beside, Threads } from '../threads.ts';
import type { Order } from './order.ts';
import { isPinned, type Completed, type Outcome } from './searcher.ts';

export type Answer = readonly (Outcome | Completed)[];

export interface Crew {
  /** How long they work before they are asked again, of host time. */
  readonly sliceMs: number;
  /** Of those who are no threads of this process: how many there are. */
  readonly workers: number | undefined;
  /** Runs the schedules `from` to `to` - 1; in the order of their numbers. */
  run(from: number, to: number): Promise<Answer>;
  dismiss(): Promise<void>;
}

/** The threads of this process. */
export class LocalCrew implements Crew {
  readonly sliceMs = 50;
  readonly workers = undefined;
  private readonly threads: Threads<readonly number[], Answer>;
  private readonly order: Order;

  constructor(order: Order, jobs: number) {
    this.order = order;
    this.threads = new Threads(beside(import.meta.url, 'worker'), order, jobs);
  }

  async run(from: number, to: number): Promise<Answer> {
    const shares: number[][] = Array.from({ length: this.threads.count }, () => []);
    for (let number = from; number < to; number++) {
      const who = isPinned(this.order.options, number) ? 0 : number % shares.length;
      shares[who]!.push(number);
    }
    const answers = await Promise.all(shares.map((numbers, who) => this.runThese(numbers, who)));
    return inOrder(answers);
  }

  /** Has one thread run some. */
  runThese(numbers: readonly number[], who = 0): Promise<Answer> {
    return this.threads.ask(who, numbers);
  }

  dismiss(): Promise<void> {
    return this.threads.dismiss();
  }
}

export function inOrder(answers: readonly Answer[]): Answer {
  return answers.flat().sort((a, b) => a.number - b.number);
}
