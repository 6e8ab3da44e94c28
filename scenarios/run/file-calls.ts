/*
 * The call of a device's method that a task is serving, for the words with which drivers copy to
 * and from the memory of the program: a stack for each task, since an open file may open another.
 */
import type { Code, Context } from '../../models/context.ts';
import type { OpenedFile } from '../../models/fs/file.ts';
import type { IovIter } from '../../models/fs/uio.ts';
import type { Vma } from '../../models/mm/mm.ts';
import type { Task } from '../../models/sched/task.ts';

export interface FileCall {
  readonly file: OpenedFile;
  /** The memory that read() fills or write() reads. */
  readonly iter?: IovIter;
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
