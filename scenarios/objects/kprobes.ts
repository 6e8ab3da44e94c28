/*
 * The object types kprobe, jprobe and kretprobe: probes of the functions that steps call, and of
 * callbacks, by their names.
 */
import { z } from 'zod';
import { Probe, probeKinds, type ProbeHandler } from '../../models/kprobes.ts';
import { ScenarioError } from '../run/error.ts';
import { serveFileCall } from '../run/file-calls.ts';
import type { World } from '../run/world.ts';
import { objectType, type ObjectType } from './object-type.ts';

const symbol = z
  .string()
  .describe('The function: a word of the step language, or an actor of kind callback.');
const handler = (when: string) =>
  z.string().optional().describe(`The actor of kind callback that runs ${when}.`);

function handlerOf(world: World, actor: string | undefined): ProbeHandler | null {
  if (actor === undefined) return null;
  return (k, args, retval) =>
    serveFileCall(k, { args: new Map([...args, ['retval', retval]]) }, world.callback(actor));
}

function checkEra(world: World, name: string, type: string): void {
  const { name: kernel } = world.machine.era;
  if (probeKinds[kernel].includes(type)) return;
  throw new ScenarioError(null, `objects.${name}: ${kernel} has no ${type}`);
}

export const probeTypes: readonly ObjectType[] = [
  objectType(
    {
      name: 'kprobe',
      fields: z.strictObject({
        symbol,
        pre_handler: handler('before the function'),
        post_handler: handler('after its first instruction'),
      }),
      about: 'A probe of a function; its handlers run with interrupts and preemption off.',
      source: 'kernel/kprobes.c',
    },
    (world, name, fields) => {
      checkEra(world, name, 'kprobe');
      const before = handlerOf(world, fields.pre_handler);
      const post = handlerOf(world, fields.post_handler);
      const options = { name, symbol: fields.symbol, before, post, after: null, maxactive: 0 };
      return new Probe(options);
    },
  ),
  objectType(
    {
      name: 'jprobe',
      fields: z.strictObject({ symbol, entry: handler('first, with the arguments') }),
      about: 'A probe that gets the arguments of a function (until 4.14).',
      source: 'kernel/kprobes.c',
    },
    (world, name, fields) => {
      checkEra(world, name, 'jprobe');
      const before = handlerOf(world, fields.entry);
      const options = { symbol: fields.symbol, post: null, after: null, maxactive: 0 };
      return new Probe({ name, before, ...options });
    },
  ),
  objectType(
    {
      name: 'kretprobe',
      fields: z.strictObject({
        symbol,
        handler: z
          .string()
          .describe('The actor that runs when the function returns: its argument is retval.'),
        entry_handler: handler('before the function'),
        maxactive: z
          .int()
          .min(1)
          .optional()
          .describe('Calls that it follows at a time (default: one for each CPU).'),
      }),
      about: 'A probe of the return of a function.',
      source: 'kernel/kprobes.c',
    },
    (world, name, fields) => {
      checkEra(world, name, 'kretprobe');
      const before = handlerOf(world, fields.entry_handler);
      const after = handlerOf(world, fields.handler);
      // With a preemptible kernel it is max(10, 2 * NR_CPUS), otherwise NR_CPUS.
      const { cpus, preemption } = world.machine;
      const preemptible = preemption === 'full' || preemption === 'lazy' || preemption === 'rt';
      const usual = preemptible ? Math.max(10, 2 * cpus.length) : cpus.length;
      const maxactive = fields.maxactive ?? usual;
      return new Probe({ name, symbol: fields.symbol, before, post: null, after, maxactive });
    },
  ),
];
