/*
 * Who woke whom and who holds what, at a place of the timeline.
 */
import type { Kind } from '../format.ts';
import type { Lane, Timeline, Track } from './model.ts';

const WAKE_UPS = ['sched_waking', 'sched_wakeup', 'sched_wakeup_new'];

export class Relations {
  private readonly timeline: Timeline;
  private readonly wakings: ReadonlySet<number>;
  private readonly byName: ReadonlyMap<string, Lane>;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
    const { rows, lanes } = timeline;
    this.wakings = new Set(WAKE_UPS.map((event) => rows.numberOf('event', event)));
    this.byName = new Map(lanes.map((lane) => [`${lane.group} ${lane.name}`, lane]));
  }

  lane(group: Lane['group'], name: string): Lane | undefined {
    return this.byName.get(`${group} ${name}`);
  }

  /** The last row up to `at` that woke a task, of those that belong together the first; or -1. */
  wakeUpBefore(pid: number, at: number): number {
    const { rows } = this.timeline;
    const [, end] = this.timeline.rowsIn(0, at);
    let found = -1;
    for (let i = end - 1; i >= 0; i--) {
      if (!this.wakes(i, pid)) continue;
      found = i;
      if (rows.text('event', i) !== 'sched_wakeup') return i;
      // The sched_waking to it is just before, if it is recorded.
      for (let j = i - 1; j >= 0 && rows.timeNs[j] === rows.timeNs[i]; j--) {
        if (this.wakes(j, pid)) return j;
      }
      return found;
    }
    return found;
  }

  /** The first row from `at` on that wakes a task, or -1. */
  wakeUpAfter(pid: number, at: number): number {
    const { rows } = this.timeline;
    for (let i = this.timeline.rowsIn(at, at)[0]; i < rows.count; i++) {
      if (this.wakes(i, pid)) return i;
    }
    return -1;
  }

  private wakes(row: number, pid: number): boolean {
    const { rows } = this.timeline;
    return rows.value[row] === pid && this.wakings.has(rows.texts.event[row]!);
  }

  /** The rows of a CPU in which it wakes somebody. */
  wakeUpsIn(cpu: number, from: number, to: number): number[] {
    const { rows } = this.timeline;
    const [begin, end] = this.timeline.rowsIn(from, to);
    const waking = rows.numberOf('event', 'sched_waking');
    const found: number[] = [];
    for (let i = begin; i < end && found.length < 20; i++) {
      if (rows.cpu[i] === cpu && rows.texts.event[i] === waking) found.push(i);
    }
    return found;
  }

  /** Who acted in a row: an interrupt, a softirq or a task, by name. */
  actor(row: number): string {
    const { rows } = this.timeline;
    const context = rows.text('context', row);
    const cpu = rows.cpu[row]!;
    const pid = rows.pid[row]!;
    const comm = rows.text('comm', row);
    const task = pid > 0 ? `${comm}/${pid}` : comm;
    if (context !== 'hardirq' && context !== 'softirq') return task;
    const name = this.during(cpu, context, this.timeline.place(row));
    return `${context} ${name}`.trimEnd() + ` on CPU ${cpu}, on top of ${task}`;
  }

  /** The interrupt or softirq that a CPU is in; its end belongs to it. */
  private during(cpu: number, kind: Kind, at: number): string {
    const track = this.lane('cpu', `CPU ${cpu}`)?.track(kind);
    if (track === undefined) return '';
    for (const i of track.within(at, at)) return this.label(track, i);
    const last = [...track.within(at - 1, at)].pop();
    return last === undefined ? '' : this.label(track, last);
  }

  label(track: Track, index: number): string {
    return this.timeline.labels[track.label[index]!]!;
  }

  /** Who has a lock, or waits for it, at a place. */
  at(lock: string, kind: 'holding' | 'waiting', at: number): string[] {
    const track = this.lane('lock', lock)?.track(kind);
    if (track === undefined) return [];
    return this.labelsAt(track, at);
  }

  /** The locks that somebody has at a place. */
  heldBy(actor: string, at: number): string[] {
    const locks = this.timeline.lanes.filter(({ group }) => group === 'lock');
    return locks
      .filter(({ name }) => this.at(name, 'holding', at).includes(actor))
      .map(({ name }) => name);
  }

  /** The lock that a task waits for at a place. */
  waitsFor(task: Lane, at: number): string | null {
    const track = task.track('waiting');
    const index = track?.at(at) ?? -1;
    return track === undefined || index < 0 ? null : this.label(track, index);
  }

  private labelsAt(track: Track, at: number): string[] {
    const found: string[] = [];
    for (const i of track.within(at, at)) {
      if (track.from[i]! <= at && track.to[i]! > at) found.push(this.label(track, i));
    }
    return [...new Set(found)];
  }
}
