/*
 * The object type module: what insmod loads and rmmod unloads.
 */
import { z } from 'zod';
import { Module } from '../../models/module.ts';
import { ScenarioError } from '../run/error.ts';
import type { World } from '../run/world.ts';
import { objectType, type ObjectType } from './object-type.ts';

const actor = (what: string) => z.string().optional().describe(what);

export const moduleType: ObjectType = objectType(
  {
    name: 'module',
    fields: z.strictObject({
      init: actor('The actor of kind callback that is its module_init function.'),
      exit: actor('The actor of kind callback that is its module_exit function.'),
      text: z
        .array(z.string())
        .default([])
        .describe('Further actors whose code is part of it, and gone with it.'),
      loaded: z.boolean().default(false).describe('It is there from the beginning.'),
    }),
    about: 'A loadable module, with a count of its users.',
    source: 'kernel/module/main.c',
  },
  (world, name, { init, exit, text, loaded }) => {
    const functions = {
      init: init === undefined ? null : world.lateCallback(init),
      exit: exit === undefined ? null : world.lateCallback(exit),
    };
    const mod = new Module(name, functions, loaded);
    // Its init and exit functions cannot run after it is gone.
    for (const part of text) world.textOf.set(part, mod);
    return mod;
  },
);

/** The module that a field of another object names. */
export function moduleOf(world: World, name: string, path: string): Module {
  const found = world.object(name);
  if (found instanceof Module) return found;
  throw new ScenarioError(null, `${path}: no module '${name}' stands before it`);
}
