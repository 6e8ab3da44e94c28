/*
 * Runs the steps of an actor: a flat list of instructions, each one visible step or a call of a
 * kernel function.
 */
import { hashOf, type Fingerprint } from '../../engine/index.ts';
import type { Code, Context, Steps } from '../../models/context.ts';
import { enter_kernel, exit_to_user_loop } from '../../models/syscall.ts';
import {
  EvaluationError,
  type ArgDeclaration,
  type Argument,
  type Instruction,
  type Program,
  type Target,
} from '../load/index.ts';
import type { Op, Result } from '../vocabulary/define.ts';
import { Activation } from './activation.ts';
import { ScenarioError } from './error.ts';
import type { Footprints } from './footprint.ts';
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
): Code<number> {
  const activation = new Activation(actor, program.locals.length, world.variables, k);
  world.activations.set(actor, activation);
  const { line, doing } = k;
  const run = new Run(k, world, program, activation, role);
  k.enterSteps(run);
  const result = yield* run.all();
  k.leaveSteps();
  k.line = line;
  k.doing = doing;
  return result;
}

class Run implements Steps {
  readonly outer: number;
  private readonly k: Context;
  private readonly world: World;
  private readonly program: Program;
  private readonly activation: Activation;
  private readonly role: Role;
  private readonly footprints: Footprints | null;
  /** The end of the atomic region that is being run; 0: none. */
  private atomicEnd = 0;

  constructor(k: Context, world: World, program: Program, activation: Activation, role: Role) {
    this.k = k;
    this.world = world;
    this.program = program;
    this.activation = activation;
    this.role = role;
    this.footprints = world.footprints(program);
    this.outer = k.path;
  }

  /** Where it stands. What happened since the instruction began is the context's path. */
  feed(into: Fingerprint): void {
    into.add(hashOf(this.activation.actor));
    into.add(this.atomicEnd);
    this.activation.feed(into);
  }

  *all(): Code<number> {
    const { code } = this.program;
    const { sim } = this.k.machine;
    for (let at = code[this.activation.pc]; at !== undefined; at = code[this.activation.pc]) {
      sim.step();
      this.k.begin(at.at.line, at.at.text);
      this.k.path = 0;
      this.activation.pc++;
      if (this.activation.pc > this.atomicEnd) {
        this.atomicEnd = 0;
        this.k.silent = false;
      }
      try {
        if (at.kind === 'exit') return yield* this.exit(at);
        yield* this.one(at);
      } catch (error) {
        if (error instanceof EvaluationError || error instanceof RangeError)
          throw new ScenarioError(at.at, error.message);
        throw error;
      }
    }
    return yield* this.leave(0);
  }

  private *one(at: Exclude<Instruction, { kind: 'exit' }>): Code {
    switch (at.kind) {
      case 'call':
        yield* this.call(at);
        return;
      case 'log':
        this.world.log(this.k, at.label, NaN, this.activation.actor);
        return;
      case 'assign':
        if (at.target.kind === 'shared' || at.value.shared) yield* this.visible();
        this.assign(at.target, at.value.evaluate(this.activation));
        return;
      case 'assert':
        if (at.condition.shared) yield* this.visible();
        if (at.condition.evaluate(this.activation) === 0) this.world.assertionFailed(this.k, at);
        return;
      case 'branch':
        if (at.condition.shared) yield* this.visible();
        if (at.condition.evaluate(this.activation) === 0) this.activation.pc = at.otherwise;
        return;
      case 'jump':
        this.activation.pc = at.to;
        if (at.endless === true) this.world.rounds++;
        return;
      case 'atomic':
        yield* this.visible();
        this.atomicEnd = at.end;
        this.k.silent = true;
    }
  }

  /** The point before a step that others can see. */
  private *visible(): Code {
    if (this.atomicEnd > 0) return;
    const { k, footprints } = this;
    if (footprints !== null) k.access(footprints.at(this.activation.pc - 1));
    yield k.machine.costs.access;
  }

  private assign(target: Target, value: number): void {
    if (target.kind === 'local') {
      this.activation.locals[target.slot] = value;
      return;
    }
    const index = target.index.evaluate(this.activation);
    this.activation.variable(target.variable.slot).write(this.k, index, value);
  }

  private *call(at: Extract<Instruction, { kind: 'call' }>): Code {
    const op = at.op as Op;
    const { k, world, activation, footprints } = this;
    if (this.role === 'process') yield* this.enterMode(op);
    if (footprints !== null && this.atomicEnd === 0) {
      k.enter(footprints.at(this.activation.pc - 1));
      yield 0;
    }
    const args = at.args.map((argument, i) => this.resolve(argument, op.args[i]!));
    const call = (): Result => op.run(k, activation, args);
    const started = isProbed(k, op.name) ? withProbes(k, op, args, call) : call();
    const finished = typeof started === 'object' ? yield* started : started;
    // A function without a point of its own may have woken a better task; that runs before the log.
    if (k.cpu.preemptionOwed) yield 0;
    const result = op.returns === 'int' && typeof finished === 'number' ? finished : NaN;
    if (op.returns === 'int') {
      if (this.program.ret !== undefined) activation.locals[this.program.ret] = result;
      if (at.result !== undefined) activation.locals[at.result] = result;
    }
    if (at.label !== undefined) world.log(k, at.label, result, activation.actor);
  }

  /** A run of kernel words in a user process is one system call. */
  private *enterMode(op: Op): Code {
    const { inUser } = this.k.current;
    if (op.mode === 'kernel' && inUser) {
      enter_kernel(this.k);
      yield this.k.machine.costs.syscall;
    } else if (op.mode === 'user' && !inUser) {
      yield* exit_to_user_loop(this.k);
    }
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

  private *exit(at: Extract<Instruction, { kind: 'exit' }>): Code<number> {
    const value = at.value.evaluate(this.activation);
    if (at.label !== undefined) {
      this.world.log(this.k, at.label, value, this.activation.actor);
    }
    return yield* this.leave(value);
  }

  private *leave(value: number): Code<number> {
    const { k } = this;
    if (this.role === 'process' && !k.current.inUser) yield* exit_to_user_loop(k);
    return value;
  }
}
