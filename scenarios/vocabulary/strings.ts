/*
 * Words for arrays of characters in the kernel. In a text, \n stands for a newline, \t for a tab
 * and \\ for a backslash.
 */
import * as strings from '../../models/lib/string.ts';
import { printk } from '../../models/printk.ts';
import { int, op, text, type Arg, type Op } from './define.ts';

const STRING = 'lib/string.c';
const VSPRINTF = 'lib/vsprintf.c';

export const charArray: Arg<strings.CharArray> = {
  name: 'array',
  kind: 'object',
  types: ['char_array'],
};

function named(name: string): Arg<strings.CharArray> {
  return { ...charArray, name };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

/** A text as C reads it. */
export function unescaped(written: string): string {
  return written.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}

/** A text in which the value stands for %d. */
export function formatted(format: string, value: number): string {
  return unescaped(format).replace('%d', String(value));
}

const steps = (k: Parameters<typeof strings.strlen>[0], array: strings.CharArray): number =>
  k.step(array, k.machine.costs.access);

export const stringOps: readonly Op[] = [
  op(
    'strlen',
    [charArray],
    'int',
    'The characters before the first NUL.',
    STRING,
    function* (k, a) {
      yield steps(k, a);
      return strings.strlen(k, a);
    },
  ),
  op(
    'memset',
    [charArray, int('byte'), int('n')],
    'void',
    'Sets the first n bytes.',
    STRING,
    function* (k, a, byte, n) {
      yield steps(k, a);
      strings.memset(k, a, byte, n);
    },
  ),
  op(
    'memcpy',
    [named('to'), named('from'), int('n')],
    'void',
    'Copies the first n bytes of one array to another.',
    STRING,
    function* (k, to, from, n) {
      yield steps(k, to);
      yield* strings.memcpy(k, to, 0, from, 0, n);
    },
  ),
  op(
    'setByte',
    [charArray, int('index'), int('byte')],
    'void',
    'array[index] = byte.',
    'of the simulator',
    function* (k, a, index, byte) {
      yield steps(k, a);
      strings.setByte(k, a, index, byte);
    },
  ),
  op(
    'sprintf',
    [charArray, text('text')],
    'int',
    'Prints a text and a NUL into the array; its length.',
    VSPRINTF,
    function* (k, a, written) {
      yield steps(k, a);
      return strings.sprintf(k, a, 0, unescaped(written));
    },
  ),
  op(
    'sprintfValue',
    [charArray, int('value'), text('format')],
    'int',
    'As sprintf, with the value for %d.',
    VSPRINTF,
    function* (k, a, value, format) {
      yield steps(k, a);
      return strings.sprintf(k, a, 0, formatted(format, value));
    },
  ),
  op(
    'printkString',
    [charArray, text('format')],
    'int',
    'A line of the kernel log in which the string stands for %s.',
    'kernel/printk/printk.c',
    function* (k, a, format) {
      yield steps(k, a);
      return printk(k, unescaped(format).replace('%s', strings.stringAt(k, a).trimEnd()));
    },
  ),
];
