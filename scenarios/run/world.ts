/*
 * A scenario brought to life: its machine, objects, shared variables and actors, and where they
 * report to.
 */
import { Fingerprint, hashOf, type Stateful } from '../../engine/index.ts';
import type { Code, Context } from '../../models/context.ts';
import { EV } from '../../models/events.ts';
import { Lock } from '../../models/locking/lock.ts';
import type { Machine } from '../../models/machine.ts';
import type { Module } from '../../models/module.ts';
import { Task } from '../../models/sched/task.ts';
import type { Instruction, Program } from '../load/index.ts';
import type { Activation } from './activation.ts';
import { ScenarioError } from './error.ts';
import { Footprints } from './footprint.ts';
import { MetricSet } from './metrics.ts';
import { NetStack } from './net-stack.ts';
import type { SharedVariable } from './variables.ts';

/** Hears of every labelled step, as it happens. */
export type LogListener = (k: Context, label: string, result: number, actor: string) => void;

export class World {
  readonly machine: Machine;
  readonly variables: readonly SharedVariable[];
  readonly metrics = new MetricSet();
  readonly objects = new Map<string, unknown>();
  readonly actors = new Map<string, unknown>();
  /** The latest run of each actor's steps: tells where it stands. */
  readonly activations = new Map<string, Activation>();
  onLog: LogListener | null = null;
  /** Called when the run has ended, before the figures are read. */
  readonly atEnd: (() => void)[] = [];
  /** What must hold once everything has ended. */
  readonly whenAllEnded: (() => void)[] = [];
  /** The modules to which the code of actors belongs. */
  readonly textOf = new Map<string, Module>();
  /** Opens a file that the scenario names; relative to the scenario's own place. */
  readonly readFile: (path: string) => Uint8Array;
  /** In an explored run: how often each line interrupts at most, if nothing says how often. */
  readonly interrupts: number;
  /** Rounds of loops without a condition: services, which need not end. */
  rounds = 0;
  /** What has state besides objects and actors. */
  readonly parts: Stateful[] = [];
  /** A built-in program runs, or chance decides: of their variables nothing is known here. */
  opaque = false;
  /** The scenario looks at the clock: then it belongs to the state. */
  readsTime = false;
  /** The scenario has probes of kernel functions. */
  probed = false;
  private readonly state = new Fingerprint();
  private readonly made = new Map<Program, Footprints>();
  private stack: NetStack | null = null;

  constructor(
    machine: Machine,
    variables: readonly SharedVariable[],
    readFile: (path: string) => Uint8Array,
    interrupts: number,
  ) {
    this.interrupts = interrupts;
    this.machine = machine;
    this.variables = variables;
    this.readFile = readFile;
  }

  /** The network, made when something first needs it. */
  get net(): NetStack {
    this.stack ??= new NetStack(this.machine);
    return this.stack;
  }

  /** The network if anything has used it. */
  get netIfUsed(): NetStack | null {
    return this.stack;
  }

  /** Of a program's instructions; null where nobody asks, since time decides what comes next. */
  footprints(program: Program): Footprints | null {
    if (this.machine.exploration === null) return null;
    let made = this.made.get(program);
    if (made === undefined) this.made.set(program, (made = new Footprints(this, program)));
    return made;
  }

  /**
   * The state of the run as a number, with what a search knows of it; NaN if not all of it could be
   * fed, for what is not known may differ.
   */
  fingerprint(known: number): number {
    const { state, machine } = this;
    state.reset();
    state.add(known < 0 ? known : hashOf(machine.texts.text(known)));
    if (this.readsTime) state.add(machine.sim.now);
    if (this.stack !== null || this.opaque) state.known = false;
    for (const variable of this.variables) variable.feed(state);
    for (const object of this.objects.values()) state.object(object);
    for (const actor of this.actors.values()) this.feedActor(actor);
    for (const part of this.parts) part.feed(state);
    machine.feed(state);
    return state.known ? state.value : NaN;
  }

  /** Tasks are the machine's; code that others call and the names of softirqs have no state. */
  private feedActor(actor: unknown): void {
    if (actor instanceof Task || typeof actor === 'function' || typeof actor === 'string') return;
    this.state.object(actor);
  }

  object(name: string): unknown {
    return this.objects.get(name);
  }

  actor(name: string): unknown {
    return this.actors.get(name);
  }

  /** The code of an actor that others call; it returns what the actor says with `exit`. */
  callback(name: string): (k: Context) => Code<number> {
    const code = this.actors.get(name);
    if (typeof code === 'function') return code as (k: Context) => Code<number>;
    throw new ScenarioError(null, `'${name}' is no actor of kind callback`);
  }

  /** The same for an object, which is made before the actors are. */
  lateCallback(name: string): (k: Context) => Code<number> {
    return (k) => this.callback(name)(k);
  }

  locks(): Lock[] {
    return [...this.objects.values()].filter((object) => object instanceof Lock);
  }

  /** A labelled step: a row of the trace, with the result of the call if it had one. */
  log(k: Context, label: string, result: number, actor: string): void {
    const { machine } = this;
    if (machine.trace.on) k.cpu.emit(EV.log, machine.texts.intern(label), result);
    this.onLog?.(k, label, result, actor);
  }

  assertionFailed(k: Context, at: Extract<Instruction, { kind: 'assert' }>): void {
    const text = `assertion failed: ${at.condition.text} (line ${at.at.line})`;
    const objects = at.condition.reads.map((slot) => this.variables[slot]!.name);
    this.machine.findings.report(k.cpu, 'assertion', text, { objects: [...new Set(objects)] });
  }
}
