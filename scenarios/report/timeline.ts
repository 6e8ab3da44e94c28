/*
 * A trace as a timeline: a lane for each CPU, task, lock and queue, with what goes on in it when.
 *
 * The axis is time or, for a run that a schedule has decided and in which time says nothing, the
 * rows of the trace. The intervals are those of `lockstep query`, the queues those of
 * `lockstep stats`.
 */
import { TextTable } from '../../engine/index.ts';
import { Intervals, type Interval } from '../analysis/intervals.ts';
import { Lanes } from '../analysis/lanes.ts';
import { readTrace } from '../analysis/run-folder.ts';
import { emptyRow, type TraceRow } from '../analysis/trace-row.ts';
import type { Axis, Group, Kind, PackedTimeline } from './format.ts';
import { GROUPS } from './format.ts';
import { LockPlaces } from './lock-places.ts';
import { Modes } from './modes.ts';
import { Packer } from './packer.ts';
import { RowColumns } from './rows.ts';
import { Sleeps } from './sleeps.ts';
import { LaneTracks } from './tracks.ts';

/** A change of the length of a queue. */
export interface QueueChange {
  readonly timeNs: number;
  readonly queue: string;
  readonly length: number;
}

/** The timeline of a folder's trace, packed. @throws NoTraceFolder */
export function timelineOf(
  folder: string,
  axis: Axis,
  endNs: number,
  queues: Iterable<QueueChange>,
): { readonly text: string; readonly lanes: Readonly<Record<Group, number>> } {
  const timeline = new Timeline(axis);
  readTrace(folder, (row) => timeline.see(row));
  return timeline.pack(endNs, queues);
}

/** The name of an actor that is no task. */
const IN_INTERRUPT = /\/(hardirq|softirq)\/\d+$/;

class Timeline {
  private readonly axis: Axis;
  private readonly rows = new RowColumns();
  private readonly intervals = new Intervals((interval) => this.found(interval));
  private readonly cpus = new Lanes();
  private readonly modes = new Modes();
  private readonly sleeps = new Sleeps();
  private readonly locks = new LockPlaces();
  private readonly labels = new TextTable();
  private readonly lanes = new Map<string, LaneTracks>();
  /** A row as the axis has it. */
  private readonly placed = emptyRow();
  private count = 0;
  private times: number[] = [];

  constructor(axis: Axis) {
    this.axis = axis;
  }

  see(row: TraceRow): void {
    this.rows.see(row);
    const at = this.axis === 'time' ? row.timeNs : this.count;
    if (this.axis === 'rows') this.times.push(row.timeNs);
    this.count++;
    this.cpus.settle(row);
    const actor = row.cpu < 0 ? '' : this.cpus.lane(row.cpu).actor;
    const since = actor === '' ? NaN : this.locks.see(row, at, actor);
    if (row.cpu >= 0) this.lane('cpu', `CPU ${row.cpu}`, row.cpu);
    this.intervals.see(this.axis === 'time' ? row : this.placedAt(row, at, since));
    this.sleeps.see(row);
    this.modes.see(row, at);
    this.cpus.apply(row);
  }

  /** The row as if each one took a moment; durations in it are counted in rows too. */
  private placedAt(row: TraceRow, at: number, since: number): TraceRow {
    const lasted = row.event === 'lock_release' || row.event === 'lock_acquired';
    const value = lasted && row.value === row.value ? at - since : row.value;
    return Object.assign(this.placed, row, { timeNs: at, value });
  }

  private found({ kind, actor, pid, cpu, object, fromNs, toNs }: Interval): void {
    if (kind === 'running') this.ran(actor, pid, cpu, object, fromNs, toNs);
    else if (kind === 'holding')
      this.lane('lock', object, -1).add(kind, fromNs, toNs, this.label(actor));
    else if (kind === 'waiting') this.waited(actor, pid, object, fromNs, toNs);
    else {
      const label = kind === 'sleeping' ? this.sleeps.reason(pid) : '';
      this.task(actor, pid).add(kind, fromNs, toNs, this.label(label));
    }
  }

  private ran(actor: string, pid: number, cpu: number, as: string, from: number, to: number): void {
    const lane = this.lane('cpu', `CPU ${cpu}`, cpu);
    if (as !== 'task') {
      const name = as === 'idle' ? 'idle' : actor.slice(0, actor.lastIndexOf(`/${as}/`));
      lane.add(as as Kind, from, to, this.label(name));
      return;
    }
    const label = this.label(actor);
    const task = this.task(actor, pid);
    const where = this.label(`CPU ${cpu}`);
    this.modes.split(cpu, from, to, (mode, begin, end) => {
      lane.add(mode, begin, end, label);
      task.add(mode, begin, end, where);
    });
  }

  private waited(actor: string, pid: number, lock: string, from: number, to: number): void {
    this.lane('lock', lock, -1).add('waiting', from, to, this.label(actor));
    // An interrupt that spins does so on somebody's stack, not on their behalf.
    if (!IN_INTERRUPT.test(actor)) this.task(actor, pid).add('waiting', from, to, this.label(lock));
  }

  private task(actor: string, pid: number): LaneTracks {
    return this.lane('task', actor, pid);
  }

  private lane(group: Group, name: string, id: number): LaneTracks {
    const key = `${group} ${id < 0 ? name : id}`;
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = new LaneTracks(group, name, id);
      this.lanes.set(key, lane);
    }
    return lane;
  }

  private label(text: string): number {
    return this.labels.intern(text);
  }

  pack(endNs: number, queues: Iterable<QueueChange>): ReturnType<typeof timelineOf> {
    const end = this.axis === 'time' ? endNs : this.count;
    this.intervals.end(end);
    for (const { lock, actor, since } of this.locks.holders) {
      if (end > since) this.lane('lock', lock, -1).add('holding', since, end, this.label(actor));
    }
    for (const { timeNs, queue, length } of queues) {
      this.lane('queue', queue, -1).becomes('length', this.place(timeNs), length);
    }
    const packer = new Packer();
    const lanes = inOrder([...this.lanes.values()]).map((lane) => lane.pack(packer));
    const rows = this.rows.pack(packer);
    const { axis } = this;
    const header: PackedTimeline = { axis, end, labels: this.labels.known().texts, lanes, rows };
    const counts = GROUPS.map((group) => [
      group,
      lanes.filter((one) => one.group === group).length,
    ]);
    return {
      text: packer.text(header),
      lanes: Object.fromEntries(counts) as Record<Group, number>,
    };
  }

  /** Where on the axis a time is. */
  private place(timeNs: number): number {
    if (this.axis === 'time') return timeNs;
    let low = 0;
    for (let high = this.times.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.times[middle]! < timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** CPUs and tasks by number, queues by name, locks as they came. */
function inOrder(lanes: readonly LaneTracks[]): LaneTracks[] {
  return GROUPS.flatMap((group) =>
    lanes.filter((lane) => lane.group === group).sort((a, b) => a.id - b.id || byQueue(a, b)),
  );
}

function byQueue(a: LaneTracks, b: LaneTracks): number {
  if (a.group !== 'queue') return 0;
  const [[nameA, numberA], [nameB, numberB]] = [parts(a.name), parts(b.name)];
  return nameA === nameB ? numberA - numberB : nameA < nameB ? -1 : 1;
}

/** `run queue 10` comes after `run queue 9`. */
function parts(name: string): readonly [string, number] {
  const [number = ''] = /\d*$/.exec(name) ?? [];
  return [name.slice(0, name.length - number.length), Number(number)];
}
