/*
 * What a step touches that others may touch too: the shared variables of its expressions, the
 * objects and actors that a call names. Strategies of an explored run see by it whose order
 * matters.
 */
import type { Access } from '../../engine/index.ts';
import type { Argument, Instruction, Program, Target } from '../load/index.ts';
import type { World } from './world.ts';

/** The footprints of the instructions of one program in one world, made when first asked for. */
export class Footprints {
  private readonly world: World;
  private readonly program: Program;
  private readonly made: (readonly Access[] | undefined)[] = [];

  constructor(world: World, program: Program) {
    this.world = world;
    this.program = program;
  }

  /** Of the instruction at `pc`; of an atomic region, everything in it. */
  at(pc: number): readonly Access[] {
    return (this.made[pc] ??= this.make(this.program.code[pc]!, pc));
  }

  private make(at: Instruction, pc: number): Access[] {
    switch (at.kind) {
      case 'assign':
        return [...this.reads(at.value.reads), ...this.writes(at.target)];
      case 'assert':
      case 'branch':
        return this.reads(at.condition.reads);
      case 'exit':
        return this.reads(at.value.reads);
      case 'call':
        return at.args.flatMap((argument) => this.argument(argument));
      case 'atomic': {
        const inside: Access[] = [];
        for (let i = pc + 1; i < at.end; i++) inside.push(...this.at(i));
        return inside;
      }
      case 'log':
      case 'jump':
        return [];
    }
  }

  private argument(argument: Argument): Access[] {
    switch (argument.kind) {
      case 'object':
        return [{ object: this.world.object(argument.name) as object, writes: true }];
      case 'actor': {
        const actor = this.world.actor(argument.name);
        return typeof actor === 'object' && actor !== null ? [{ object: actor, writes: true }] : [];
      }
      case 'value':
        return this.reads(argument.value.reads);
      case 'variable':
        return this.writes(argument.target);
      default:
        return [];
    }
  }

  private reads(slots: readonly number[]): Access[] {
    return slots.map((slot) => ({ object: this.world.variables[slot]!, writes: false }));
  }

  private writes(target: Target): Access[] {
    if (target.kind === 'local') return [];
    const { variable, index } = target;
    const written = { object: this.world.variables[variable.slot]!, writes: true };
    return [...this.reads(index.reads), written];
  }
}
