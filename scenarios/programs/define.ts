/*
 * Built-in programs: what an actor may run in place of steps, written against the kernel API.
 */
import type { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import type { ProgramDeclaration } from '../load/index.ts';
import type { World } from '../run/world.ts';

/** The actor that runs the program. */
export interface Self {
  readonly name: string;
  /** The number of the copy when the actor has a `count`. */
  readonly index: number;
}

export interface BuiltIn extends ProgramDeclaration {
  /** Called when the actor is made; the result runs each time the actor does. */
  readonly create: (
    world: World,
    parameters: Readonly<Record<string, unknown>>,
    self: Self,
  ) => (k: Context) => Code<number>;
}

/** Ties the parameters' schema to what `create` gets. */
export function program<W extends z.ZodObject>(
  declaration: ProgramDeclaration & { readonly with: W },
  create: (world: World, parameters: z.output<W>, self: Self) => (k: Context) => Code<number>,
): BuiltIn {
  return { ...declaration, create: create as BuiltIn['create'] };
}
