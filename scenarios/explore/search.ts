/*
 * A hunt from its beginning to its end: in slices, so that an interruption is heard, a budget of
 * time is kept and progress can be shown.
 */
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
  /** Called after each slice. */
  progress(hunt: Hunt): void;
  /** Called when the search has ended, however it did. */
  done(): void;
}

/** Of host time. */
const SLICE_MS = 50;

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
  const slice = crew === undefined ? alone(hunt, watcher) : together(hunt, watcher, crew);
  try {
    while (!hunt.over) {
      await slice();
      watcher.progress(hunt);
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

/** As many schedules at a time as the crew runs in one slice. */
function together(hunt: Hunt, watcher: Watcher, crew: Crew): Slice {
  let next = 0;
  let share = FIRST_SHARE;
  return async () => {
    const begun = watcher.now();
    const outcomes = await crew.run(next, next + share);
    next += share;
    for (const outcome of outcomes) if (!hunt.over) hunt.take(outcome);
    const rate = share / Math.max(1, watcher.now() - begun);
    share = Math.max(FIRST_SHARE, Math.min(4 * share, Math.ceil(rate * SLICE_MS)));
  };
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
