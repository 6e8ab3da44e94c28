/*
 * Runs the steps of an actor: a flat list of instructions, each one visible step or a call of a
 * kernel function.
 */
import { hashOf, type Fingerprint } from '../../engine/index.ts';
import type { Code, Context, Steps } from '../../models/context.ts';
import { smp_mb } from '../../models/cpu/store-buffer.ts';
import type { Module } from '../../models/module.ts';
import { enter_kernel, exit_to_user_loop } from '../../models/syscall.ts';
import {
  EvaluationError,
  type ArgDeclaration,
  type Argument,
  type Instruction,
  type Program,
  type Target,
} from '../load/index.ts';
import type { Op } from '../vocabulary/define.ts';
import { Activation } from './activation.ts';
import { ScenarioError } from './error.ts';
import type { Footprints } from './footprint.ts';
import { gone } from './module-text.ts';
import { isProbed, withProbes } from './probes.ts';
import type { World } from './world.ts';

/** Whose steps they are: a process's own, or code that runs in somebody else's context. */
export type Role = 'process' | 'called';

/** One run of `program` from its first step to its end; returns what `exit` says, or 0. */
export function* runSteps(
  k: Context,
  world: World,
  program: Program,
  actor: string,
  role: Role,
  text?: Module,
): Code<number> {
  const { line, doing } = k;
  const unloads = text?.unloads;
  const run = new Run(k, world, program, actor);
  k.enterSteps(run);
  // All in one generator: each one around a yield costs as much as the step itself.
  for (let at = run.next(); at !== undefined; at = run.next()) {
    try {
      if (at.kind === 'call') {
        const op = at.op as Op;
        if (role === 'process' && changesMode(k, op)) yield* enterMode(k, op);
        if (run.enters()) yield 0;
        const args = run.resolved(at);
        if (op.plain !== true) smp_mb(k.cpu);
        const started =
          world.probed && isProbed(k, op.name)
            ? withProbes(k, op, args, () => op.run(k, run.activation, args))
            : op.run(k, run.activation, args);
        const finished = typeof started === 'object' ? yield* started : started;
        // A function without a point of its own may have woken a better task; that runs before the
        // log.
        if (k.cpu.preemptionOwed) yield 0;
        run.returned(at, finished);
      } else {
        if (run.isVisible(at)) yield k.machine.costs.access;
        run.carryOut(at);
      }
      if (text !== undefined && text.unloads !== unloads) {
        yield* gone(k, actor, text, 'goes on');
        break;
      }
    } catch (error) {
      if (error instanceof EvaluationError || error instanceof RangeError)
        throw new ScenarioError(at.at, error.message);
      throw error;
    }
  }
  if (role === 'process' && !k.current.inUser) yield* exit_to_user_loop(k);
  k.leaveSteps();
  k.line = line;
  k.doing = doing;
  return run.result;
}

function changesMode(k: Context, { mode }: Op): boolean {
  return mode === (k.current.inUser ? 'kernel' : 'user');
}

/** A run of kernel words in a user process is one system call. */
function* enterMode(k: Context, { mode }: Op): Code {
  if (mode === 'kernel') {
    enter_kernel(k);
    yield k.machine.costs.syscall;
  } else {
    yield* exit_to_user_loop(k);
  }
}

type Call = Extract<Instruction, { kind: 'call' }>;

class Run implements Steps {
  readonly outer: number;
  readonly activation: Activation;
  result = 0;
  /** It has come to an `exit`. */
  private over = false;
  private readonly k: Context;
  private readonly world: World;
  private readonly program: Program;
  private readonly footprints: Footprints | null;
  /** The end of the atomic region that is being run; 0: none. */
  private atomicEnd = 0;

  constructor(k: Context, world: World, program: Program, actor: string) {
    this.k = k;
    this.world = world;
    this.program = program;
    this.activation = new Activation(actor, program.locals.length, world.variables, k);
    this.footprints = world.footprints(program);
    this.outer = k.path;
    world.activations.set(actor, this.activation);
  }

  /** Where it stands. What happened since the instruction began is the context's path. */
  feed(into: Fingerprint): void {
    into.add(hashOf(this.activation.actor));
    into.add(this.atomicEnd);
    this.activation.feed(into);
  }

  /** Begins the next instruction; undefined at the end. */
  next(): Instruction | undefined {
    const { k, activation } = this;
    const at = this.over ? undefined : this.program.code[activation.pc];
    if (at === undefined) return undefined;
    k.machine.sim.step();
    k.begin(at.at.line, at.at.text);
    k.path = 0;
    activation.pc++;
    if (activation.pc > this.atomicEnd) {
      this.atomicEnd = 0;
      k.silent = false;
    }
    return at;
  }

  /** Whether others can see the step: then this is the point before it. */
  isVisible(at: Exclude<Instruction, { kind: 'call' }>): boolean {
    if (this.atomicEnd > 0 || !isShared(at)) return false;
    if (this.footprints !== null) this.k.access(this.footprints.at(this.activation.pc - 1));
    return true;
  }

  /** Where order is open there is a point before every call that is no part of a region. */
  enters(): boolean {
    if (this.footprints === null || this.atomicEnd > 0) return false;
    this.k.enter(this.footprints.at(this.activation.pc - 1));
    return true;
  }

  carryOut(at: Exclude<Instruction, { kind: 'call' }>): void {
    const { k, world, activation } = this;
    switch (at.kind) {
      case 'log':
        world.log(k, at.label, NaN, activation.actor);
        return;
      case 'assign':
        this.assign(at.target, at.value.evaluate(activation));
        return;
      case 'assert':
        if (at.condition.evaluate(activation) === 0) world.assertionFailed(k, at);
        return;
      case 'branch':
        if (at.condition.evaluate(activation) === 0) activation.pc = at.otherwise;
        return;
      case 'jump':
        activation.pc = at.to;
        if (at.endless === true) world.rounds++;
        return;
      case 'atomic':
        smp_mb(k.cpu);
        this.atomicEnd = at.end;
        k.silent = true;
        return;
      case 'exit':
        this.result = at.value.evaluate(activation);
        if (at.label !== undefined) world.log(k, at.label, this.result, activation.actor);
        this.over = true;
    }
  }

  private assign(target: Target, value: number): void {
    if (target.kind === 'local') {
      this.activation.locals[target.slot] = value;
      return;
    }
    const index = target.index.evaluate(this.activation);
    this.activation.variable(target.variable.slot).write(this.k, index, value);
  }

  /** What a call has returned goes where the step says. */
  returned(at: Call, finished: unknown): void {
    const { k, world, activation } = this;
    const isInt = (at.op as Op).returns === 'int';
    const result = isInt && typeof finished === 'number' ? finished : NaN;
    if (isInt) {
      if (this.program.ret !== undefined) activation.locals[this.program.ret] = result;
      if (at.result !== undefined) activation.locals[at.result] = result;
    }
    if (at.label !== undefined) world.log(k, at.label, result, activation.actor);
  }

  resolved({ args, op }: Call): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < args.length; i++) values.push(this.resolve(args[i]!, op.args[i]!));
    return values;
  }

  private resolve(argument: Argument, declared: ArgDeclaration): unknown {
    switch (argument.kind) {
      case 'object':
        return this.world.object(argument.name);
      case 'actor':
        return argument.name === 'self' ? this.k.current : this.world.actor(argument.name);
      case 'value':
        return declared.kind === 'expr'
          ? (): number => argument.value.evaluate(this.activation)
          : this.kept(argument.value.evaluate(this.activation));
      case 'flags':
        return argument.value;
      case 'symbol':
        return argument.value ?? argument.text;
      case 'text':
        return argument.text;
      case 'out':
        return (value: number): void => {
          this.activation.locals[argument.slot] = value;
        };
      case 'variable':
        return this.reference(argument.target);
    }
  }

  /** A value that the call keeps while others may change what it was made of. */
  private kept(value: number): number {
    if (this.footprints !== null) this.k.saw(value);
    return value;
  }

  private reference(target: Target): unknown {
    if (target.kind === 'local') throw new Error(`$${target.name} is no shared variable`);
    return {
      variable: this.activation.variable(target.variable.slot),
      index: this.kept(target.index.evaluate(this.activation)),
    };
  }
}

function isShared(at: Exclude<Instruction, { kind: 'call' }>): boolean {
  switch (at.kind) {
    case 'assign':
      return at.target.kind === 'shared' || at.value.shared;
    case 'assert':
    case 'branch':
      return at.condition.shared;
    case 'atomic':
      return true;
    default:
      return false;
  }
}
