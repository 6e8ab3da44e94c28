/*
 * Words for the methods of an entry of /proc: what read_proc() and write_proc() are called with and
 * what they set, copies from and to the caller, and what show() of a seq_file prints.
 */
import type { Context } from '../../models/context.ts';
import type { ReadProcCall } from '../../models/fs/proc/entry.ts';
import * as libfs from '../../models/fs/libfs.ts';
import { iov_iter_count } from '../../models/fs/uio.ts';
import { seq_puts } from '../../models/fs/seq_file.ts';
import { memcpy, setByte, sprintf, stringAt, strlen } from '../../models/lib/string.ts';
import { printk } from '../../models/printk.ts';
import { currentFileCall, type FileCall } from '../run/file-calls.ts';
import { int, op, optional, out, text, type Arg, type Op } from './define.ts';
import { charArray, formatted, unescaped } from './strings.ts';

const GENERIC = 'fs/proc/generic.c';
const USERCOPY = 'include/linux/uaccess.h';
const LIBFS = 'fs/libfs.c';
const SEQ_FILE = 'fs/seq_file.c';

const offset = int('offset');
const required = (name: string): Arg<(value: number) => void> => ({ name, kind: 'out' });

function called<T>(k: Context, what: string, of: (call: FileCall) => T | null | undefined): T {
  const call = currentFileCall(k);
  const value = call === undefined ? undefined : of(call);
  if (value === null || value === undefined) throw new RangeError(`this is for ${what}`);
  return value;
}

const readProc = (k: Context): ReadProcCall =>
  called(k, 'the method read_proc of an entry', (call) => call.readProc);
const iter = (k: Context) => called(k, 'methods that read or write', (call) => call.iter);
const pos = (k: Context) => called(k, 'methods proc_read and proc_write', (call) => call.pos);
const seq = (k: Context) => called(k, 'the method show of an entry', (call) => call.seq);

const readProcOps: readonly Op[] = [
  op(
    'readProcArguments',
    [required('off'), required('count'), out('data')],
    'void',
    'Sets locals to the arguments of read_proc().',
    GENERIC,
    (k, off, count, data) => {
      const call = readProc(k);
      off(call.off);
      count(call.count);
      data?.(call.data);
    },
  ),
  op(
    'writeProcArguments',
    [required('count'), out('data')],
    'void',
    'Sets locals to the arguments of write_proc().',
    GENERIC,
    (k, count, data) => {
      count(iov_iter_count(iter(k)));
      data?.(currentFileCall(k)!.data ?? 0);
    },
  ),
  op(
    'setStart',
    [int('number')],
    'void',
    '*start = number, below the address of the page: by how much the position moves on.',
    GENERIC,
    (k, value) => {
      readProc(k).start = value === 0 ? { style: 0 } : { style: 1, value };
    },
  ),
  op(
    'setStartInPage',
    [offset],
    'void',
    '*start = page + offset: the data begin there.',
    GENERIC,
    (k, value) => {
      readProc(k).start = { style: 2, value };
    },
  ),
  op('setEof', [optional(int('value'))], 'void', '*eof = 1.', GENERIC, (k, value) => {
    readProc(k).eof = value !== 0;
  }),
  op(
    'sprintfPage',
    [offset, text('text')],
    'int',
    'sprintf(page + offset, text): its length.',
    GENERIC,
    (k, at, written) => sprintf(k, readProc(k).page, at, unescaped(written)),
  ),
  op(
    'sprintfPageValue',
    [offset, int('value'), text('format')],
    'int',
    'As sprintfPage, with the value for %d.',
    GENERIC,
    (k, at, value, format) => sprintf(k, readProc(k).page, at, formatted(format, value)),
  ),
  op(
    'memcpyToPage',
    [offset, charArray, int('from'), int('n')],
    'void',
    'memcpy(page + offset, array + from, n).',
    GENERIC,
    function* (k, at, array, from, n) {
      yield k.step(array, Math.floor((Math.max(0, n) * k.machine.costs.copy_per_kib) / 1024));
      yield* memcpy(k, readProc(k).page, at, array, from, n);
    },
  ),
  op('strlenPage', [], 'int', 'strlen(page).', GENERIC, (k) => strlen(k, readProc(k).page)),
  op('setPageByte', [offset, int('byte')], 'void', 'page[offset] = byte.', GENERIC, (k, at, byte) =>
    setByte(k, readProc(k).page, at, byte),
  ),
  op(
    'printkPage',
    [text('format')],
    'int',
    'A line of the kernel log in which the page, as a string, stands for %s.',
    'kernel/printk/printk.c',
    (k, format) => {
      const string = stringAt(k, readProc(k).page).trimEnd();
      return printk(k, unescaped(format).replace('%s', string));
    },
  ),
];

const copyOps: readonly Op[] = [
  op(
    'copyFromCaller',
    [charArray, int('n'), optional(offset)],
    'int',
    'copy_from_user(array + offset, buffer, n) of what is written: bytes that were not copied.',
    USERCOPY,
    (k, array, n, at) => libfs.copyFromCaller(k, array, at ?? 0, n, iter(k)),
  ),
  op(
    'copyToCaller',
    [charArray, int('n'), optional(offset)],
    'int',
    'copy_to_user(buffer, array + offset, n) to who reads: bytes that were not copied.',
    USERCOPY,
    (k, array, n, at) => libfs.copyToCaller(k, array, at ?? 0, n, iter(k)),
  ),
  op(
    'simple_read_from_buffer',
    [charArray, int('available')],
    'int',
    'Reads at *ppos from the first bytes of the array: how many, or -EFAULT.',
    LIBFS,
    (k, array, available) => libfs.simple_read_from_buffer(k, iter(k), pos(k), array, available),
  ),
  op(
    'simple_write_to_buffer',
    [charArray, int('available')],
    'int',
    'Writes at *ppos to the first bytes of the array: how many, or -EFAULT.',
    LIBFS,
    (k, array, available) => libfs.simple_write_to_buffer(k, array, available, pos(k), iter(k)),
  ),
  op('filePosition', [], 'int', '*ppos.', 'include/linux/fs.h', (k) => pos(k).value),
  op('setFilePosition', [offset], 'void', '*ppos = offset.', 'include/linux/fs.h', (k, value) => {
    pos(k).value = value;
  }),
];

const seqOps: readonly Op[] = [
  op('seq_puts', [text('text')], 'void', 'Prints a text.', SEQ_FILE, (k, written) =>
    seq_puts(seq(k), unescaped(written)),
  ),
  op(
    'seq_printf',
    [int('value'), text('format')],
    'void',
    'Prints a text in which the value stands for %d.',
    SEQ_FILE,
    (k, value, format) => seq_puts(seq(k), formatted(format, value)),
  ),
  op(
    'seqPrintString',
    [charArray, text('format')],
    'void',
    'Prints a text in which the string stands for %s.',
    SEQ_FILE,
    function* (k, array, format) {
      yield k.step(array, k.machine.costs.access);
      seq_puts(seq(k), unescaped(format).replace('%s', stringAt(k, array)));
    },
  ),
];

export const procMethodOps: readonly Op[] = [...readProcOps, ...copyOps, ...seqOps];
