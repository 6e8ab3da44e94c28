/*
 * dd: reads a file in blocks of a given size, as `dd bs=1` does.
 */
import { z } from 'zod';
import { program } from './define.ts';
import { declareReading, readFile, reading } from './read-file.ts';

export const dd = program(
  {
    name: 'dd',
    kind: 'user',
    about: 'Reads a file in blocks and prints it; `dd.bytes(ACTOR)` and the like tell.',
    with: z.strictObject({
      path: z.string().describe('The file (if=).'),
      bs: z.int().min(1).max(1_048_576).default(512).describe('The size of a block.'),
      count: z.int().min(1).optional().describe('Blocks at most (default: to the end).'),
      ...reading,
    }),
  },
  (world, { path, bs, count, quiet, expected }, self) => {
    declareReading(world, 'dd', self);
    const how = { program: 'dd', path, size: bs, count: count ?? Infinity, quiet, expected };
    return (k) => readFile(k, world, self, how);
  },
);
