/*
 * Objects whose lifetime is the point: allocated memory, reference counters, queues of socket
 * buffers with a limit.
 */
import { z } from 'zod';
import { SlabObject } from '../../models/mm/slab.ts';
import { SkbFifo } from '../../models/net/skb-fifo.ts';
import { Refcount } from '../../models/refcount.ts';
import { objectType, type ObjectType } from './object-type.ts';
import type { World } from '../run/world.ts';

const mem = objectType(
  {
    name: 'mem',
    short: 'state',
    fields: z.strictObject({
      state: z
        .enum(['absent', 'live'])
        .default('absent')
        .describe('live: it was allocated before the run begins.'),
      size: z.int().min(1).max(0x400000).default(64).describe('Bytes.'),
      contains: z
        .array(z.string())
        .default([])
        .describe('Timers, works and tasklets that are part of it: they go with it.'),
    }),
    about: 'Memory behind a pointer: kmalloc, kfree, and deref for an access.',
    source: 'mm/slab_common.c',
  },
  (world, name, { state, size, contains }) => {
    const object = new SlabObject(name, size, contains);
    if (state === 'live') object.allocate(world.machine.cpus[0]!);
    return object;
  },
);

const ref = objectType(
  {
    name: 'ref',
    aliases: ['refcount', 'kref'],
    short: 'count',
    fields: z.strictObject({
      count: z.int().min(0).default(1).describe('References at the start.'),
      atEnd: z
        .int()
        .min(0)
        .optional()
        .describe('How many there must be when all has ended (refcount-leak if there are more).'),
    }),
    about: 'A reference counter (refcount_t, struct kref).',
    source: 'lib/refcount.c',
  },
  (world, name, { count, atEnd }) => {
    const made = new Refcount(name, count);
    if (atEnd !== undefined) world.whenAllEnded.push(() => checkReferences(world, made, atEnd));
    return made;
  },
);

function checkReferences({ machine }: World, made: Refcount, atEnd: number): void {
  const { name, refs, latest } = made;
  if (refs <= atEnd) return;
  const text = `unreferenced object ${name}: ${refs} references at the end, not ${atEnd}`;
  machine.findings.report(machine.cpus[0]!, 'refcount-leak', text, {
    objects: [name],
    actors: latest === null ? [] : [latest.actor],
    places: latest === null ? [] : [latest],
    lines:
      latest === null ? [] : [`the latest was taken by ${latest.actor} in line ${latest.line}`],
  });
}

const skbq = objectType(
  {
    name: 'skbq',
    short: 'capacity',
    fields: z.strictObject({
      capacity: z.int().min(1).default(1).describe('Buffers that it holds; others are dropped.'),
    }),
    about: 'A queue of socket buffers that drops what does not fit, as a receive queue does.',
    source: 'include/net/sock.h',
  },
  (_world, name, { capacity }) => new SkbFifo(name, capacity),
);

export const lifetimeTypes: readonly ObjectType[] = [mem, ref, skbq];
