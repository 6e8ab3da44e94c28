/*
 * procfs entries with methods of their own, fs/proc/generic.c and inode.c: proc_create() and the
 * way from the system calls to struct proc_ops (struct file_operations before 5.6).
 * Left out: directories; the wait of remove_proc_entry for calls in progress.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { inodesOf, type file_operations } from './file.ts';

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
