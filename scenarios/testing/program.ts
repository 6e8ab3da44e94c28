/*
 * Programs in TypeScript: actors are generator functions over the kernel functions of
 * `lockstep/models`, and share variables of which each access is a step that others can see.
 */
import { createHash } from 'node:crypto';
import { LimitReached, type Fingerprint, type RunBounds } from '../../engine/index.ts';
import { report_hangs } from '../../models/checks/hang.ts';
import type { Finding } from '../../models/checks/findings.ts';
import type { Code, Context } from '../../models/context.ts';
import { costPresets } from '../../models/costs.ts';
import { ArrivalMove } from '../../models/cpu/moves.ts';
import type { KernelName, PreemptionModel } from '../../models/era.ts';
import { EV } from '../../models/events.ts';
import { IrqLine } from '../../models/irq/line.ts';
import { kthread_create } from '../../models/kthread.ts';
import { Machine } from '../../models/machine.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import type { Task } from '../../models/sched/task.ts';
import { Explorable, type Place, type Run, type StrategyOf } from '../explore/explorable.ts';
import type { Expected } from '../explore/expected.ts';

export interface ProgramDefinition {
  readonly name: string;
  /** linux-6.1 if left out. */
  readonly kernel?: KernelName;
  /** 2 if left out. */
  readonly cpus?: number;
  readonly preemption?: PreemptionModel;
  /** Makes the objects and actors, anew for each schedule. */
  readonly setup: (system: System) => void;
}

/** A variable that actors share. */
export class Shared {
  readonly name: string;
  value: number;

  constructor(name: string, value: number) {
    this.name = name;
    this.value = value;
  }

  /** A visible step. */
  *read(k: Context): Code<number> {
    yield* access(k, `read ${this.name}`, this, false);
    return this.value;
  }

  /** A visible step. */
  *write(k: Context, value: number): Code {
    yield* access(k, `${this.name} = ${value}`, this, true);
    this.value = value;
  }

  feed(into: Fingerprint): void {
    into.add(this.value);
  }
}

function* access(k: Context, text: string, object: object, writes: boolean): Code {
  k.begin(0, text);
  k.access([{ object, writes }]);
  yield k.machine.costs.access;
  // What comes next is none of this step.
  k.begin(0, '');
}

/** The point before something that others can see, for functions that have none of their own. */
export function* step(k: Context, text: string, ...objects: readonly object[]): Code {
  k.begin(0, text);
  k.access(objects.map((object) => ({ object, writes: true })));
  yield 0;
}

type Body = (k: Context) => Code<unknown>;

/** Vectors of the interrupt lines. */
const FIRST_IRQ = 32;

/** What `setup` builds the program with. */
export class System {
  readonly machine: Machine;
  readonly checks: { readonly text: string; readonly holds: () => boolean }[] = [];
  readonly tasks: Task[] = [];
  /** By their names. */
  readonly objects = new Map<string, object>();
  private readonly interrupts: number;
  private lines = 0;

  constructor(machine: Machine, interrupts: number) {
    this.machine = machine;
    this.interrupts = interrupts;
  }

  shared(name: string, value = 0): Shared {
    return new Shared(name, value);
  }

  /** Makes a lock, a wait queue and the like known to the reports. */
  add<T extends { readonly name: string }>(object: T): T {
    this.objects.set(object.name, object);
    return object;
  }

  /** A kernel thread that runs from the beginning. */
  kthread(name: string, body: Body, { cpu = 0 }: { readonly cpu?: number } = {}): Task {
    const code = function* (k: Context): Code<number> {
      yield* body(k);
      return 0;
    };
    const task = kthread_create(this.machine, code, { name, cpu, allowed: [cpu] });
    this.tasks.push(task);
    wake_up_process(task.cpu, task);
    return task;
  }

  /** A device that may interrupt at any step, `times` times at most. */
  irq(
    name: string,
    body: Body,
    { cpu = 0, times }: { readonly cpu?: number; readonly times?: number } = {},
  ): void {
    const exploration = this.machine.exploration!;
    exploration.curbed ||= times === undefined;
    const line = new IrqLine({
      name,
      number: FIRST_IRQ + this.lines++,
      handler: function* (k): Code {
        yield* body(k);
      },
      entryEvent: EV.irq_handler_entry,
      exitEvent: EV.irq_handler_exit,
    });
    const home = this.machine.cpus[cpu]!;
    const move = new ArrivalMove(home, line, times ?? this.interrupts, () => void home.raise(line));
    exploration.offer(move);
  }

  /** What must hold once everything has ended. */
  finally(text: string, holds: () => boolean): void {
    this.checks.push({ text, holds });
  }
}

/** Says that something in the program is not as it should be. */
export function check(k: Context, holds: boolean, text: string): void {
  if (!holds) k.machine.findings.report(k.cpu, 'assertion', `assertion failed: ${text}`);
}

export class DefinedProgram extends Explorable {
  readonly definition: ProgramDefinition;
  readonly expected: Expected = { must: [], allowed: new Set() };

  constructor(definition: ProgramDefinition, bounds: RunBounds) {
    super(bounds);
    this.definition = definition;
  }

  /** Of the program's text: what it calls is not in it. */
  override get hash(): string {
    const { name, setup } = this.definition;
    return createHash('sha256')
      .update(`${name}\n${String(setup)}`)
      .digest('hex')
      .slice(0, 8);
  }

  override start(strategyOf: StrategyOf): Run {
    let place: Place | null = null;
    const strategy = strategyOf(() => place!);
    const { kernel = 'linux-6.1', cpus = 2, preemption = 'none', setup } = this.definition;
    const { steps, anyTimeouts, interrupts } = this.bounds;
    const machine = new Machine({
      kernel,
      cpus,
      hz: 1000,
      preemption,
      costs: costPresets.ideal,
      seed: 1,
      strategy,
      maxSteps: steps,
      explored: true,
      anyTimeouts,
      texts: this.texts,
    });
    // Nobody can feed what a closure has in its variables.
    place = { machine, fingerprint: () => NaN };
    const system = new System(machine, interrupts);
    setup(system);
    return { world: place, end: () => ended(system) };
  }
}

function ended({ machine, tasks, checks, objects }: System): readonly Finding[] {
  const { findings, sim, cpus } = machine;
  try {
    if (sim.run() !== 'quiescent') return findings.all;
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return findings.all;
  }
  findings.underWay = findings.all.length;
  report_hangs(machine, tasks, objects);
  for (const { text, holds } of checks) {
    if (!holds()) findings.report(cpus[0]!, 'assertion', `finally does not hold: ${text}`);
  }
  return findings.all;
}
