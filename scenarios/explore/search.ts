/*
 * A hunt from its beginning to its end: in slices, so that an interruption is heard, a budget of
 * time is kept and progress can be shown.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Crew } from './crew.ts';
import type { Found, Hunt } from './hunt.ts';

/** Why a search went no further. */
export type Stopped = 'found' | 'complete' | 'runs' | 'time' | 'interrupted';

/** Who watches a search and may end it. */
export interface Watcher {
  /** Has `handler` called when the user wants no more; the result takes that back. */
  onInterrupt(handler: () => void): () => void;
  /** The host's clock, ms. */
  now(): number;
  /** Called after each slice, and now and then by a crew that is not in this process. */
  progress(hunt: Hunt, workers: number | undefined): void;
  /** Called when the search has ended, however it did. */
  done(): void;
}

/** Of host time. */
const SLICE_MS = 50;

/** Between two looks at those who take longer. */
const TICK_MS = 200;

/**
 * @param timeMs what it may take at most
 * @param crew those who run the schedules; this thread alone if left out
 */
export async function search(
  hunt: Hunt,
  timeMs: number,
  watcher: Watcher,
  crew?: Crew,
): Promise<Stopped> {
  const end = watcher.now() + timeMs;
  let interrupted = false;
  const deaf = watcher.onInterrupt(() => {
    interrupted = true;
  });
  const wanted = (): boolean => !interrupted && watcher.now() < end;
  const slice = crew === undefined ? alone(hunt, watcher) : together(hunt, watcher, crew, wanted);
  try {
    while (!hunt.over) {
      await slice();
      watcher.progress(hunt, crew?.workers);
      if (interrupted) return 'interrupted';
      if (watcher.now() >= end && !hunt.over) return 'time';
    }
    return hunt.ended;
  } finally {
    deaf();
    watcher.done();
    await crew?.dismiss();
  }
}

/** Some milliseconds of the search. */
type Slice = () => Promise<void>;

function alone(hunt: Hunt, watcher: Watcher): Slice {
  return async () => {
    const end = watcher.now() + SLICE_MS;
    do hunt.advance();
    while (!hunt.over && watcher.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  };
}

const FIRST_SHARE = 32;

/** As many schedules at a time as the crew runs in one slice; none if it is not wanted any more. */
function together(hunt: Hunt, watcher: Watcher, crew: Crew, wanted: () => boolean): Slice {
  let next = 0;
  let share = FIRST_SHARE;
  const goOn = (): boolean => {
    watcher.progress(hunt, crew.workers);
    return wanted();
  };
  return async () => {
    const begun = watcher.now();
    const outcomes = await patiently(crew.run(next, next + share), goOn);
    next += share;
    for (const outcome of outcomes ?? []) if (!hunt.over) hunt.take(outcome);
    const rate = share / Math.max(1, watcher.now() - begun);
    share = Math.max(FIRST_SHARE, Math.min(4 * share, Math.ceil(rate * crew.sliceMs)));
  };
}

/** Waits for the answer, which may take long, as long as `goOn` says so. */
async function patiently<T>(answer: Promise<T>, goOn: () => boolean): Promise<T | undefined> {
  const answered = answer.then((value) => ({ value }));
  for (;;) {
    const got = await Promise.race([answered, pause(TICK_MS, undefined, { ref: false })]);
    if (got !== undefined) return got.value;
    if (!goOn()) return undefined;
  }
}

/** What the scenario does not allow, and what it wants and is not there. */
export interface Judged {
  readonly unexpected: readonly Found[];
  readonly missing: readonly string[];
}

export function judged({ found, expected }: Hunt): Judged {
  const { must, allowed } = expected;
  const kinds = new Set<string>(found.map(({ finding }) => finding.kind));
  return {
    unexpected: found.filter(({ finding }) => !allowed.has(finding.kind)),
    missing: must.filter((kind) => !kinds.has(kind)),
  };
}
