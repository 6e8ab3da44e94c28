/*
 * Has the runs of a sweep made that are still to be made, and leaves the folder when all are there.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOf, share, type Shard } from '../../engine/index.ts';
import { writing } from '../output/errors.ts';
import { inputDigests } from '../output/kept-inputs.ts';
import type { Crew } from './crew.ts';
import { writeSweep, type Written } from './folder.ts';
import { Journal } from './journal.ts';
import { sweepFolder, UNFINISHED, type SweepHead } from './manifest.ts';
import { SweepError } from './error.ts';
import type { Plan } from './plan.ts';
import { writtenIn } from './shard.ts';

export interface SweepOptions {
  readonly out: string;
  readonly shard: Shard;
  readonly crew: Crew;
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
  /** Who makes them, if they are not threads of this process. */
  readonly workers: number | undefined;
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
  const inputs = inputDigests(order.inputs);
  return { lockstep: version, scenario, hash, overrides, axes, seeds, inputs, shard };
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
    if (!(await underWay.go(options.crew))) {
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
  private readonly shard: Shard;
  private readonly journal: Journal;
  private readonly observer: SweepObserver;
  private readonly total: number;
  private readonly before: number;
  /** How many workers there are, if they are not threads of this process. */
  private workers: number | undefined;

  constructor(plan: Plan, shard: Shard, journal: Journal, observer: SweepObserver) {
    this.plan = plan;
    this.shard = shard;
    this.journal = journal;
    this.observer = observer;
    this.total = share(shard, plan.grid.runs);
    this.before = journal.count;
  }

  get progress(): Progress {
    const { total, before, workers, journal } = this;
    return { done: journal.count, total, failed: journal.failed, before, workers };
  }

  /** False if the user has interrupted it. */
  async go(crew: Crew): Promise<boolean> {
    const { plan, journal, observer } = this;
    const stop = new AbortController();
    const deaf = observer.onInterrupt(() => stop.abort());
    const tell = (): void => observer.progress(this.progress);
    try {
      await crew({
        order: plan.order,
        numbers: missing(plan.grid.runs, this.shard, journal),
        count: this.total - this.before,
        signal: stop.signal,
        keep(record) {
          journal.append(record);
          tell();
        },
        meet: (workers) => {
          this.workers = workers;
          tell();
        },
      });
      return !stop.signal.aborted;
    } finally {
      deaf();
      observer.done();
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
