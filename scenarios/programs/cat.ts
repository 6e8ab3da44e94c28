/*
 * cat: reads a file to its end with a large buffer.
 */
import { z } from 'zod';
import { duration } from '../load/index.ts';
import { nanosleep } from '../../models/user/unistd.ts';
import { program } from './define.ts';
import { declareReading, readFile, reading } from './read-file.ts';

export const cat = program(
  {
    name: 'cat',
    kind: 'user',
    about: 'Reads files to their ends and prints them; `cat.bytes(ACTOR)` and the like tell.',
    with: z.strictObject({
      path: z
        .union([z.string(), z.array(z.string()).min(1)])
        .describe('The file, or a list of files.'),
      buffer: z.int().min(1).max(1_048_576).default(4096).describe('The size of each read.'),
      every: duration.optional().describe('Reads them again and again, with this pause.'),
      times: z.int().min(1).default(1).describe('How often it reads them.'),
      ...reading,
    }),
  },
  (world, { path, buffer, every, times, quiet, expected }, self) => {
    declareReading(world, 'cat', self);
    const paths = typeof path === 'string' ? [path] : path;
    return function* (k) {
      let status = 0;
      for (let time = 0; time < times; time++) {
        if (time > 0 && every !== undefined) yield* nanosleep(k, every);
        for (const one of paths) {
          const how = { program: 'cat', path: one, size: buffer, count: Infinity, quiet, expected };
          status = Math.max(status, yield* readFile(k, world, self, how));
        }
      }
      return status;
    };
  },
);
