/*
 * The events of a task as steps: what rt-app does for each (src/rt-app.c: thread_body, run_event),
 * in calls of the C library.
 */
import { formatDuration } from '../../load/duration.ts';
import type { Event } from './events.ts';
import type { Plan } from './plan.ts';
import { wrongPriority, type Policy, type Scheduling } from './scheduling.ts';
import { isOwn, ownTimers } from './timers.ts';
import type { Phase, Task } from './workload.ts';

/** Lines of YAML below `steps:`, without their indentation. */
export type Lines = string[];

/** runtime is made of bursts of this length. */
const BURST_US = 32;
/** What a byte takes to be written to memory: 10 GB/s. */
const PICOSECONDS_PER_BYTE = 100;

export function duration(us: number): string {
  return us === 0 ? '0' : formatDuration(us * 1000);
}

/** Everything that a thread of the task does. */
export function taskSteps(task: Task, plan: Plan): Lines {
  const { phases, loop, delayUs } = task;
  const lines: Lines = [];
  if (delayUs > 0) lines.push(`- clock_nanosleep ${duration(delayUs)} # delay ${delayUs}`);
  for (const ref of ownTimers(task)) {
    lines.push(`- $${plan.local(ref)} = ${duration(delayUs)} # timer "${ref}"`);
  }
  if (usesDevice(task)) lines.push('- open /dev/null O_WRONLY -> device');
  const body: Lines = [];
  let scheduling = task.scheduling;
  for (const phase of phases) {
    if (phases.length > 1) body.push(`# phase ${phase.name}`);
    const next = { ...scheduling, ...phase.scheduling };
    body.push(...change(phase, next, plan), ...phaseSteps(phase, task, plan));
    scheduling = next;
  }
  return [...lines, ...repeated(loop < 0 ? 'forever' : loop, body)];
}

function usesDevice({ phases }: Task): boolean {
  return phases.some(({ events }) => events.some(({ kind }) => kind === 'iorun'));
}

/** A phase that says something about scheduling changes it when it begins. */
function change({ scheduling: given, ...place }: Phase, next: Scheduling, plan: Plan): Lines {
  if (given.policy === undefined && given.priority === undefined) return [];
  const priority = given.priority ?? plan.defaultPriority(next.policy);
  const wrong = wrongPriority({ policy: next.policy, priority });
  if (wrong !== undefined) plan.issues.error(place, wrong);
  return [`- set_prio self ${next.policy} ${priority}`];
}

function phaseSteps(phase: Phase, task: Task, plan: Plan): Lines {
  const lines = phase.events.flatMap((event) => eventSteps(event, task, plan));
  return repeated(phase.loop < 1 ? 'forever' : phase.loop, lines);
}

function repeated(count: number | 'forever', lines: Lines): Lines {
  if (count === 1) return lines;
  return [`- repeat: ${count}`, '  do:', ...lines.map((line) => `    ${line}`)];
}

function eventSteps(event: Event, task: Task, plan: Plan): Lines {
  switch (event.kind) {
    case 'run':
      return [`- compute ${duration(event.us)}`];
    case 'runtime':
      return runtimeSteps(event.us);
    case 'sleep':
      return [`- nanosleep ${duration(event.us)}`];
    case 'timer':
      return timerSteps(event, task, plan);
    case 'lock':
      return [`- pthread_mutex_lock ${plan.mutex(event.ref)}`];
    case 'unlock':
      return [`- pthread_mutex_unlock ${plan.mutex(event.ref)}`];
    case 'signal':
      return [`- pthread_cond_signal ${plan.cond(event.ref)}`];
    case 'broad':
      return [`- pthread_cond_broadcast ${plan.cond(event.ref)}`];
    case 'wait':
      return [`- pthread_cond_wait ${plan.cond(event.ref)} ${plan.mutex(event.mutex)}`];
    case 'sync':
      return [
        `- pthread_cond_signal ${plan.cond(event.ref)} # sync`,
        `- pthread_cond_wait ${plan.cond(event.ref)} ${plan.mutex(event.mutex)}`,
      ];
    case 'suspend':
      return [
        `- pthread_mutex_lock ${plan.mutex(event.ref)} # suspend`,
        `- pthread_cond_wait ${plan.cond(event.ref)} ${plan.mutex(event.ref)}`,
        `- pthread_mutex_unlock ${plan.mutex(event.ref)}`,
      ];
    case 'resume':
      return [
        `- pthread_mutex_lock ${plan.mutex(event.ref)} # resume`,
        `- pthread_cond_broadcast ${plan.cond(event.ref)}`,
        `- pthread_mutex_unlock ${plan.mutex(event.ref)}`,
      ];
    case 'barrier':
      return barrierSteps(event.ref, plan);
    case 'fork':
      return forkSteps(event.ref, plan);
    case 'yield':
      return ['- yield'];
    case 'mem':
      return [`- compute ${memory(event.bytes)} # mem ${event.bytes}`];
    case 'iorun':
      return writeSteps(event.bytes, plan);
  }
}

/** Computes until the clock says that the time is over, whoever has run meanwhile. */
function runtimeSteps(us: number): Lines {
  return [
    `- clock_gettime $begin # runtime ${us}`,
    `- compute ${BURST_US}us`,
    '- clock_gettime $now',
    `- while: ($now - $begin) / 1000 < ${us}`,
    `  do: [compute ${BURST_US}us, clock_gettime $now]`,
  ];
}

function timerSteps({ ref, us }: Extract<Event, { kind: 'timer' }>, task: Task, plan: Plan): Lines {
  const next = isOwn(ref) ? `$${plan.local(ref)}` : plan.sharedTimer(ref);
  const absolute = plan.isAbsolute(ref, task);
  const first = plan.setsTimer(ref)
    ? [`- { if: ${next} < 0, then: [${next} = ${duration(task.delayUs)}] }`]
    : [];
  return [
    ...first,
    `- ${next} = ${next} + ${duration(us)} # timer "${ref}"${absolute ? ', absolute' : ''}`,
    '- clock_gettime $now',
    `- if: $now < ${next}`,
    `  then: [clock_nanosleep ${next}]`,
    ...(absolute ? [] : ['  else:', '    - clock_gettime $now', `    - ${next} = $now`]),
  ];
}

/** The last one to come wakes the others. */
function barrierSteps(ref: string, plan: Plan): Lines {
  const { mutex, cond, missing } = plan.barrier(ref);
  return [
    `- pthread_mutex_lock ${mutex} # barrier`,
    `- if: ${missing} == 0`,
    `  then: [pthread_cond_broadcast ${cond}]`,
    '  else:',
    `    - ${missing} = ${missing} - 1`,
    `    - pthread_cond_wait ${cond} ${mutex}`,
    `    - ${missing} = ${missing} + 1`,
    `- pthread_mutex_unlock ${mutex}`,
  ];
}

/** Each time another copy. */
function forkSteps(ref: string, plan: Plan): Lines {
  const { actors, counter } = plan.forked(ref);
  if (actors.length === 1) return [`- wake_up_process ${actors[0]} # fork`];
  return [
    `- add ${counter} 1 -> nth # fork`,
    ...actors.map((actor, i) => `- { if: $nth == ${i + 1}, then: [wake_up_process ${actor}] }`),
  ];
}

/** memset() of the buffer. */
function memory(bytes: number): string {
  return formatDuration(Math.max(1, Math.round((bytes * PICOSECONDS_PER_BYTE) / 1000)));
}

/** The buffer at a time. */
function writeSteps(bytes: number, { workload }: Plan): Lines {
  const { bufferBytes } = workload;
  const whole = Math.floor(bytes / bufferBytes);
  const rest = bytes % bufferBytes;
  return [
    ...(whole > 0 ? repeated(whole, [`- write $device ${bufferBytes} # iorun ${bytes}`]) : []),
    ...(rest > 0 ? [`- write $device ${rest} # iorun ${bytes}`] : []),
  ];
}

export function policyText(policy: Policy, priority: number): string[] {
  if (policy === 'idle') return ['policy: idle'];
  if (policy === 'normal') return priority === 0 ? [] : [`nice: ${priority}`];
  return [`policy: ${policy}`, `prio: ${priority}`];
}
