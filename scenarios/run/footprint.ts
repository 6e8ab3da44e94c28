/*
 * What a step touches that others may touch too: the shared variables of its expressions, the
 * objects and actors that a call names. Strategies of an explored run see by it whose order
 * matters.
 */
import type { Access } from '../../engine/index.ts';
import type { Argument, Instruction, Program, Target } from '../load/index.ts';
import type { World } from './world.ts';

/** An access before it is known what the name or the slot of a variable stands for. */
interface Touch {
  readonly kind: 'variable' | 'object' | 'actor';
  readonly slot: number;
  readonly name: string;
  readonly writes: boolean;
}

/** Of the instructions of a program, whatever the world: made when first asked for. */
const touches = new WeakMap<Program, (readonly Touch[] | undefined)[]>();

/** The footprints of the instructions of one program in one world, made when first asked for. */
export class Footprints {
  private readonly world: World;
  private readonly program: Program;
  private readonly touches: (readonly Touch[] | undefined)[];
  private readonly made: (readonly Access[] | undefined)[] = [];

  constructor(world: World, program: Program) {
    this.world = world;
    this.program = program;
    let known = touches.get(program);
    if (known === undefined) touches.set(program, (known = []));
    this.touches = known;
  }

  /** Of the instruction at `pc`; of an atomic region, everything in it. */
  at(pc: number): readonly Access[] {
    return (this.made[pc] ??= this.make(pc));
  }

  private make(pc: number): Access[] {
    const accesses: Access[] = [];
    for (const { kind, slot, name, writes } of this.touched(pc)) {
      const object =
        kind === 'variable'
          ? this.world.variables[slot]
          : kind === 'object'
            ? this.world.object(name)
            : this.world.actor(name);
      if (typeof object === 'object' && object !== null) accesses.push({ object, writes });
    }
    return accesses;
  }

  private touched(pc: number): readonly Touch[] {
    return (this.touches[pc] ??= this.look(this.program.code[pc]!, pc));
  }

  private look(at: Instruction, pc: number): readonly Touch[] {
    switch (at.kind) {
      case 'assign':
        return [...reads(at.value.reads), ...writes(at.target)];
      case 'assert':
      case 'branch':
        return reads(at.condition.reads);
      case 'exit':
        return reads(at.value.reads);
      case 'call':
        return at.args.flatMap(ofArgument);
      case 'atomic': {
        const inside: Touch[] = [];
        for (let i = pc + 1; i < at.end; i++) inside.push(...this.touched(i));
        return inside;
      }
      case 'log':
      case 'jump':
        return [];
    }
  }
}

function ofArgument(argument: Argument): Touch[] {
  switch (argument.kind) {
    case 'object':
    case 'actor':
      return [{ kind: argument.kind, slot: -1, name: argument.name, writes: true }];
    case 'value':
      return reads(argument.value.reads);
    case 'variable':
      return writes(argument.target);
    default:
      return [];
  }
}

function reads(slots: readonly number[]): Touch[] {
  return slots.map((slot) => ({ kind: 'variable', slot, name: '', writes: false }));
}

function writes(target: Target): Touch[] {
  if (target.kind === 'local') return [];
  const { variable, index } = target;
  const written: Touch = { kind: 'variable', slot: variable.slot, name: '', writes: true };
  return [...reads(index.reads), written];
}
