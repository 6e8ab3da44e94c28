/*
 * How far a run or a search has come, on stderr: one line that is renewed on a terminal, else now
 * and then a line of its own. Short ones show nothing.
 */
import type { Hunt } from '../scenarios/explore/hunt.ts';
import type { Watcher } from '../scenarios/explore/search.ts';
import type { Observer, Runnable } from '../scenarios/output/record.ts';
import { formatNumber, formatProgress, formatShort } from '../scenarios/output/text.ts';
import type { Progress, SweepObserver } from '../scenarios/sweep/sweep.ts';
import type { Io } from './io.ts';

const TTY = { firstMs: 1000, everyMs: 200 };
const PLAIN = { firstMs: 10_000, everyMs: 10_000 };
const ERASE_LINE = '\r\u001b[K';

/** Of a run. */
export function progressOn(io: Io): Observer {
  return { onInterrupt: (handler) => io.onInterrupt(handler), ...lines(io, progressLine) };
}

/** Of a search. */
export function searchProgressOn(io: Io): Watcher {
  return {
    onInterrupt: (handler) => io.onInterrupt(handler),
    now: () => io.now(),
    ...lines(io, searchLine),
  };
}

/** Of a sweep. */
export function sweepProgressOn(io: Io): SweepObserver {
  return { onInterrupt: (handler) => io.onInterrupt(handler), ...lines(io, sweepLine) };
}

/** Shows `line` now and then. */
function lines<T>(
  io: Io,
  line: (of: T, elapsedMs: number) => string,
): { progress(of: T): void; done(): void } {
  const { firstMs, everyMs } = io.errIsTty ? TTY : PLAIN;
  const begun = io.now();
  let due = begun + firstMs;
  let shown = false;
  return {
    progress(of) {
      const now = io.now();
      if (now < due) return;
      due = now + everyMs;
      shown = true;
      const text = line(of, now - begun);
      io.err(io.errIsTty ? `${ERASE_LINE}${text}` : `${text}\n`);
    },
    done() {
      if (shown && io.errIsTty) io.err(ERASE_LINE);
    },
  };
}

function progressLine({ timeNs, untilNs, steps }: Runnable, elapsedMs: number): string {
  const rate = formatShort((1000 * steps) / elapsedMs);
  return `simulated ${formatProgress(timeNs, untilNs)}  ${rate} steps/s`;
}

function searchLine({ schedules, options, found }: Hunt, elapsedMs: number): string {
  const rate = formatShort((1000 * schedules) / elapsedMs);
  const kinds = [...new Set(found.map(({ finding }) => finding.kind))];
  const what = kinds.length === 0 ? 'nothing found' : `found ${kinds.join(', ')}`;
  return `${formatNumber(schedules)}/${formatNumber(options.runs)} runs  ${rate} runs/s  ${what}`;
}

function sweepLine({ done, total, failed, before }: Progress, elapsedMs: number): string {
  const perMs = (done - before) / elapsedMs;
  const left = formatLeft((total - done) / perMs / 1000);
  const runs = `${formatNumber(done)}/${formatNumber(total)} runs`;
  const rate = `${formatShort(1000 * perMs)} runs/s`;
  return `${runs}  ${formatNumber(failed)} failed  ${rate}  ${left} left`;
}

/** Seconds on the host's clock: `8 s`, `3 min`, `2.5 h`. */
function formatLeft(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6000) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
