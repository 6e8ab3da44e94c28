/*
 * The object type nf_sockopt_ops: ranges of socket options that a module handles.
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import { PF_INET, type Length, type NfSockoptOps } from '../../models/net/nf_sockopt.ts';
import { serveFileCall } from '../run/file-calls.ts';
import type { World } from '../run/world.ts';
import { moduleOf } from './modules.ts';
import { objectType, type ObjectType } from './object-type.ts';

const bound = (what: string) => z.int().min(0).default(0).describe(what);

export const sockoptType: ObjectType = objectType(
  {
    name: 'nf_sockopt_ops',
    fields: z.strictObject({
      set_optmin: bound('The first option that `set` handles.'),
      set_optmax: bound('The first one after them.'),
      set: z
        .string()
        .optional()
        .describe('The actor of kind callback that handles setsockopt: optval, user, len.'),
      get_optmin: bound('The first option that `get` handles.'),
      get_optmax: bound('The first one after them.'),
      get: z
        .string()
        .optional()
        .describe('The actor that handles getsockopt: optval, user, len (setArgument changes it).'),
      owner: z.string().optional().describe('The module whose code the handlers are.'),
    }),
    about: 'Options of PF_INET sockets (level SOL_IP) that a module handles.',
    source: 'net/netfilter/nf_sockopt.c',
  },
  (world, name, { set, get, owner, ...ranges }): NfSockoptOps => ({
    name,
    pf: PF_INET,
    ...ranges,
    set: set === undefined ? null : handler<number>(world, set),
    get: get === undefined ? null : handler<Length>(world, get),
    owner: owner === undefined ? null : moduleOf(world, owner, `objects.${name}.owner`),
    use: 0,
    cleanup_task: null,
  }),
);

function handler<L extends number | Length>(world: World, actor: string) {
  return (k: Context, optval: number, user: number, len: L): Code<number> => {
    const args = new Map<string, number | Length>(Object.entries({ optval, user, len }));
    return serveFileCall(k, { args }, world.callback(actor));
  };
}
