/*
 * The call of a callback that a task is serving, for the words that ask what it was called with:
 * the memory of the program, numbers. A stack for each task, since one call may lead to another.
 */
import type { Code, Context } from '../../models/context.ts';
import type { OpenedFile, Position } from '../../models/fs/file.ts';
import type { ReadProcCall } from '../../models/fs/proc/entry.ts';
import type { SeqFile } from '../../models/fs/seq_file.ts';
import type { IovIter } from '../../models/fs/uio.ts';
import type { KernelBuffer } from '../../models/mm/kernel-buffer.ts';
import type { Vma } from '../../models/mm/mm.ts';
import type { Task } from '../../models/sched/task.ts';

export interface FileCall {
  /** The open file whose method it is; read_proc() does not hear of it. */
  readonly file?: OpenedFile;
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
  /** What a method of sysfs prints to, or takes. */
  readonly page?: KernelBuffer;
  readonly args?: CallArguments;
}

/** By the kernel's names; some are places that the callee fills. */
export type CallArguments = ReadonlyMap<string, number | { value: number }>;

const served = new WeakMap<Task, FileCall[]>();

/** Runs a callback; returns what it returns. */
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
