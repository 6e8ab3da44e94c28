/*
 * A trace as intervals: who runs on which CPU in which way, who sleeps or waits for a CPU, who
 * holds a lock and who waits for one. They are made for SQL to join.
 */
import { Lanes, type Lane } from './lanes.ts';
import { detailText, type TraceRow } from './trace-row.ts';

export const INTERVAL_COLUMNS = [
  'kind',
  'actor',
  'pid',
  'cpu',
  'object',
  'from_ns',
  'to_ns',
] as const;

export type IntervalKind = 'running' | 'sleeping' | 'runnable' | 'holding' | 'waiting';

export interface Interval {
  readonly kind: IntervalKind;
  readonly actor: string;
  readonly pid: number;
  /** Where it runs; -1 where that says nothing. */
  readonly cpu: number;
  /** The lock; of running, `task`, `hardirq` or `softirq`. */
  readonly object: string;
  readonly fromNs: number;
  readonly toNs: number;
}

/** Finds the intervals of a trace; each is handed out when it ends. */
export class Intervals {
  private readonly lanes = new Lanes();
  private readonly running: Interval[] = [];
  /** What tasks are in that have no CPU. */
  private readonly off = new Map<number, Interval>();
  private readonly waiting = new Map<string, Interval>();
  private readonly found: (interval: Interval) => void;

  constructor(found: (interval: Interval) => void) {
    this.found = found;
  }

  see(row: TraceRow): void {
    const { lanes } = this;
    lanes.settle(row);
    if (row.cpu >= 0) this.locks(row, lanes.lane(row.cpu));
    this.tasks(row);
    lanes.apply(row);
    if (row.cpu >= 0) this.runs(lanes.lane(row.cpu), row.timeNs);
  }

  end(timeNs: number): void {
    for (const open of [this.running, this.off.values(), this.waiting.values()]) {
      for (const interval of open) this.close(interval, timeNs);
    }
  }

  private runs(lane: Lane, timeNs: number): void {
    const { actor, cpu, pid } = lane;
    const before = this.running[cpu];
    if (before?.actor === actor) return;
    this.close(before, timeNs);
    const object = lane.top?.kind ?? (pid === 0 ? 'idle' : 'task');
    this.running[cpu] = { kind: 'running', actor, pid, cpu, object, fromNs: timeNs, toNs: timeNs };
  }

  private tasks(row: TraceRow): void {
    const { event, value, timeNs } = row;
    if (event === 'sched_wakeup' || event === 'sched_wakeup_new') {
      // Who has not yet left the CPU goes on without having slept.
      if (event === 'sched_wakeup_new' || this.off.has(value)) {
        this.becomes('runnable', value, this.lanes.nameOf(row.object, value), timeNs);
      }
    } else if (event === 'sched_switch') {
      if (value > 0) {
        this.close(this.off.get(value), timeNs);
        this.off.delete(value);
      }
      const state = detailText(row.detail, 'prev_state');
      if (row.pid <= 0 || state.startsWith('X')) return;
      const kind = state.startsWith('R') ? 'runnable' : 'sleeping';
      this.becomes(kind, row.pid, this.lanes.nameOf(row.comm, row.pid), timeNs);
    }
  }

  private becomes(kind: IntervalKind, pid: number, actor: string, timeNs: number): void {
    this.close(this.off.get(pid), timeNs);
    this.off.set(pid, { kind, actor, pid, cpu: -1, object: '', fromNs: timeNs, toNs: timeNs });
  }

  /** Times held and waited stand in the rows that end them; a wait without an end lasts. */
  private locks(row: TraceRow, { actor }: Lane): void {
    const { event, object, value, pid, timeNs } = row;
    const whole = (kind: IntervalKind): void =>
      this.found({ kind, actor, pid, cpu: -1, object, fromNs: timeNs - value, toNs: timeNs });
    if (event === 'lock_release' && value === value) whole('holding');
    else if (event === 'lock_contended') {
      const wait = { actor, pid, cpu: -1, object, fromNs: timeNs, toNs: timeNs };
      this.waiting.set(`${object} ${timeNs} ${pid}`, { kind: 'waiting', ...wait });
    } else if (event === 'lock_acquired') {
      const key = `${object} ${timeNs - value} ${pid}`;
      this.close(this.waiting.get(key), timeNs);
      this.waiting.delete(key);
    } else if (event === 'lock_release') {
      const key = [...this.waiting.keys()].find(
        (one) => this.waiting.get(one)?.actor === actor && this.waiting.get(one)?.object === object,
      );
      if (key === undefined) return;
      this.close(this.waiting.get(key), timeNs);
      this.waiting.delete(key);
    }
  }

  private close(interval: Interval | undefined, timeNs: number): void {
    if (interval !== undefined && timeNs > interval.fromNs) {
      this.found({ ...interval, toNs: timeNs });
    }
  }
}
