/*
 * A context: one flow of control on a CPU. A task has one at its base; a signal handler or an
 * interrupt is another on top of it. Kernel code is a generator that gets its context as `k` and
 * yields operations; a CPU carries them out.
 */
import { hashOf, mixed, type Access, type Fingerprint, type Stateful } from '../engine/index.ts';
import type { Cpu } from './cpu/cpu.ts';
import type { Machine } from './machine.ts';
import type { Task } from './sched/task.ts';

/**
 * What kernel code yields: a number >= 0 burns that many ns of CPU time (interruptible where
 * interrupts are on); the negative ones are named below.
 */
export type Op = number;

/** schedule(): gives up the CPU as the task's state says. */
export const SCHEDULE: Op = -1;
/** preempt_schedule(): gives up the CPU but stays runnable whatever the state says. */
export const PREEMPT: Op = -2;
/** Occupies the CPU until another context calls `unspin` on this one. */
export const SPIN: Op = -3;
/** The idle task waits for an interrupt. */
export const IDLE: Op = -4;
/** The end of the code; queued behind time that it still owes. */
export const LEAVE: Op = -5;

/** Kernel code: may take virtual time, block or be interrupted at each `yield`. */
export type Code<T = void> = Generator<Op, T, number>;

/** The same, for a caller to whom its result does not matter. */
export function* withoutResult(code: Code<unknown>): Code {
  yield* code;
}

const NOTHING: readonly Access[] = [];

export type ContextKind = 'task' | 'interrupt';

/** Steps that a context is carrying out: where they stand, and what they keep. */
export interface Steps extends Stateful {
  /** The path up to their beginning. */
  readonly outer: number;
}

/** Fed in the place of an identity. */
export const NOBODY = 0x7fffffff;

/** A context can have no more of them on top of it. */
const DEEPEST = 64;

export class Context {
  readonly kind: ContextKind;
  cpu: Cpu;
  /** Whose program runs: a task, or the handler that an interrupt or softirq is executing. */
  actor: string;
  /** The line of the scenario's step that is being carried out; 0: none. */
  line = 0;
  /** That step as the scenario writes it. */
  doing = '';
  /** How often it is in rcu_read_lock(). */
  rcu_read_lock_nesting = 0;
  /** Steps of the scenario that it has begun. */
  begun = 0;
  /** When it did, in steps of the run. */
  beganAt = 0;
  /** What it is executing for the machine rather than for its task. */
  serving: 'hardirq' | 'softirq' | null = null;
  /** What this context interrupted on its CPU. */
  below: Context | null = null;
  /** How many are below it. */
  depth = 0;
  /** Its code has ended. */
  left = false;
  code: Iterator<Op, unknown, number>;
  private last: ((k: Context, result: number) => Code) | null = null;
  /** ns that an operation still needs, its rest when an interrupt came. */
  remaining = 0;
  /** It burns until this instant, whatever comes in between; -1: time of its own. */
  deadline = -1;
  /** The operation to carry out once `remaining` has been burnt. */
  deferred: Op = 0;
  spinning = false;
  /** It was told that its wait is over before it began to spin. */
  unspun = false;
  /** Asked when it is back on top while spinning; true: what it spins for is its own now. */
  retry: (() => boolean) | null = null;
  /** It stands before a step that others can see: in an explored run, until it is chosen. */
  atPoint = false;
  /** What that step touches. */
  footprint: readonly Access[] = NOTHING;
  /** The next step belongs to a point that was passed already. */
  private passes = false;
  /** Steps are part of an atomic region: no points. */
  silent = false;
  /** In an explored run: a hash of what its code did since the latest step of a scenario began. */
  path = 0;
  /** Steps under way, the innermost last. */
  steps: Steps[] | null = null;
  /** The pid of the task whose context it is, below 0 an interrupt's CPU. */
  private readonly number: number;

  constructor(kind: ContextKind, cpu: Cpu, actor: string, pid = -1 - cpu.id) {
    this.kind = kind;
    this.number = pid;
    this.cpu = cpu;
    this.actor = actor;
    this.code = noCode;
  }

  /** It begins the step `doing`, which stands in `line`. */
  begin(line: number, doing: string): void {
    this.line = line;
    this.doing = doing;
    this.begun++;
    this.beganAt = this.cpu.machine.sim.steps;
  }

  get machine(): Machine {
    return this.cpu.machine;
  }

  /** The task on whose stack this runs, as the kernel's `current`. */
  get current(): Task {
    return this.cpu.current;
  }

  /** A visible step on `object` that takes `ns`: the point where something else may come first. */
  step(object: object | null, ns: number): Op {
    if (this.cpu.explores) {
      if (this.passes || this.silent) this.passes = false;
      else this.access(object === null ? NOTHING : [{ object, writes: true }]);
    }
    return ns;
  }

  /**
   * The point before a whole operation that touches `footprint`; the first step that the operation
   * takes itself is part of it.
   */
  enter(footprint: readonly Access[]): void {
    this.access(footprint);
    this.passes = true;
  }

  /** The point before a step that touches `footprint`. */
  access(footprint: readonly Access[]): void {
    this.passes = false;
    this.atPoint = true;
    this.footprint = footprint;
  }

  /** In an explored run: its code keeps `value` in a variable of its own from here on. */
  saw(value: number): void {
    this.path = mixed(this.path, value);
  }

  /** It carries out steps of a scenario, until `leaveSteps`. */
  enterSteps(steps: Steps): void {
    (this.steps ??= []).push(steps);
    this.path = 0;
  }

  leaveSteps(): void {
    const { outer } = this.steps!.pop()!;
    this.path = mixed(outer, this.path);
  }

  /** The same for a context that has taken the place of an equal one. */
  get identity(): number {
    return (this.number * DEEPEST + this.depth) * 2 + (this.left ? 1 : 0);
  }

  feed(into: Fingerprint): void {
    into.add(this.identity);
    into.add(hashOf(this.actor));
    into.add(this.remaining);
    into.add(this.deferred);
    into.add(
      (this.spinning ? 1 : 0) |
        (this.unspun ? 2 : 0) |
        (this.retry === null ? 0 : 4) |
        (this.atPoint ? 8 : 0) |
        (this.passes ? 16 : 0) |
        (this.silent ? 32 : 0),
    );
    into.add(this.path);
    if (this.steps === null) return;
    for (const steps of this.steps) {
      into.add(steps.outer);
      steps.feed(into);
    }
  }

  /**
   * Its code is `first`, then `last` with what that has returned. One after the other is faster
   * than one around the other: every generator around a yield takes part in it.
   */
  runs(first: (k: Context) => Code<number>, last: (k: Context, result: number) => Code): void {
    this.code = { next: () => (this.code = first(this)).next(0) };
    this.last = last;
  }

  /** The next operation of its code. */
  resume(): IteratorResult<Op, unknown> {
    const result = this.code.next(0);
    if (result.done !== true || this.last === null) return result;
    this.code = this.last(this, result.value as number);
    this.last = null;
    return this.code.next(0);
  }

  /** Charges time for work without a point of its own; it is burnt with the next operation. */
  spend(ns: number): void {
    this.cpu.debt += ns;
  }
}

const noCode: Iterator<Op, unknown, number> = {
  next() {
    throw new Error('a context was run before it got its code');
  },
};
