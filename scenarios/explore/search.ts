/*
 * A hunt from its beginning to its end: in slices, so that an interruption is heard, a budget of
 * time is kept and progress can be shown.
 */
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
const SLICE_MS = 30;

/** @param timeMs what it may take at most */
export async function search(hunt: Hunt, timeMs: number, watcher: Watcher): Promise<Stopped> {
  const end = watcher.now() + timeMs;
  let interrupted = false;
  const deaf = watcher.onInterrupt(() => {
    interrupted = true;
  });
  try {
    while (!hunt.over) {
      const slice = watcher.now() + SLICE_MS;
      do hunt.advance();
      while (!hunt.over && watcher.now() < slice);
      watcher.progress(hunt);
      await new Promise((resolve) => setImmediate(resolve));
      if (interrupted) return 'interrupted';
      if (watcher.now() >= end && !hunt.over) return 'time';
    }
    return hunt.ended;
  } finally {
    deaf();
    watcher.done();
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
