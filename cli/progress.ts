/*
 * How far a run or a search has come, on stderr: one line that is renewed on a terminal, else now
 * and then a line of its own. Short ones show nothing.
 */
import type { Hunt } from '../scenarios/explore/hunt.ts';
import type { Watcher } from '../scenarios/explore/search.ts';
import type { Observer, Runnable } from '../scenarios/output/record.ts';
import type { WorkObserver } from '../scenarios/queue/worker.ts';
import { formatNumber, formatProgress, formatShort, plural } from '../scenarios/output/text.ts';
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
  const { progress, done } = lines(io, searchLine);
  return {
    onInterrupt: (handler) => io.onInterrupt(handler),
    now: () => io.now(),
    progress: (hunt, workers) => progress({ hunt, workers }),
    done,
  };
}

/** Of a sweep. */
export function sweepProgressOn(io: Io): SweepObserver {
  return { onInterrupt: (handler) => io.onInterrupt(handler), ...lines(io, sweepLine) };
}

/** Of a worker. */
export function workProgressOn(io: Io): WorkObserver {
  return {
    onInterrupt: (handler) => io.onInterrupt(handler),
    say: sayOn(io),
    ...lines(io, workLine),
  };
}

/** A line of its own, whatever stands on the terminal. */
export function sayOn(io: Io): (line: string) => void {
  return (line) => io.err(`${io.errIsTty ? ERASE_LINE : ''}${line}\n`);
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

interface Searching {
  readonly hunt: Hunt;
  readonly workers: number | undefined;
}

function searchLine({ hunt, workers }: Searching, elapsedMs: number): string {
  const { schedules, options, found } = hunt;
  const rate = formatShort((1000 * schedules) / elapsedMs);
  const kinds = [...new Set(found.map(({ finding }) => finding.kind))];
  const what = kinds.length === 0 ? 'nothing found' : `found ${kinds.join(', ')}`;
  const runs = `${formatNumber(schedules)}/${formatNumber(options.runs)} runs`;
  return `${runs}  ${rate} runs/s  ${what}${crewText(workers)}`;
}

function workLine(made: number, elapsedMs: number): string {
  return `${plural(made, 'run')} made  ${formatShort((1000 * made) / elapsedMs)} runs/s`;
}

/** Of workers elsewhere: how many there are. */
function crewText(workers: number | undefined): string {
  return workers === undefined ? '' : `  ${plural(workers, 'worker')}`;
}

function sweepLine(progress: Progress, elapsedMs: number): string {
  const { done, total, failed, before, workers } = progress;
  const perMs = (done - before) / elapsedMs;
  const left = perMs > 0 ? `  ${formatLeft((total - done) / perMs / 1000)} left` : '';
  const runs = `${formatNumber(done)}/${formatNumber(total)} runs`;
  const rate = `${formatShort(1000 * perMs)} runs/s`;
  return `${runs}  ${formatNumber(failed)} failed  ${rate}${left}${crewText(workers)}`;
}

/** Seconds on the host's clock: `8 s`, `3 min`, `2.5 h`. */
function formatLeft(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6000) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
