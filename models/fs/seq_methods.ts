/*
 * The methods of an entry of /proc that is a seq_file: what proc_create_seq() and
 * proc_create_single() of fs/proc/generic.c give it.
 */
import type { Code, Context } from '../context.ts';
import type { OpenedFile } from './file.ts';
import type { proc_ops } from './proc/entry.ts';
import { seq_release, single_open, type SeqFile } from './seq_file.ts';
import { seq_lseek, seq_read } from './seq_read.ts';

/** The methods of a file of one record. */
export function singleMethods(show: (k: Context, m: SeqFile) => Code<number>): proc_ops {
  return seqMethods((k, file) => single_open(k, file, show));
}

/** The methods of a file whose open() calls seq_open(). */
export function seqMethods(open: (k: Context, file: OpenedFile) => number): proc_ops {
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
