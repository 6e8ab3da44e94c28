/*
 * The run queue of a CPU: real-time tasks in lists by priority, the others by virtual runtime.
 * A running real-time task stays in its list (kernel/sched/rt.c); a running fair task is taken out
 * of the tree (kernel/sched/fair.c).
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Task } from './task.ts';

export class RunQueue {
  private readonly rt: Task[][] = [];
  /** No real-time task of a higher priority is queued. */
  private highest = 0;
  private readonly fair: Task[] = [];
  private insertions = 0;
  min_vruntime = 0;
  /** Runnable tasks, the running one included. */
  nr_running = 0;
  /** Fair tasks among them, and their weight. */
  nr_fair = 0;
  load = 0;
  /** The fair task that has called yield() and was not picked since. */
  skip: Task | null = null;

  enqueueRt(task: Task, atHead: boolean): void {
    const list = (this.rt[task.rt_priority] ??= []);
    if (atHead) list.unshift(task);
    else list.push(task);
    if (task.rt_priority > this.highest) this.highest = task.rt_priority;
  }

  dequeueRt(task: Task): void {
    const list = this.rt[task.rt_priority]!;
    list.splice(list.indexOf(task), 1);
  }

  /** Whether a task waits that may run in the place of the running one, at the end of its slice. */
  othersMayReplace(running: Task): boolean {
    const rt = this.firstRt();
    if (running.policy === 'SCHED_RR') return this.hasOthersOfPriority(running);
    if (rt !== null) return !running.isRt;
    return !running.isRt && this.fair.length > 0;
  }

  /** The first task of the highest priority that has one. */
  firstRt(): Task | null {
    for (; this.highest > 0; this.highest--) {
      const first = this.rt[this.highest]?.[0];
      if (first !== undefined) return first;
    }
    return null;
  }

  hasOthersOfPriority(task: Task): boolean {
    return (this.rt[task.rt_priority]?.length ?? 0) > 1;
  }

  /** Equal keys keep the order of insertion. */
  insertFair(task: Task): void {
    task.queued = this.insertions++;
    const { fair } = this;
    let low = 0;
    let high = fair.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fair[middle]!.vruntime <= task.vruntime) low = middle + 1;
      else high = middle;
    }
    fair.splice(low, 0, task);
  }

  removeFair(task: Task): void {
    this.fair.splice(this.fair.indexOf(task), 1);
  }

  firstFair(): Task | null {
    return this.fair[0] ?? null;
  }

  /** Waiting tasks, those that ran least first; real-time ones are left out. */
  waitingFair(): readonly Task[] {
    return this.fair;
  }

  /** Fair tasks are fed with all others: in which order they stand is open. */
  feed(into: Fingerprint): void {
    into.add(this.skip === null ? -1 : this.skip.pid);
    for (const list of this.rt) {
      if (list === undefined) continue;
      for (const { pid } of list) into.add(pid);
    }
    into.add(-1);
  }

  queuedRt(): Task[] {
    return this.rt.flat().reverse();
  }
}
