/*
 * struct wq_barrier of kernel/workqueue.c: a work that tells a waiter that all before it is done.
 */
import type { Code, Context } from '../context.ts';
import { Completion, complete } from '../sched/completion.ts';
import { Work } from './work.ts';

export class Barrier extends Work {
  readonly done: Completion;

  /** `target`: what is waited for, by name. */
  constructor(target: string) {
    const done = new Completion(target);
    super('wq_barrier_func', (k) => wq_barrier_func(k, done));
    this.done = done;
    this.pending = true;
  }
}

function* wq_barrier_func(k: Context, done: Completion): Code {
  complete(k.cpu, done);
  yield 0;
}
