/*
 * echo TEXT > FILE: one write() of a text, with a newline unless -n is given, and more of them as
 * long as the file takes only a part, as shells do.
 */
import { z } from 'zod';
import type { Code, Context } from '../../models/context.ts';
import { O_WRONLY, open } from '../../models/fs/open.ts';
import { write } from '../../models/fs/read_write.ts';
import { UserBuffer } from '../../models/fs/uio.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { close, printf } from '../../models/user/unistd.ts';
import { program } from './define.ts';
import { strerror } from './strerror.ts';

/** Bytes that a program gives to write(); `accessible` of them are mapped. */
function bufferOf(text: string, accessible: number | undefined): UserBuffer {
  const bytes = bytesOfText(text);
  const buffer = new UserBuffer(bytes.length, accessible ?? bytes.length);
  buffer.put(0, bytes);
  return buffer;
}

export const echo = program(
  {
    name: 'echo',
    kind: 'user',
    about: 'Writes a text to a file; `echo.written(ACTOR)` and the like tell.',
    with: z.strictObject({
      text: z.string().describe('What it writes.'),
      path: z.string().describe('The file.'),
      newline: z.boolean().default(true).describe('A newline follows the text (false: -n).'),
      times: z.int().min(1).default(1).describe('How often it writes, opening the file anew.'),
      whole: z
        .boolean()
        .default(true)
        .describe('Writes what the file has left of the text, until an error or all is gone.'),
      accessible: z
        .int()
        .min(0)
        .optional()
        .describe('So many bytes of its buffer are mapped; the next one faults (default: all).'),
    }),
  },
  (world, { text, path, newline, times, whole, accessible }, self) => {
    const count = (name: string, by: number): void =>
      world.metrics.count(`echo.${name}`, self.name, by);
    for (const name of ['written', 'writes', 'errno']) count(name, 0);
    const bytes = newline ? `${text}\n` : text;

    function* writeAll(k: Context): Code<number> {
      const fd = yield* open(k, path, O_WRONLY);
      let result = fd;
      let at = 0;
      while (fd >= 0 && at < bytes.length) {
        const mapped = accessible === undefined ? undefined : Math.max(0, accessible - at);
        result = yield* write(k, fd, bufferOf(bytes.slice(at), mapped));
        count('writes', 1);
        if (result <= 0) break;
        count('written', result);
        at += result;
        if (!whole) break;
      }
      if (fd >= 0) yield* close(k, fd);
      if (result >= 0) return 0;
      count('errno', -result);
      yield* printf(k, `echo: write error: ${strerror(result)}`);
      return 1;
    }

    return function* (k) {
      let status = 0;
      for (let time = 0; time < times; time++) status = Math.max(status, yield* writeAll(k));
      return status;
    };
  },
);
