/*
 * The object type user_memory: a buffer of user space, with pages that are there, must be fetched,
 * or are bad.
 */
import { z } from 'zod';
import { UserMemory, pageStates } from '../../models/mm/user-memory.ts';
import type { ObjectType } from './object-type.ts';

/** Buffers without an address of their own follow each other from here on, this far apart. */
const FIRST_ADDRESS = 0x10000000;
const DISTANCE = 0x100000;

const fields = z.strictObject({
  pages: z
    .array(z.enum(pageStates))
    .min(1)
    .max(DISTANCE / 4096)
    .default(['present'])
    .describe('The state of each page of 4096 bytes.'),
  address: z
    .int()
    .optional()
    .describe('Where it is; a bad pointer may point anywhere (negative: the upper half).'),
  shared: z
    .boolean()
    .default(true)
    .describe('One memory for all processes that use it; otherwise each has its own.'),
  fill: z.int().min(0).max(255).default(0x75).describe('What its bytes hold at first.'),
});

export const userMemory: ObjectType = {
  name: 'user_memory',
  fields,
  about: 'A buffer in the memory of processes, at the same address in each.',
  source: 'include/linux/mm_types.h',
  create: (world, name, given) => {
    const { address, ...options } = given as z.output<typeof fields>;
    const own = FIRST_ADDRESS + world.objects.size * DISTANCE;
    return new UserMemory({ name, address: address ?? own, ...options });
  },
};
