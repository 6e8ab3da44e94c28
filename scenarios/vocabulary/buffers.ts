/*
 * Words for strings in memory of the kernel and of programs. `\n` in a text is a new line.
 */
import type { Code, Context } from '../../models/context.ts';
import { access_in_user_mode } from '../../models/mm/fault.ts';
import { ACCESS_WRITE } from '../../models/instrumented.ts';
import type { KernelBuffer } from '../../models/mm/kernel-buffer.ts';
import { memset, strcpy, stringAt } from '../../models/mm/kernel-string.ts';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { userStored } from '../../models/mm/user-fetch.ts';
import { printk } from '../../models/printk.ts';
import { printf } from '../../models/user/unistd.ts';
import { int, op, optional, text, userMode, type Arg, type Op } from './define.ts';
import { memory, placeOf, reachFromUser, type Place } from './user-place.ts';

const STRING = 'lib/string.c';

export const buffer: Arg<KernelBuffer> = {
  name: 'buffer',
  kind: 'object',
  types: ['kernel_buffer'],
};
const at = optional(int('at'));

/** The text that a step writes as `a line\n`. */
function unescaped(given: string): string {
  return given.replaceAll('\\n', '\n');
}

/** Lines of the log have no new line at their end. */
function line(given: string): string {
  return given.replace(/\n$/, '');
}

function* writeText(k: Context, place: Place, given: string): Code {
  const bytes = bytesOfText(`${unescaped(given)}\0`);
  const address = placeOf(k, place);
  yield* reachFromUser(k, place, address);
  const space = yield* access_in_user_mode(k, address, bytes.length, true);
  space.instrument(k, address, bytes.length, ACCESS_WRITE);
  space.store(address, bytes);
  userStored(k, space, address, bytes.length);
}

/** Reads up to the NUL, page by page as it comes. */
function* textAt(k: Context, place: Place): Code<string> {
  const address = placeOf(k, place);
  yield* reachFromUser(k, place, address);
  const byte = new Uint8Array(1);
  let found = '';
  for (let from = address; ; from++) {
    (yield* access_in_user_mode(k, from, 1, false)).load(from, byte);
    if (byte[0] === 0) return found;
    found += String.fromCharCode(byte[0]!);
  }
}

const kernelOps: readonly Op[] = [
  op(
    'strcpyBuffer',
    [buffer, text('text')],
    'void',
    'Writes a text and its NUL into memory of the kernel.',
    STRING,
    function* (k, to, given) {
      yield k.step(to.footprint, k.machine.costs.access);
      strcpy(k, to, 0, unescaped(given));
    },
  ),
  op(
    'strlenBuffer',
    [buffer, at],
    'int',
    'How long the string in memory of the kernel is.',
    STRING,
    function* (k, from, first) {
      yield k.step(from.footprint, k.machine.costs.access);
      return stringAt(k, from, first ?? 0, 'strlen').length;
    },
  ),
  op(
    'memsetBuffer',
    [buffer, int('value'), int('n'), at],
    'void',
    'Sets bytes of memory of the kernel.',
    STRING,
    function* (k, to, value, n, first) {
      yield k.step(to.footprint, k.machine.costs.access);
      memset(k, to, first ?? 0, value, n);
    },
  ),
  op(
    'printkBuffer',
    [buffer, text('format')],
    'int',
    'printk() of a text with one %s, which is the string in memory of the kernel.',
    'kernel/printk/printk.c',
    function* (k, from, format) {
      yield k.step(from.footprint, k.machine.costs.access);
      const found = stringAt(k, from, 0, 'string');
      return printk(k, line(unescaped(format).replace('%s', () => found)));
    },
  ),
];

const userOps: readonly Op[] = [
  op(
    'addressOf',
    [memory, optional(int('offset'))],
    'int',
    'Where a declared buffer is in the memory of the program.',
    'of the simulator',
    (k, place, offset) => placeOf(k, place, offset),
  ),
  op(
    'storeText',
    [memory, text('text')],
    'void',
    'The program writes a text and its NUL to memory.',
    'of the simulator',
    writeText,
  ),
  op(
    'printText',
    [memory, text('format')],
    'int',
    'printf() of a text with one %s, which is the string in the memory of the program.',
    'of the simulator',
    function* (k, place, format) {
      const found = yield* textAt(k, place);
      return yield* printf(k, line(unescaped(format).replace('%s', () => found)));
    },
  ),
];

export const bufferOps: readonly Op[] = [...kernelOps, ...userOps.map(userMode)];
