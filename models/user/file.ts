/*
 * struct file, include/linux/fs.h and fs/file_table.c: what a descriptor refers to, with a count of
 * users. A system call holds a reference, so a file that another thread closes meanwhile lives on
 * until the call returns.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import type { WaitQueueHead } from '../sched/wait.ts';
import type { OpenFile, UserProcess } from './process.ts';

/** poll_table: collects the queues on which a caller that finds nothing ready will wait. */
export interface PollTable {
  /** poll_wait(). */
  wait(queue: WaitQueueHead): void;
}

export abstract class File implements OpenFile {
  /** Told when the file is gone: f_ep, the epoll instances that watch it. */
  readonly watchers = new Set<() => void>();
  private count = 1;

  /** The events that are ready; with a table the caller is queued for those to come. */
  abstract poll(k: Context, table: PollTable | null): number;

  /** The last user has gone. */
  protected abstract destroy(k: Context): Code;

  get(): this {
    this.count++;
    return this;
  }

  /** fput(): by a descriptor that is closed, or by a call that returns. */
  *release(k: Context): Code {
    if (--this.count > 0) return;
    for (const forget of this.watchers) forget();
    yield* this.destroy(k);
  }
}

/** The process on whose behalf `k` runs. Throws if that is none. */
export function processOf(k: Context): UserProcess {
  const { process } = k.current;
  if (process === null) throw new Error(`${k.current.comm} is no user process`);
  return process;
}

/** The file behind a descriptor, not counted as used; null if it is not open. */
export function fileOf(k: Context, fd: number): File | null {
  const file = processOf(k).file(fd);
  return file instanceof File ? file : null;
}

/** fdget() to fdput(): runs `body` with the file; -EBADF if the descriptor is not open. */
export function* withFile(
  k: Context,
  fd: number,
  body: (file: File) => Code<number> | number,
): Code<number> {
  const file = fileOf(k, fd)?.get();
  if (file === undefined) return -errno.EBADF;
  const started = body(file);
  const result = typeof started === 'number' ? started : yield* started;
  yield* file.release(k);
  return result;
}
