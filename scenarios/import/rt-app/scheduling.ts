/*
 * Policy and priority of a task or phase, and what else says how it is scheduled.
 */
import type { Issues } from './issues.ts';
import type { Members } from './members.ts';

export type Policy = 'normal' | 'idle' | 'fifo' | 'rr';

export interface Scheduling {
  readonly policy: Policy;
  /** Under normal and idle the nice value. */
  readonly priority: number;
}

const POLICIES: Readonly<Record<string, Policy>> = {
  SCHED_OTHER: 'normal',
  SCHED_IDLE: 'idle',
  SCHED_RR: 'rr',
  SCHED_FIFO: 'fifo',
};

const NO_DEADLINE =
  'SCHED_DEADLINE is not modelled; give it a policy that is (SCHED_FIFO with a priority)';

export function readScheduling(members: Members, key: string, issues: Issues): Partial<Scheduling> {
  const name = members.string(key);
  const priority = key === 'policy' ? members.integer('priority') : undefined;
  const policy = name === undefined ? undefined : POLICIES[name];
  if (name === 'SCHED_DEADLINE') {
    // They belong to it: one error says it all.
    for (const one of DEADLINE) members.take(one);
    issues.error(members.place, `${key}: ${NO_DEADLINE}`);
  } else if (name !== undefined && policy === undefined) {
    const known = [...Object.keys(POLICIES), 'SCHED_DEADLINE'].join(', ');
    issues.error(members.place, `${key}: expected one of ${known}, got '${name}'`);
  }
  for (const one of DEADLINE.filter((each) => each.startsWith('dl-'))) {
    const given = members.take(one);
    if (given === undefined) continue;
    issues.warn(members.at(given), 'belongs to SCHED_DEADLINE, left out');
  }
  for (const one of ['util_min', 'util_max']) {
    const given = members.take(one);
    if (given === undefined) continue;
    issues.warn(members.at(given), 'utilization clamping is not modelled, left out');
  }
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(priority === undefined ? {} : { priority }),
  };
}

const DEADLINE = ['dl-runtime', 'dl-period', 'dl-deadline', 'runtime', 'period', 'deadline'];

/** Groups and nodes: there are none. */
export function warnOfTaskGroups(members: Members, issues: Issues): void {
  const taskgroup = members.take('taskgroup');
  if (taskgroup !== undefined) {
    issues.warn(members.at(taskgroup), 'task groups are not modelled, left out');
  }
  for (const key of ['nodes_membind', 'membind_nodes']) {
    const nodes = members.take(key);
    if (nodes !== undefined) issues.warn(members.at(nodes), 'NUMA is not modelled, left out');
  }
}

/** What is wrong with a priority under a policy. */
export function wrongPriority({ policy, priority }: Scheduling): string | undefined {
  const realTime = policy === 'fifo' || policy === 'rr';
  const [least, most] = realTime ? [1, 99] : [-20, 19];
  if (priority >= least && priority <= most) return undefined;
  const what = realTime ? 'a real-time priority' : 'a nice value';
  return `expected ${what} from ${least} to ${most}, got ${priority}`;
}
