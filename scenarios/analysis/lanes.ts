/*
 * What each CPU does between two rows of a trace: which interrupts and softirqs lie on which task.
 * A row tells the state at its moment; what it changes is known by its event. Each row's context
 * sets right what a selection of events has left out.
 */
import type { TraceRow } from './trace-row.ts';

/** What runs on a task's stack without being the task. */
export interface Frame {
  readonly kind: 'hardirq' | 'softirq';
  readonly name: string;
  /** It and its CPU, as `eth0/hardirq/1`. */
  readonly actor: string;
  readonly sinceNs: number;
}

/** The entries of hard interrupts, and what ends them. */
const HARDIRQS = ['irq_handler', 'local_timer', 'reschedule', 'irq_work'];
const ENTRIES = new Set(HARDIRQS.map((name) => `${name}_entry`));
const EXITS = new Set(HARDIRQS.map((name) => `${name}_exit`));

/** Whether a row begins a hard interrupt. */
export function isHardirqEntry(event: string): boolean {
  return ENTRIES.has(event);
}

/** Whether a row ends a hard interrupt. */
export function isHardirqExit(event: string): boolean {
  return EXITS.has(event);
}

export class Lane {
  readonly cpu: number;
  frames: Frame[] = [];
  pid = 0;
  task: string;
  /** Of interrupts and softirqs by their names: made once, since many rows ask for them. */
  private readonly actors = {
    hardirq: new Map<string, string>(),
    softirq: new Map<string, string>(),
  };

  constructor(cpu: number) {
    this.cpu = cpu;
    this.task = taskName(`swapper/${cpu}`, 0);
  }

  get top(): Frame | undefined {
    return this.frames[this.frames.length - 1];
  }

  /** Who acts: a task, or an interrupt or softirq of this CPU, as `eth0/hardirq/1`. */
  get actor(): string {
    return this.top?.actor ?? this.task;
  }

  push(kind: Frame['kind'], name: string, sinceNs: number): void {
    let actor = this.actors[kind].get(name);
    if (actor === undefined) {
      actor = `${name}/${kind}/${this.cpu}`;
      this.actors[kind].set(name, actor);
    }
    this.frames.push({ kind, name, actor, sinceNs });
  }
}

/** A task by its name and pid: several may have one name. */
export function taskName(comm: string, pid: number): string {
  return pid === 0 ? comm : `${comm}/${pid}`;
}

export class Lanes {
  readonly all: Lane[] = [];
  private readonly names: string[] = [];
  /** An interrupt that sleeps, which none may, goes away with the task it lies on. */
  private readonly parked = new Map<number, Frame[]>();

  /** The lane of a CPU. */
  lane(cpu: number): Lane {
    for (let id = this.all.length; id <= cpu; id++) this.all.push(new Lane(id));
    return this.all[cpu]!;
  }

  /** The name of a task. Names are made once; a task that renames itself keeps its first. */
  nameOf(comm: string, pid: number): string {
    if (pid <= 0) return comm;
    return (this.names[pid] ??= taskName(comm, pid));
  }

  /** Before a row is looked at: ends what its context says has ended. */
  settle(row: TraceRow): void {
    if (row.cpu < 0) return;
    const lane = this.lane(row.cpu);
    const { frames } = lane;
    if (row.context === 'softirq') {
      while (lane.top?.kind === 'hardirq') frames.pop();
    } else if (row.context !== 'hardirq') {
      frames.length = 0;
    }
    if (lane.pid === row.pid) return;
    lane.pid = row.pid;
    lane.task = this.nameOf(row.comm, row.pid);
  }

  /** After a row was looked at: what it begins and ends. */
  apply(row: TraceRow): void {
    if (row.cpu < 0) return;
    const lane = this.lane(row.cpu);
    const { event, object, timeNs } = row;
    if (event === 'sched_switch') {
      if (lane.frames.length > 0) this.parked.set(lane.pid, lane.frames);
      lane.frames = this.parked.get(row.value) ?? [];
      this.parked.delete(row.value);
      lane.pid = row.value;
      lane.task = this.nameOf(object, row.value);
    } else if (event === 'softirq_entry') {
      lane.push('softirq', object, timeNs);
    } else if (event === 'softirq_exit') {
      if (lane.top?.kind === 'softirq') lane.frames.pop();
    } else if (isHardirqEntry(event)) {
      lane.push('hardirq', object, timeNs);
    } else if (isHardirqExit(event) && lane.top?.kind === 'hardirq') {
      lane.frames.pop();
    }
  }
}
