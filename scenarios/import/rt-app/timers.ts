/*
 * The timers of a workload. One whose name begins with `unique` belongs to each thread; others are
 * shared by all who name them. All count from the start of the thread that is first to use them
 * (src/rt-app.c: t_first), and the mode of one use holds for the timer.
 */
import type { Task } from './workload.ts';

export function isOwn(ref: string): boolean {
  return ref.startsWith('unique');
}

export interface SharedTimer {
  /** When each task that uses it starts; if they differ, the first to use it decides. */
  readonly delaysUs: ReadonlySet<number>;
}

export function sharedTimers(tasks: readonly Task[]): ReadonlyMap<string, SharedTimer> {
  const delays = new Map<string, Set<number>>();
  for (const { event, task } of usesOf(tasks)) {
    if (isOwn(event.ref)) continue;
    const known = delays.get(event.ref) ?? new Set();
    delays.set(event.ref, known.add(task.delayUs));
  }
  return new Map([...delays].map(([ref, delaysUs]) => [ref, { delaysUs }]));
}

/** A late one counts on from when it should have been. */
export function isAbsolute(ref: string, task: Task, tasks: readonly Task[]): boolean {
  const among = isOwn(ref) ? [task] : tasks;
  return [...usesOf(among)].some(({ event }) => event.ref === ref && event.absolute);
}

/** The timers that a thread of the task has for itself. */
export function ownTimers(task: Task): string[] {
  const refs = [...usesOf([task])].map(({ event }) => event.ref);
  return [...new Set(refs)].filter(isOwn);
}

function* usesOf(tasks: readonly Task[]) {
  for (const task of tasks) {
    for (const { events } of task.phases) {
      for (const event of events) if (event.kind === 'timer') yield { event, task };
    }
  }
}
