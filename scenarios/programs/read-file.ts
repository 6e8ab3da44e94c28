/*
 * What cat and dd have in common: reading a file to its end, a buffer at a time, and saying what
 * came.
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import { O_RDONLY, open } from '../../models/fs/open.ts';
import { read } from '../../models/fs/read_write.ts';
import { UserBuffer } from '../../models/fs/uio.ts';
import { close, printf } from '../../models/user/unistd.ts';
import type { World } from '../run/world.ts';
import type { Self } from './define.ts';
import { strerror } from './strerror.ts';

/** Parameters of a program that reads. */
export const reading = {
  quiet: z.boolean().default(false).describe('Prints nothing of what it reads.'),
  expected: z
    .string()
    .optional()
    .describe('What should come: the metric `wrong` is 1 if something else does.'),
};

export interface Reading {
  readonly program: string;
  readonly path: string;
  readonly size: number;
  /** Reads at most. */
  readonly count: number;
  readonly quiet: boolean;
  readonly expected?: string | undefined;
}

/** The figures of a program, which exist even if it never gets to run. */
const FIGURES = ['bytes', 'reads', 'errno', 'wrong'];

export function declareReading(world: World, program: string, self: Self): void {
  for (const name of FIGURES) world.metrics.count(`${program}.${name}`, self.name, 0);
}

/** Returns the exit status: 0, or 1 after an error, which it prints. */
export function* readFile(k: Context, world: World, self: Self, how: Reading): Code<number> {
  const { program, path } = how;
  const count = (name: string, by: number): void =>
    world.metrics.count(`${program}.${name}`, self.name, by);
  const fd = yield* open(k, path, O_RDONLY);
  if (fd < 0) return yield* complain(k, how, fd, count);
  let text = '';
  let printed = 0;
  let got = 0;
  for (let reads = 0; reads < how.count; reads++) {
    const buffer = new UserBuffer(how.size);
    got = yield* read(k, fd, buffer);
    count('reads', 1);
    if (got <= 0) break;
    count('bytes', got);
    text += buffer.text(got);
    if (!how.quiet) printed += yield* printLines(k, text.slice(printed));
  }
  if (!how.quiet && printed < text.length) yield* printf(k, text.slice(printed));
  if (how.expected !== undefined && how.expected !== text) count('wrong', 1);
  yield* close(k, fd);
  return got < 0 ? yield* complain(k, how, got, count) : 0;
}

/** Prints the lines that are complete; how many characters those are. */
function* printLines(k: Context, text: string): Code<number> {
  const end = text.lastIndexOf('\n');
  if (end < 0) return 0;
  for (const line of text.slice(0, end).split('\n')) yield* printf(k, line);
  return end + 1;
}

function* complain(
  k: Context,
  { program, path }: Reading,
  result: number,
  count: (name: string, by: number) => void,
): Code<number> {
  count('errno', -result);
  yield* printf(k, `${program}: ${path}: ${strerror(result)}`);
  return 1;
}
