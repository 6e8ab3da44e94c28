/*
 * The call of a device's method that a task is serving, for the words with which drivers copy to
 * and from the memory of the program: a stack for each task, since an open file may open another.
 */
import type { Code, Context } from '../../models/context.ts';
import type { OpenedFile, Position } from '../../models/fs/file.ts';
import type { ReadProcCall } from '../../models/fs/proc/entry.ts';
import type { SeqFile } from '../../models/fs/seq_file.ts';
import type { IovIter } from '../../models/fs/uio.ts';
import type { Vma } from '../../models/mm/mm.ts';
import type { Task } from '../../models/sched/task.ts';

export interface FileCall {
  /** Null in read_proc(), which does not hear of it. */
  readonly file: OpenedFile | null;
  /** The memory that read() fills or write() reads. */
  readonly iter?: IovIter;
  /** *ppos. */
  readonly pos?: Position;
  /** The private pointer of an entry of /proc. */
  readonly data?: number;
  /** The page, *start and *eof of a read_proc(). */
  readonly readProc?: ReadProcCall;
  /** What a show() prints to. */
  readonly seq?: SeqFile;
  /** The area that mmap() is to map something into. */
  readonly vma?: Vma;
  readonly ioctl?: { readonly cmd: number; readonly arg: number };
}

const served = new WeakMap<Task, FileCall[]>();

/** Runs a method; returns what it returns. */
export function* serveFileCall(
  k: Context,
  call: FileCall,
  method: (k: Context) => Code<number>,
): Code<number> {
  const task = k.current;
  const calls = served.get(task) ?? [];
  served.set(task, calls);
  calls.push(call);
  const result = yield* method(k);
  calls.pop();
  return result;
}

/** The innermost call that the current task serves, if any. */
export function currentFileCall(k: Context): FileCall | undefined {
  return served.get(k.current)?.at(-1);
}
