/*
 * procfs entries with methods of their own, fs/proc/generic.c and inode.c: proc_create() and the
 * way from the system calls to struct proc_ops (struct file_operations before 5.6).
 * Left out: directories; the wait of remove_proc_entry for calls in progress.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { inodesOf, type OpenedFile, type file_operations } from './file.ts';
import {
  seq_open,
  seq_release,
  single_open,
  type SeqFile,
  type seq_operations,
} from './seq_file.ts';
import { seq_lseek, seq_read } from './seq_read.ts';

/** struct proc_ops. */
export interface proc_ops {
  readonly proc_open?: file_operations['open'];
  readonly proc_read?: file_operations['read'];
  readonly proc_write?: file_operations['write'];
  readonly proc_lseek?: file_operations['llseek'];
  readonly proc_poll?: file_operations['poll'];
  readonly proc_release?: file_operations['release'];
}

/** Makes `/proc/NAME` with these permissions; throws if it is there already. */
export function proc_create(machine: Machine, name: string, mode: number, ops: proc_ops): void {
  const path = `/proc/${name}`;
  const inodes = inodesOf(machine);
  if (inodes.has(path)) throw new Error(`${path} exists already`);
  inodes.set(path, { type: 'regular', mode, i_fop: proc_reg_file_ops(ops) });
}

/** As proc_create, for a file whose records come from `ops`. */
export function proc_create_seq<T>(
  machine: Machine,
  name: string,
  mode: number,
  ops: seq_operations<T>,
): void {
  proc_create(
    machine,
    name,
    mode,
    seqMethods((k, file) => seq_open(k, file, ops)),
  );
}

/** As proc_create, for a file of one record, which `show` makes. */
export function proc_create_single(
  machine: Machine,
  name: string,
  mode: number,
  show: (k: Context, m: SeqFile) => Code<number>,
): void {
  proc_create(
    machine,
    name,
    mode,
    seqMethods((k, file) => single_open(k, file, show)),
  );
}

function seqMethods(open: (k: Context, file: OpenedFile) => number): proc_ops {
  return {
    *proc_open(k, file) {
      yield k.machine.costs.call;
      return open(k, file);
    },
    proc_read: seq_read,
    proc_lseek: seq_lseek,
    proc_release: seq_release,
  };
}

/** Files that are open stay so. */
export function remove_proc_entry(machine: Machine, name: string): void {
  inodesOf(machine).delete(`/proc/${name}`);
}

/** An entry that cannot be read or written says -EIO. */
function proc_reg_file_ops(ops: proc_ops): file_operations {
  const { proc_open, proc_lseek, proc_poll, proc_release } = ops;
  return {
    read: ops.proc_read ?? notSupported,
    write: ops.proc_write ?? notSupported,
    ...(proc_open === undefined ? {} : { open: proc_open }),
    ...(proc_lseek === undefined ? {} : { llseek: proc_lseek }),
    ...(proc_poll === undefined ? {} : { poll: proc_poll }),
    ...(proc_release === undefined ? {} : { release: proc_release }),
  };
}

function* notSupported(k: Context): Code<number> {
  yield k.machine.costs.call;
  return -errno.EIO;
}
