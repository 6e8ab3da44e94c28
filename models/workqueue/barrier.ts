/*
 * struct wq_barrier of kernel/workqueue.c: a work that tells a waiter that all before it is done.
 */
import { Completion, complete } from '../sched/completion.ts';
import { Work } from './work.ts';

export class Barrier extends Work {
  readonly done: Completion;

  /** `target`: what is waited for, by name. */
  constructor(target: string) {
    const done = new Completion(target);
    super('wq_barrier_func', function* (k) {
      complete(k.cpu, done);
      yield 0;
    });
    this.done = done;
    this.pending = true;
  }
}
