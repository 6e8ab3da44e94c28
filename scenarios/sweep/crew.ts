/*
 * Those who make the runs of a sweep: this thread, several, or whoever is given the same work.
 */
import { beside, Threads } from '../threads.ts';
import type { Order } from './order.ts';
import { Performer } from './performer.ts';
import type { RunRecord } from './record.ts';

/** Runs that are to be made. */
export interface Work {
  readonly order: Order;
  /** Their numbers; whoever takes one makes that run. */
  readonly numbers: Iterator<number, undefined>;
  readonly count: number;
  /** Tells when no more is wanted. */
  readonly signal: AbortSignal;
  keep(record: RunRecord): void;
  /** Says how many workers there are, where they come and go. */
  meet(workers: number): void;
}

/** Makes all runs in any order, or stops when the signal says so. */
export type Crew = (work: Work) => Promise<void>;

/** So many threads; one is this one. */
export function localCrew(jobs: number): Crew {
  return (work) => {
    const few = Math.min(jobs, work.count);
    return few > 1 ? byThreads(work, few) : here(work);
  };
}

async function here(work: Work): Promise<void> {
  const performer = new Performer(work.order);
  await each(work, (run) => performer.perform(run, () => work.signal.aborted));
}

async function byThreads(work: Work, count: number): Promise<void> {
  const file = beside(import.meta.url, 'worker');
  const threads = new Threads<number, RunRecord>(file, work.order, count);
  try {
    // Two for each, so that none waits for its next while this thread writes.
    const all = Array.from({ length: 2 * count }, (_, i) =>
      each(work, (run) => threads.ask(i % count, run)),
    );
    await Promise.race([Promise.all(all), aborted(work.signal)]);
  } finally {
    await threads.dismiss();
  }
}

/** Takes one run after the other as long as there are any, and keeps what comes of them. */
async function each(
  { numbers, signal, keep }: Work,
  perform: (run: number) => Promise<RunRecord | undefined>,
): Promise<void> {
  for (let next = numbers.next(); next.done !== true; next = numbers.next()) {
    const record = await perform(next.value);
    if (signal.aborted || record === undefined) return;
    keep(record);
    // In this thread a short run would leave no time to hear an interruption.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Comes true when no more is wanted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
