/*
 * /proc/sys: files that hold a number or a text, and what the kernel does with what is written to
 * them. Sources: kernel/sysctl.c (proc_dointvec_minmax, proc_dostring), fs/proc/proc_sysctl.c.
 */
import type { Code, Context } from '../../context.ts';
import { errno } from '../../errno.ts';
import type { Machine } from '../../machine.ts';
import { bytesOfText, textOfBytes } from '../../lib/text-bytes.ts';
import { FMODE_WRITE, type OpenedFile, type Position } from '../file.ts';
import { default_llseek } from '../read_write.ts';
import { PAGE_SIZE } from '../seq_file.ts';
import { copy_from_iter, copy_to_iter, iov_iter_count, type IovIter } from '../uio.ts';
import type { proc_ops } from './entry.ts';

/** struct ctl_table: a value by its name below /proc/sys. */
export interface CtlTable {
  readonly name: string;
  /** Whether the kernel has it; all do if left out. */
  readonly exists?: (machine: Machine) => boolean;
  readonly get: (machine: Machine) => number | string;
  /** Nobody may write to it if left out. */
  readonly set?: (machine: Machine, value: number) => void;
  /** extra1 and extra2: -EINVAL beyond them. */
  readonly min?: number;
  readonly max?: (machine: Machine) => number;
}

/** The methods of the file of a value. */
export function sysctlMethods(table: CtlTable): proc_ops {
  return {
    proc_open: (k, file) => open(k, file, table),
    proc_read: (k, _file, to, pos) => read(k, table, to, pos),
    proc_write: (k, _file, from, pos) => write(k, table, from, pos),
    proc_lseek: default_llseek,
  };
}

/** sysctl_perm(): not even root may write where nobody may. */
function* open(k: Context, file: OpenedFile, { set }: CtlTable): Code<number> {
  yield k.machine.costs.call;
  return (file.f_mode & FMODE_WRITE) !== 0 && set === undefined ? -errno.EACCES : 0;
}

/**
 * A number is read at once or not at all: what a short read does not take is lost. A text goes on
 * where the last read ended, except in 2.4.
 */
function* read(k: Context, table: CtlTable, to: IovIter, pos: Position): Code<number> {
  yield k.machine.costs.call;
  const value = table.get(k.machine);
  const positioned = typeof value === 'string' && !k.machine.era.timersInBottomHalf;
  if (pos.value > 0 && !positioned) return 0;
  const text = `${value}\n`.slice(pos.value);
  const wanted = Math.min(text.length, iov_iter_count(to));
  const n = copy_to_iter(k, bytesOfText(text.slice(0, wanted)), to);
  if (n < wanted) return -errno.EFAULT;
  pos.value += n;
  return n;
}

/** One number with blanks around it; a write that does not begin the file counts for nothing. */
function* write(k: Context, table: CtlTable, from: IovIter, pos: Position): Code<number> {
  const { machine } = k;
  yield machine.costs.call;
  const offered = iov_iter_count(from);
  if (offered === 0) return 0;
  const bytes = copy_from_iter(k, Math.min(offered, PAGE_SIZE - 1), from);
  if (bytes.length < Math.min(offered, PAGE_SIZE - 1)) return -errno.EFAULT;
  if (pos.value > 0 && machine.era.irqWork) {
    pos.value += offered;
    return offered;
  }
  const match = /^\s*(-?(?:0[xX][0-9a-fA-F]+|\d+))(?:\s|\0|$)/.exec(textOfBytes(bytes));
  if (match === null || table.set === undefined) return -errno.EINVAL;
  const value = numberOf(match[1]!);
  const { min = -0x80000000, max = () => 0x7fffffff } = table;
  if (value < min || value > max(machine)) return -errno.EINVAL;
  table.set(machine, value);
  pos.value += offered;
  return offered;
}

/** simple_strtoul() with any base: a leading 0 makes it octal. */
function numberOf(text: string): number {
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const octal = /^0[0-7]+$/.test(digits);
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  return negative ? -value : value;
}
