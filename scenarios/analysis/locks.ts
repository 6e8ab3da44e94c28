/*
 * Locks: how long they are waited for and held, and who waits for whom.
 */
import { formatDuration, formatNumber, printable, table } from '../output/text.ts';
import type { Distribution } from './distribution.ts';
import type { Lanes } from './lanes.ts';
import { LockTally, type Pair } from './lock-tally.ts';
import type { Figure, Latency, Statistic } from './statistic.ts';
import type { TraceRow } from './trace-row.ts';

/** Of the value of lock_acquire. */
const TRY = 1;
const ROWS_MAX = 12;

export class Locks implements Statistic {
  readonly name = 'lock wait and hold times';
  readonly needs = ['lock_acquire', 'lock_contended', 'lock_acquired', 'lock_release'];
  private readonly tallies = new Map<string, LockTally>();
  private readonly waits = new Map<string, Distribution>();
  private readonly holds = new Map<string, Distribution>();

  readonly latencies: readonly Latency[] = [
    {
      metric: 'lock_wait',
      title: 'LOCK WAIT',
      about: 'from lock_contended to lock_acquired',
      byObject: this.waits,
    },
    {
      metric: 'lock_hold',
      title: 'LOCK HOLD',
      about: 'from having it to lock_release',
      byObject: this.holds,
    },
  ];

  see(row: TraceRow, lanes: Lanes): void {
    if (row.cpu < 0) return;
    const { actor } = lanes.lane(row.cpu);
    const tally = this.tally(row.object);
    switch (row.event) {
      case 'lock_acquire':
        return tally.ask(actor, (row.value & TRY) !== 0);
      case 'lock_contended':
        return tally.contend(actor, row.timeNs);
      case 'lock_acquired':
        return tally.got(actor, row.value, row.timeNs);
      case 'lock_release':
        return tally.release(actor, row.value, row.timeNs);
    }
  }

  end(timeNs: number): void {
    for (const [name, tally] of this.tallies) {
      tally.end(timeNs);
      if (tally.wait.count > 0) this.waits.set(name, tally.wait);
      if (tally.hold.count > 0) this.holds.set(name, tally.hold);
    }
  }

  figures(): Figure[] {
    const byLock = [...this.tallies].flatMap(([object, tally]): Figure[] => [
      { metric: 'lock.acquired', object, value: tally.acquired, unit: 'count' },
      { metric: 'lock.contended', object, value: tally.contended, unit: 'count' },
      { metric: 'lock.given_up', object, value: tally.givenUp, unit: 'count' },
      { metric: 'lock.hold_max', object, value: tally.hold.max, unit: 'ns' },
      { metric: 'lock.hold_total', object, value: tally.hold.total, unit: 'ns' },
      { metric: 'lock.wait_max', object, value: tally.wait.max, unit: 'ns' },
      { metric: 'lock.wait_total', object, value: tally.wait.total, unit: 'ns' },
    ]);
    const byPair = this.pairs().flatMap(([lock, { waiter, holder, waits }]): Figure[] => {
      const object = `${lock}: ${waiter} for ${holder}`;
      return [
        { metric: 'lock.pair.count', object, value: waits.count, unit: 'count' },
        { metric: 'lock.pair.max', object, value: waits.max, unit: 'ns' },
        { metric: 'lock.pair.total', object, value: waits.total, unit: 'ns' },
      ];
    });
    return [...byLock, ...byPair];
  }

  tables(): string[][] {
    const right = ['acquired', 'contended', 'waited', 'max wait', 'held', 'max hold'];
    const locks = [...this.tallies].sort(([, a], [, b]) => b.wait.total - a.wait.total);
    const pairs = this.pairs();
    return [
      limited(
        ['LOCK'],
        right,
        locks.map(([name, { acquired, contended, wait, hold }]) => [
          printable(name),
          formatNumber(acquired),
          formatNumber(contended),
          ...[wait.total, wait.max, hold.total, hold.max].map(formatDuration),
        ]),
      ),
      limited(
        ['WAITER', 'waits for', 'lock'],
        ['times', 'total', 'max'],
        pairs.map(([lock, { waiter, holder, waits }]) => [
          ...[waiter, holder, lock].map(printable),
          formatNumber(waits.count),
          formatDuration(waits.total),
          formatDuration(waits.max),
        ]),
      ),
    ];
  }

  /** Who waited longest for whom comes first. */
  private pairs(): (readonly [string, Pair])[] {
    return [...this.tallies]
      .flatMap(([lock, { pairs }]) => [...pairs.values()].map((pair) => [lock, pair] as const))
      .sort(([, a], [, b]) => b.waits.total - a.waits.total);
  }

  private tally(lock: string): LockTally {
    let tally = this.tallies.get(lock);
    if (tally === undefined) {
      tally = new LockTally();
      this.tallies.set(lock, tally);
    }
    return tally;
  }
}

/** A table that shows the first of its rows; nothing where there is none. */
function limited(left: string[], right: string[], rows: readonly string[][]): string[] {
  if (rows.length === 0) return [];
  const columns = [
    ...left.map((title) => ({ title })),
    ...right.map((title) => ({ title, right: true })),
  ];
  const lines = table(columns, rows.slice(0, ROWS_MAX));
  const more = rows.length - ROWS_MAX;
  return more <= 0 ? lines : [...lines, `  and ${formatNumber(more)} more`];
}
