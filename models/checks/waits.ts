/*
 * Who waits for whom: for a lock, its holders (a reader: writers that hold it or came before); for
 * the end of a handler or a task, whoever runs it; and whoever is covered on its CPU, by an
 * interrupt or by a spinner that does not give way, for what covers it. When the waits close to a
 * circle nothing of it ever goes on, though others still run. Semaphores are nobody's: anyone may
 * give them back, so they are in no circle.
 */
import { Interest } from '../../engine/index.ts';
import type { Context } from '../context.ts';
import { EV } from '../events.ts';
import { HOOK, LOCK_HOOK, SYNC_SPINS } from '../hooks.ts';
import type { Machine } from '../machine.ts';
import { TASK_DEAD, TASK_RUNNING, type Task } from '../sched/task.ts';
import { report_cycle } from './deadlock.ts';
import { note_ran } from './priority.ts';
import { note_overtaken } from './starvation.ts';

export interface Holder {
  readonly k: Context;
  readonly task: Task;
  readonly reads: boolean;
  readonly line: number;
}

/** What somebody waits for. */
export interface Wait {
  readonly k: Context;
  readonly task: Task;
  /** The text of the lock, or of what runs. */
  readonly object: number;
  /** Of LOCK_HOOK. */
  readonly bits: number;
  /** The pid of the task whose end it is; 0: of none. */
  readonly pid: number;
  readonly line: number;
  readonly since: number;
  /** Others that have got the lock since, though they came later. */
  overtaken: number;
  /** The last of them. */
  by: Context | null;
  /** In an explored run: how many choices had been made when it began, and when last overtaken. */
  readonly begun: number;
  passed: number;
  /** ns for which a task of a priority in between has kept the owner from going on. */
  inverted: number;
}

/** One wait of a circle: `next` is the reason, by `object` or by standing on its CPU. */
export interface Edge {
  readonly from: Context;
  readonly wait: Wait | null;
  readonly to: Context;
}

const HEARS = new Interest([
  HOOK.lock_taken,
  HOOK.lock_wait,
  HOOK.lock_freed,
  HOOK.lock_downgrade,
  HOOK.sync_wait,
  HOOK.sync_done,
  EV.sched_switch,
  EV.lock_release,
  EV.irq_handler_entry,
  EV.irq_handler_exit,
  EV.timer_expire_entry,
  EV.timer_expire_exit,
  EV.tasklet_entry,
  EV.tasklet_exit,
  EV.workqueue_execute_start,
  EV.workqueue_execute_end,
]);

export class Waits {
  readonly waiting = new Map<Context, Wait>();
  /** In circles that have been reported. */
  readonly dead = new Set<Context>();
  private readonly machine: Machine;
  private readonly held = new Map<number, Holder[]>();
  /** Since when each CPU's task runs. */
  private readonly switched: number[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    machine.trace.subscribe((time, cpu, _context, _pid, _comm, _flags, event, object, value, a) => {
      if (event === EV.sched_switch) this.ran(time, cpu);
      else this.hear(cpu, event, object, value, a);
    }, HEARS);
  }

  /** Those who have the lock, or run what has this text. */
  holders(object: number): readonly Holder[] {
    return this.held.get(object) ?? [];
  }

  private hear(cpu: number, event: number, object: number, value: number, a: number): void {
    switch (event) {
      case HOOK.lock_taken:
        this.taken(this.context(cpu, a >> LOCK_HOOK.depthShift), object, a);
        return;
      case HOOK.lock_wait:
        this.begins(this.context(cpu, a >> LOCK_HOOK.depthShift), object, a, 0);
        return;
      case EV.lock_release:
        this.released(this.machine.cpus[cpu]!.top, object, value);
        return;
      case HOOK.sync_wait: {
        const k = this.context(cpu, a % SYNC_SPINS);
        const bits = (a & SYNC_SPINS) === 0 ? 0 : LOCK_HOOK.spins;
        this.begins(k, object, bits, Math.floor(a / (2 * SYNC_SPINS)));
        return;
      }
      case HOOK.sync_done:
        this.waiting.delete(this.context(cpu, a));
        return;
      case HOOK.lock_freed:
        this.held.delete(object);
        return;
      case HOOK.lock_downgrade:
        this.drop(this.machine.cpus[cpu]!.top, object);
        this.hold(this.machine.cpus[cpu]!.top, object, true);
        return;
      case EV.irq_handler_entry:
      case EV.timer_expire_entry:
      case EV.tasklet_entry:
      case EV.workqueue_execute_start:
        this.hold(this.machine.cpus[cpu]!.top, object, false);
        return;
      case EV.irq_handler_exit:
      case EV.timer_expire_exit:
      case EV.tasklet_exit:
      case EV.workqueue_execute_end:
        this.drop(this.machine.cpus[cpu]!.top, object);
    }
  }

  /** The task that gives up the CPU is its current one still. */
  private ran(time: number, cpu: number): void {
    const start = this.switched[cpu] ?? 0;
    this.switched[cpu] = time;
    if (this.waiting.size === 0 || start === time) return;
    const { current } = this.machine.cpus[cpu]!;
    note_ran(this.machine, this.machine.cpus[cpu]!, current, start);
  }

  private context(cpu: number, depth: number): Context {
    let k = this.machine.cpus[cpu]!.top;
    while (k.depth > depth && k.below !== null) k = k.below;
    return k;
  }

  private taken(k: Context, object: number, bits: number): void {
    const wait = this.waiting.get(k);
    if (wait?.object === object) this.waiting.delete(k);
    this.hold(k, object, (bits & LOCK_HOOK.reads) !== 0);
    if (this.waiting.size === 0) return;
    for (const other of this.waiting.values()) {
      if (other.object === object && other.since <= (wait?.since ?? Infinity)) {
        note_overtaken(this.machine, other, k);
      }
    }
  }

  private hold(k: Context, object: number, reads: boolean): void {
    const holder = { k, task: k.current, reads, line: k.line };
    const holders = this.held.get(object);
    if (holders === undefined) this.held.set(object, [holder]);
    else holders.push(holder);
  }

  /** Without a value it was not held: a wait was given up. */
  private released(k: Context, object: number, value: number): void {
    if (value !== value) this.waiting.delete(k);
    else this.drop(k, object);
  }

  /** Its own hold, or the oldest if somebody else gives it back. */
  private drop(k: Context, object: number): void {
    const holders = this.held.get(object);
    if (holders === undefined || holders.length === 0) return;
    if (holders.length === 1) {
      holders.pop();
      return;
    }
    const mine = holders.findIndex((holder) => holder.k === k);
    holders.splice(Math.max(0, mine), 1);
  }

  private begins(k: Context, object: number, bits: number, pid: number): void {
    const wait: Wait = {
      k,
      task: k.current,
      object,
      bits,
      pid,
      line: k.line,
      since: this.machine.sim.now,
      overtaken: 0,
      by: null,
      begun: this.machine.exploration?.picks ?? 0,
      passed: -1,
      inverted: 0,
    };
    this.waiting.set(k, wait);
    const cycle = this.circle(k);
    if (cycle === null) return;
    for (const { from } of cycle) this.dead.add(from);
    report_cycle(this.machine, cycle);
  }

  /** The waits from `k` back to `k`; null if there are none. */
  private circle(k: Context): Edge[] | null {
    const seen = new Set<Context>();
    const way: Edge[] = [];
    const search = (from: Context): boolean => {
      if (seen.has(from)) return false;
      seen.add(from);
      for (const edge of this.edges(from)) {
        way.push(edge);
        if (edge.to === k || search(edge.to)) return true;
        way.pop();
      }
      return false;
    };
    return search(k) ? way : null;
  }

  /** Everyone without whom `k` does not go on. */
  edges(k: Context): Edge[] {
    const wait = this.waiting.get(k) ?? null;
    const edges: Edge[] = [];
    if (wait !== null) {
      for (const to of this.needed(wait)) edges.push({ from: k, wait, to });
    }
    const cover = this.cover(k);
    if (cover !== null) edges.push({ from: k, wait: null, to: cover });
    return edges;
  }

  private needed({ k, object, bits, pid }: Wait): Context[] {
    if ((bits & LOCK_HOOK.ownerless) !== 0) return [];
    if (pid !== 0) {
      const task = this.machine.tasks.get(pid);
      return task === undefined ? [] : [baseOf(task)];
    }
    const reads = (bits & LOCK_HOOK.reads) !== 0;
    const needed: Context[] = [];
    for (const holder of this.holders(object)) {
      if (!reads || !holder.reads) needed.push(holder.k);
    }
    if (!reads) return needed;
    for (const other of this.waiting.values()) {
      if (other.k === k) break;
      if (other.object === object && (other.bits & LOCK_HOOK.reads) === 0) needed.push(other.k);
    }
    return needed;
  }

  /** What keeps `k` from its CPU and waits itself without giving way. */
  private cover(k: Context): Context | null {
    const { cpu } = k;
    const { top } = cpu;
    if (top === k || ((this.waiting.get(top)?.bits ?? 0) & LOCK_HOOK.spins) === 0) return null;
    if (top.kind === 'task' && cpu.preempt_count === 0 && this.machine.preemptible) return null;
    for (let below = top.below; below !== null; below = below.below) if (below === k) return top;
    const task = this.taskOf(k);
    const runnable = task !== null && task.state === TASK_RUNNING && task.cpu === k.cpu;
    return runnable && k.cpu.current !== task ? top : null;
  }

  private taskOf(k: Context): Task | null {
    const wait = this.waiting.get(k);
    if (wait !== undefined) return k.kind === 'task' ? wait.task : null;
    for (const task of this.machine.tasks.values()) {
      for (let own: Context | null = task.top; own !== null; own = own.below) {
        if (own === k) return task;
      }
    }
    return null;
  }

  /** Whoever has it cannot give it back: it has ended. */
  abandoned({ k, task }: Holder): boolean {
    return k.left || task.state === TASK_DEAD;
  }
}

/** The context in which the task's own code runs. */
export function baseOf(task: Task): Context {
  let k = task.cpu.current === task ? task.cpu.top : task.top;
  while (k.below !== null) k = k.below;
  return k;
}
