/*
 * The scenario of a workload as YAML, with a comment wherever the workload does not say it all.
 */
import { basename, extname } from 'node:path';
import { printable } from '../../output/text.ts';
import type { Plan } from './plan.ts';
import { wrongPriority } from './scheduling.ts';
import { policyText, taskSteps, type Lines } from './steps.ts';
import type { Event } from './events.ts';
import type { Task, Workload } from './workload.ts';

/** rt-app does not say how many CPUs there are. */
const CPUS_MIN = 2;
const CPUS_MAX = 64;
/** A workload that ends by itself gets at least this time, an endless one exactly this. */
const UNTIL_S = 10;

export function formatScenario(file: string, plan: Plan): string {
  const { workload, issues } = plan;
  const actors = workload.tasks.flatMap((task) => actorsOf(task, plan));
  const io = ioActors(workload, plan);
  const until = untilOf(workload, plan);
  const cpus = cpusOf(workload, plan);
  const threads = workload.tasks.reduce((sum, { instance }) => sum + instance, 0);
  const about = `rt-app's workload ${printable(basename(file))}: ${threads} threads.`;
  const notes = issues.warnings.map((text) => `#   ${printable(text.slice(file.length + 1))}`);
  return [
    `# From rt-app's workload ${printable(basename(file))}, by lockstep import.`,
    '# A run event computes for its time: each CPU is as fast as the one that rt-app calibrates.',
    ...(notes.length === 0 ? [] : ['# Not as in the workload:', ...notes]),
    `name: ${nameOf(file)}`,
    `about: ${JSON.stringify(about)}`,
    'kernel: linux-6.1',
    `machine: { cpus: ${cpus}, hz: 250, preemption: voluntary } # rt-app takes the host as it is`,
    `until: ${until}`,
    ...section('objects', plan.objects),
    ...section('vars', plan.vars),
    ...(plan.vars.size === 0 ? [] : [`marked: [${[...plan.vars.keys()].join(', ')}]`]),
    '',
    'actors:',
    ...actors,
    ...io,
    '',
  ].join('\n');
}

function section(title: string, entries: ReadonlyMap<string, string | number>): Lines {
  if (entries.size === 0) return [];
  return ['', `${title}:`, ...[...entries].map(([name, value]) => `  ${name}: ${value}`)];
}

/** Small letters, digits and hyphens. */
function nameOf(file: string): string {
  const words = basename(file, extname(file))
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return (words ?? ['rt-app']).join('-').slice(0, 63);
}

/** The threads that the task begins with, and those that are forked. */
function actorsOf(task: Task, plan: Plan): Lines {
  const { name, instance } = task;
  const forks = plan.forkCount(name);
  const steps = taskSteps(task, plan);
  if (instance === 0 && forks === 0) {
    plan.issues.warn(task, 'has no instance and nobody forks it, left out');
  }
  return [
    ...(instance > 0 ? actor(plan.actor(name), instance, task, steps, plan, []) : []),
    ...(forks > 0
      ? actor(plan.forkedActor(name), forks, task, steps, plan, ['start: false # until forked'])
      : []),
  ];
}

function actor(
  name: string,
  count: number,
  task: Task,
  steps: Lines,
  plan: Plan,
  more: Lines,
): Lines {
  const { policy, priority } = task.scheduling;
  const wrong = wrongPriority(task.scheduling);
  if (wrong !== undefined) plan.issues.error(task, wrong);
  const cpus = affinity(task, plan);
  // At the end of the time rt-app wakes all who wait.
  const daemon = plan.workload.durationS !== undefined || task.loop < 0;
  const original = name === task.name ? '' : ` # ${printable(task.path)}`;
  return [
    `  ${name}:${original}`,
    '    kind: user',
    ...(count > 1 ? [`    count: ${count}`] : []),
    ...policyText(policy, priority).map((line) => `    ${line}`),
    ...(cpus === undefined ? [] : [`    cpus: [${cpus.join(', ')}]`]),
    ...more.map((line) => `    ${line}`),
    ...(daemon ? ['    daemon: true'] : []),
    ...(steps.length === 0 ? ['    steps: [nop]'] : ['    steps:']),
    ...steps.map((line) => `      ${line}`),
  ];
}

/** The CPUs of a task, which its phases must not change. */
function affinity(task: Task, { issues }: Plan): readonly number[] | undefined {
  const sets = task.phases.map(({ cpus }) => cpus ?? task.cpus);
  const [first] = sets;
  const other = sets.findIndex((set) => set?.join() !== first?.join());
  if (other >= 0) {
    const phase = task.phases[other]!;
    issues.error(phase, 'the CPUs change with the phase, and sched_setaffinity is not modelled');
  }
  if (first?.length === 0) issues.error(task, 'expected a CPU in cpus, got none');
  const wrong = first?.find((cpu) => cpu < 0 || cpu >= CPUS_MAX);
  if (wrong !== undefined) {
    issues.error(task, `expected CPUs from 0 to ${CPUS_MAX - 1}, got ${wrong}`);
  }
  return first;
}

function cpusOf({ tasks }: Workload, { issues }: Plan): number {
  const named = tasks.flatMap(({ cpus, phases }) => [
    ...(cpus ?? []),
    ...phases.flatMap((phase) => phase.cpus ?? []),
  ]);
  const cpus = Math.min(CPUS_MAX, Math.max(CPUS_MIN, ...named.map((cpu) => cpu + 1)));
  issues.warn(
    { at: 0, path: '' },
    `it does not say how many CPUs there are: ${cpus} (--set machine.cpus=N)`,
  );
  return cpus;
}

/** A device that takes everything at once, as /dev/null does. */
function ioActors({ tasks, ioDevice }: Workload, plan: Plan): Lines {
  const first = eventsOf(tasks).find(({ kind }) => kind === 'iorun');
  const memory = eventsOf(tasks).find(({ kind }) => kind === 'mem');
  if (memory !== undefined)
    plan.issues.warn(memory, 'memory takes 10 GB/s: caches are not modelled');
  if (first === undefined) return [];
  if (ioDevice !== '/dev/null') {
    plan.issues.warn(first, `writes to ${ioDevice} take no longer than to /dev/null: no disk`);
  }
  plan.objects.set('"null"', '{ type: chardev, write: null_write }');
  return [
    '  null_write: # write() of /dev/null: all of it was written',
    '    kind: callback',
    '    steps: [argument count -> n, exit $n]',
  ];
}

function eventsOf(tasks: readonly Task[]): Event[] {
  return tasks.flatMap(({ phases }) => phases.flatMap(({ events }) => events));
}

function untilOf({ durationS, tasks }: Workload, { issues }: Plan): string {
  if (durationS !== undefined) return `${durationS}s`;
  const all = tasks.map(lengthUs);
  const finite = all.filter((us) => us !== Infinity).reduce((sum, us) => sum + us, 0);
  const endless = finite === 0 || all.includes(Infinity);
  const s = endless ? UNTIL_S : Math.max(UNTIL_S, Math.ceil((2 * finite) / 1e6));
  const why = endless ? 'it runs for ever' : 'it runs until its tasks end';
  issues.warn({ at: 0, path: 'global.duration' }, `without a duration ${why}: here ${s} s at most`);
  return `${s}s`;
}

/** What all threads of a task take at least. */
function lengthUs({ phases, loop, instance, delayUs }: Task): number {
  const once = phases.reduce((sum, phase) => {
    const events = phase.events.reduce((us, event) => us + ('us' in event ? event.us : 0), 0);
    return sum + (phase.loop < 1 ? Infinity : phase.loop * events);
  }, 0);
  if (instance === 0 || loop === 0) return 0;
  return loop < 0 ? Infinity : instance * (delayUs + loop * once);
}
