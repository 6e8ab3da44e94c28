/*
 * All statistics of a run's trace, in one pass over it.
 */
import { CpuTime, type UserTimes } from './cpu-time.ts';
import { Drops } from './drops.ts';
import { Handlers, SoftirqDelay, WorkDelay } from './handlers.ts';
import { IrqLatency } from './irq-latency.ts';
import { Lanes } from './lanes.ts';
import { Locks } from './locks.ts';
import { Queues } from './queues.ts';
import { endOf, readTrace, recordedEvents, userTimesOf } from './run-folder.ts';
import { SchedLatency } from './sched-latency.ts';
import { Sections } from './sections.ts';
import type { Statistic } from './statistic.ts';

/** A statistic, or parts of one, that the trace is not good for. */
export interface LeftOut {
  readonly name: string;
  /** What the run was told not to record. */
  readonly missing: readonly string[];
}

export interface Stats {
  readonly rows: number;
  readonly timeNs: number;
  readonly statistics: readonly Statistic[];
  readonly leftOut: readonly LeftOut[];
}

function everything(
  userTimes: UserTimes | null,
  recorded: ReadonlySet<string> | null,
): Statistic[] {
  return [
    new CpuTime(userTimes),
    new SchedLatency(),
    new IrqLatency(),
    new SoftirqDelay(),
    new WorkDelay(),
    new Handlers(),
    new Locks(),
    new Queues(recorded),
    new Drops(),
    new Sections(),
  ];
}

/** @throws NoTraceFolder */
export function statsOf(folder: string): Stats {
  const recorded = recordedEvents(folder);
  const lacking = (events: readonly string[] = []): string[] =>
    recorded === null ? [] : events.filter((event) => !recorded.has(event));
  const all = everything(userTimesOf(folder), recorded);
  const statistics = all.filter(({ needs }) => lacking(needs).length === 0);
  const leftOut = all
    .map(({ name, needs, uses }): LeftOut => {
      const missing = lacking(needs);
      if (missing.length > 0) return { name, missing };
      return { name: `parts of ${name}`, missing: lacking(uses) };
    })
    .filter(({ missing }) => missing.length > 0);
  let rows = 0;
  let lastNs = 0;
  const lanes = new Lanes();
  const { always, byEvent } = readers(statistics);
  readTrace(folder, (row) => {
    rows++;
    lastNs = row.timeNs;
    lanes.settle(row);
    for (const statistic of always) statistic.see(row, lanes);
    const interested = byEvent.get(row.event);
    if (interested !== undefined) for (const one of interested) one.see(row, lanes);
    lanes.apply(row);
  });
  const timeNs = Math.max(lastNs, endOf(folder));
  for (const statistic of statistics) statistic.end?.(timeNs);
  return { rows, timeNs, statistics, leftOut };
}

interface Readers {
  readonly always: readonly Statistic[];
  readonly byEvent: ReadonlyMap<string, readonly Statistic[]>;
}

/** Which statistics look at which rows. */
function readers(statistics: readonly Statistic[]): Readers {
  const byEvent = new Map<string, Statistic[]>();
  for (const statistic of statistics) {
    if (statistic.seesAll) continue;
    for (const event of new Set([...statistic.needs, ...(statistic.uses ?? [])])) {
      byEvent.set(event, [...(byEvent.get(event) ?? []), statistic]);
    }
  }
  return { always: statistics.filter(({ seesAll }) => seesAll), byEvent };
}
