/*
 * How often each task is forked. A scenario has all of its actors from the beginning, so this must
 * be known: the forked ones are copies that nobody starts but the event.
 */
import type { Issues } from './issues.ts';
import type { Task, Workload } from './workload.ts';

/** Copies of all tasks together. */
const FORKS_MAX = 256;

/** By the name of the forked task. What cannot be counted is reported. */
export function countForks({ tasks }: Workload, issues: Issues): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const inside: string[] = [];

  const addThreads = (task: Task, threads: number): void => {
    inside.push(task.name);
    for (const phase of task.phases) {
      for (const event of phase.events) {
        if (event.kind !== 'fork') continue;
        const forked = byName.get(event.ref);
        if (forked === undefined) {
          issues.error(event, `there is no task '${event.ref}'`);
        } else if (inside.includes(event.ref)) {
          issues.error(event, `'${event.ref}' forks itself, so its copies cannot be counted`);
        } else if (task.loop < 0 || phase.loop < 1) {
          issues.error(
            event,
            'a fork in an endless loop makes more and more tasks: give it a loop',
          );
        } else {
          const more = threads * task.loop * phase.loop;
          counts.set(event.ref, (counts.get(event.ref) ?? 0) + more);
          addThreads(forked, more);
        }
      }
    }
    inside.pop();
  };

  for (const task of tasks) if (task.instance > 0) addThreads(task, task.instance);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total > FORKS_MAX) {
    issues.error(tasks[0]!, `expected at most ${FORKS_MAX} forks in all, got ${total}`);
  }
  return counts;
}
