/*
 * A workload of rt-app as its parser understands it (src/rt-app_parse_config.c), with its defaults.
 * What cannot be taken over is reported: as an error where nothing here can stand for it, as a
 * warning where only detail is lost.
 */
import { eventKind, readEvent, warnOfRest, type Event } from './events.ts';
import { inside, type Issues, type Place } from './issues.ts';
import type { Json, JsonObject } from './json.ts';
import { Members, objectOf } from './members.ts';
import { readScheduling, warnOfTaskGroups, type Policy, type Scheduling } from './scheduling.ts';

export interface Phase extends Place {
  readonly name: string;
  /** Endless below 1. */
  readonly loop: number;
  readonly events: readonly Event[];
  readonly cpus: readonly number[] | undefined;
  /** What changes when it begins. */
  readonly scheduling: Partial<Scheduling>;
}

export interface Task extends Place {
  readonly name: string;
  readonly instance: number;
  readonly delayUs: number;
  /** Endless below 0. */
  readonly loop: number;
  readonly cpus: readonly number[] | undefined;
  readonly scheduling: Scheduling;
  readonly phases: readonly Phase[];
}

export interface Workload {
  readonly tasks: readonly Task[];
  /** Undefined: until all tasks have ended. */
  readonly durationS: number | undefined;
  readonly inherit: boolean;
  readonly ioDevice: string;
  readonly bufferBytes: number;
}

const BUFFER_BYTES = 4 * 1024 * 1024;

/** Undefined if it cannot be one, which is reported. */
export function readWorkload(json: Json, issues: Issues): Workload | undefined {
  const root = objectOf(json, { at: json.at, path: '' }, issues);
  if (root === undefined) return undefined;
  const members = new Members(root.object, root.place, issues);
  const global = readGlobal(members.objectAt('global'), issues);
  const resources = members.take('resources');
  if (resources !== undefined) {
    issues.warn(members.at(resources), 'not needed: what an event names is there, left out');
  }
  const found = members.objectAt('tasks');
  if (found === undefined) {
    issues.error(root.place, "expected an object 'tasks', as rt-app has it");
    return undefined;
  }
  warnOfRest(members, issues);
  const tasks = found.object.members.flatMap(({ key, keyAt, value }) => {
    const place = { at: keyAt, path: inside(found.place.path, key) };
    const object = objectOf(value, place, issues);
    return object === undefined ? [] : readTask(key, object.object, place, global.policy, issues);
  });
  if (found.object.members.length === 0) issues.error(found.place, 'expected a task, got none');
  return { ...global, tasks };
}

/** They only say where and how rt-app writes its logs, and how it measures the host. */
const OF_THE_HOST = [
  'calibration',
  'cumulative_slack',
  'frag',
  'ftrace',
  'gnuplot',
  'lock_pages',
  'log_basename',
  'log_size',
  'logdir',
];

function readGlobal(
  found: ReturnType<Members['objectAt']>,
  issues: Issues,
): Omit<Workload, 'tasks'> & { readonly policy: Policy } {
  const object: JsonObject = found?.object ?? { kind: 'object', at: 0, members: [] };
  const members = new Members(object, found?.place ?? { at: 0, path: 'global' }, issues);
  const duration = members.integer('duration') ?? -1;
  const inherit = members.boolean('pi_enabled') ?? false;
  const { policy } = readScheduling(members, 'default_policy', issues);
  const ioDevice = members.string('io_device') ?? '/dev/null';
  const bufferBytes = members.integer('mem_buffer_size') ?? BUFFER_BYTES;
  if (bufferBytes < 1) issues.error(members.place, 'expected a mem_buffer_size above 0');
  const ofHost = OF_THE_HOST.filter((key) => members.take(key) !== undefined);
  if (ofHost.length > 0) {
    const text = 'only of rt-app on its host and its logs, left out';
    issues.warn(members.place, `${ofHost.join(', ')}: ${text}`);
  }
  warnOfRest(members, issues);
  return {
    durationS: duration > 0 ? duration : undefined,
    inherit,
    policy: policy ?? 'normal',
    ioDevice,
    bufferBytes,
  };
}

function readTask(
  name: string,
  object: JsonObject,
  place: Place,
  defaultPolicy: Policy,
  issues: Issues,
): Task[] {
  const members = new Members(object, place, issues);
  const instance = members.integer('instance') ?? 1;
  const delayUs = Math.max(0, members.integer('delay') ?? 0);
  if (instance < 0) issues.error(place, `expected an instance from 0, got ${instance}`);
  const given = readScheduling(members, 'policy', issues);
  const policy = given.policy ?? defaultPolicy;
  const scheduling = { policy, priority: given.priority ?? defaultPriority(policy) };
  warnOfTaskGroups(members, issues);
  const phases = members.objectAt('phases');
  const base = { ...place, name, instance, delayUs, scheduling };
  if (phases !== undefined) {
    const cpus = members.integers('cpus');
    const loop = members.integer('loop') ?? -1;
    const ignored = 'rt-app ignores it beside phases, left out';
    for (const member of members.rest()) issues.warn(members.at(member), ignored);
    const all = phases.object.members.flatMap(({ key, keyAt, value }): Phase[] => {
      const at = { at: keyAt, path: inside(phases.place.path, key) };
      const phase = objectOf(value, at, issues);
      if (phase === undefined) return [];
      const own = new Members(phase.object, at, issues);
      const changes = readScheduling(own, 'policy', issues);
      warnOfTaskGroups(own, issues);
      return [{ ...readPhase(key, own, name, issues), scheduling: changes }];
    });
    if (all.length === 0) issues.error(phases.place, 'expected a phase, got none');
    return [{ ...base, cpus, loop, phases: all }];
  }
  const phase = readPhase(name, members, name, issues);
  const once = object.members.some(({ written }) => written === 'loop');
  return [
    { ...base, cpus: phase.cpus, loop: once ? 1 : -1, phases: [{ ...phase, scheduling: {} }] },
  ];
}

/** DEFAULT_THREAD_PRIORITY and DEFAULT_THREAD_NICE. */
export function defaultPriority(policy: Policy): number {
  return policy === 'fifo' || policy === 'rr' ? 10 : 0;
}

/** What a phase and a task without phases have in common; `members` have given up the rest. */
function readPhase(
  name: string,
  members: Members,
  task: string,
  issues: Issues,
): Omit<Phase, 'scheduling'> {
  const { place } = members;
  const loop = members.integer('loop') ?? 1;
  const cpus = members.integers('cpus');
  const events: Event[] = [];
  let found = 0;
  for (const member of members.rest()) {
    const at = members.at(member);
    const kind = eventKind(member.key);
    if (kind === undefined) {
      const text = OLD_GRAMMAR.has(member.key)
        ? 'it is of an older grammar of rt-app, which had no events and is not read'
        : 'unknown to rt-app, left out';
      if (OLD_GRAMMAR.has(member.key)) issues.error(at, text);
      else issues.warn(at, text);
      continue;
    }
    found++;
    const event = readEvent(member, kind, at, task, issues);
    if (event !== undefined) events.push(event);
  }
  if (found === 0) issues.error(place, 'expected an event, such as run or sleep; got none');
  return { ...place, name, loop, events, cpus };
}

const OLD_GRAMMAR: ReadonlySet<string> = new Set(['exec', 'lock_order']);
