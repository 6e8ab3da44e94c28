/*
 * How a type of object that a scenario may declare is tied to what it becomes.
 */
import type { z } from 'zod';
import type { ObjectTypeDeclaration } from '../load/index.ts';
import type { World } from '../run/world.ts';

export interface ObjectType extends ObjectTypeDeclaration {
  readonly create: (
    world: World,
    name: string,
    fields: Readonly<Record<string, unknown>>,
  ) => unknown;
}

/** Ties the fields' schema to what `create` gets. */
export function objectType<F extends z.ZodObject>(
  declaration: ObjectTypeDeclaration & { readonly fields: F },
  create: (world: World, name: string, fields: z.output<F>) => unknown,
): ObjectType {
  return { ...declaration, create: create as ObjectType['create'] };
}
