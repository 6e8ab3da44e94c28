/*
 * Makes the runs of a sweep that are still to be made, in this thread or in several, and leaves the
 * folder when all are there.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOf, share, type Shard } from '../../engine/index.ts';
import { writing } from '../output/errors.ts';
import { beside, Threads } from '../threads.ts';
import { writeSweep, type Written } from './folder.ts';
import { Journal } from './journal.ts';
import { sweepFolder, UNFINISHED, type SweepHead } from './manifest.ts';
import { Performer } from './performer.ts';
import { SweepError } from './error.ts';
import type { Plan } from './plan.ts';
import type { RunRecord } from './record.ts';
import { writtenIn } from './shard.ts';

export interface SweepOptions {
  readonly out: string;
  readonly shard: Shard;
  readonly jobs: number;
  readonly resume: boolean;
  /** The version of Lockstep. */
  readonly version: string;
}

/** How far a sweep has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Those that an earlier process has made. */
  readonly before: number;
}

export interface SweepObserver {
  /** Has `handler` called when the user wants no more; the result takes that back. */
  onInterrupt(handler: () => void): () => void;
  progress(progress: Progress): void;
  done(): void;
}

/** The user has interrupted it: what was finished is kept in `path`. */
export interface Interrupted extends Progress {
  readonly outcome: 'interrupted';
  readonly path: string;
}

/** What a sweep is made from. */
export function headOf(plan: Plan, { version, shard }: SweepOptions): SweepHead {
  const { scenario, hash, order } = plan;
  const { overrides, axes, seeds } = order;
  return { lockstep: version, scenario, hash, overrides, axes, seeds, shard };
}

/** @throws SweepError, OutputError; whatever a run throws that is a fault. */
export async function sweep(
  plan: Plan,
  options: SweepOptions,
  observer: SweepObserver,
): Promise<Written | Interrupted> {
  const { shard } = options;
  const path = join(options.out, plan.scenario, sweepFolder(plan.hash, shard));
  const unfinished = `${path}${UNFINISHED}`;
  if (existsSync(unfinished) && !options.resume) {
    throw new SweepError(
      `${unfinished} is there: --resume goes on with that sweep, removing it begins anew`,
    );
  }
  if (options.resume && existsSync(path) && !existsSync(unfinished)) return writtenIn(path);
  const head = headOf(plan, options);
  writing(unfinished, () => mkdirSync(unfinished, { recursive: true }));
  const first = JSON.stringify({ lockstep: head.lockstep, hash: head.hash, shard });
  const journal = new Journal(join(unfinished, 'journal.jsonl'), first);
  try {
    const underWay = new UnderWay(plan, shard, journal, observer);
    if (!(await underWay.go(options.jobs))) {
      return { ...underWay.progress, outcome: 'interrupted', path: unfinished };
    }
    const written = writeSweep(path, head, plan.effective, (run) => journal.read(run));
    rmSync(unfinished, { recursive: true });
    return written;
  } finally {
    journal.close();
  }
}

/** The runs of a shard while they are being made. */
class UnderWay {
  private readonly plan: Plan;
  private readonly journal: Journal;
  private readonly observer: SweepObserver;
  private readonly total: number;
  private readonly before: number;
  private readonly numbers: Iterator<number, undefined>;
  private interrupted = false;

  constructor(plan: Plan, shard: Shard, journal: Journal, observer: SweepObserver) {
    this.plan = plan;
    this.journal = journal;
    this.observer = observer;
    this.total = share(shard, plan.grid.runs);
    this.before = journal.count;
    this.numbers = missing(plan.grid.runs, shard, journal);
  }

  get progress(): Progress {
    const { total, before, journal } = this;
    return { done: journal.count, total, failed: journal.failed, before };
  }

  /** False if the user has interrupted it. */
  async go(jobs: number): Promise<boolean> {
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const deaf = this.observer.onInterrupt(() => {
      this.interrupted = true;
      stop();
    });
    try {
      const few = Math.min(jobs, this.total - this.before);
      await (few > 1 ? this.byThreads(few, stopped) : this.here());
      return !this.interrupted;
    } finally {
      deaf();
      this.observer.done();
    }
  }

  /** Runs in this thread. */
  private async here(): Promise<void> {
    const performer = new Performer(this.plan.order);
    await this.each((run) => performer.perform(run, () => this.interrupted));
  }

  private async byThreads(count: number, stopped: Promise<void>): Promise<void> {
    const file = beside(import.meta.url, 'worker');
    const threads = new Threads<number, RunRecord>(file, this.plan.order, count);
    try {
      // Two for each, so that none waits for its next while this thread writes.
      const all = Array.from({ length: 2 * count }, (_, i) =>
        this.each((run) => threads.ask(i % count, run)),
      );
      await Promise.race([Promise.all(all), stopped]);
    } finally {
      await threads.dismiss();
    }
  }

  /** Takes one run after the other as long as there are any, and keeps what comes of them. */
  private async each(perform: (run: number) => Promise<RunRecord | undefined>): Promise<void> {
    for (let next = this.numbers.next(); next.done !== true; next = this.numbers.next()) {
      const record = await perform(next.value);
      if (this.interrupted || record === undefined) return;
      this.journal.append(record);
      this.observer.progress(this.progress);
      // In this thread a short run would leave no time to hear an interruption.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The runs of a shard that the journal does not have. */
function* missing(
  runs: number,
  shard: Shard,
  journal: Journal,
): Generator<number, undefined, undefined> {
  for (let run = 0; run < runs; run++) {
    if (isOf(shard, run) && !journal.has(run)) yield run;
  }
  return undefined;
}
