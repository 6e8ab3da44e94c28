/*
 * What surrounds a recorded program: the recorder's own process, which sleeps 20 ms, wakes the
 * tasks that start in order with preemption off, waits for the end of all that ran, and lets what
 * is late happen for 60 ms (do_case of the recorder). It is an actor as any other; only its words
 * that look at the whole case are not for scenarios. The steps of a `sys` actor are its own.
 */
import type { Code, Context } from '../../models/context.ts';
import type { Machine } from '../../models/machine.ts';
import { wait_for_completion_timeout } from '../../models/sched/completion.ts';
import { wake_up_process } from '../../models/sched/core.ts';
import { LONG_AGO } from '../../models/sched/fair.ts';
import { TASK_UNINTERRUPTIBLE, type Task } from '../../models/sched/task.ts';
import { int, op, type Op } from '../vocabulary/define.ts';
import type { Registry } from '../load/index.ts';
import { registry as scenarioRegistry } from '../registry.ts';
import type { World } from '../run/world.ts';
import type { KernelActor, KernelCase } from './kernel-case.ts';

/** A running case, as the words of the recorder see it. */
export interface Recording {
  readonly world: World;
  readonly tasks: readonly KernelActor[];
  /** Jiffies at the last `align`, or when the tasks were woken. */
  alignedAt: number;
  /** The recorder has stopped recording. */
  over: boolean;
}

const recordings = new WeakMap<Machine, Recording>();

/** Lets the recorder's process go on, which slept while the tasks were made. */
export function startRecording(world: World, recorded: KernelCase): Recording {
  const tasks = recorded.actors.filter(({ kind }) => kind === 'task');
  const recording = { world, tasks, alignedAt: 0, over: false };
  recordings.set(world.machine, recording);
  const controller = world.actor(controllerName(recorded)) as Task;
  controller.state = TASK_UNINTERRUPTIBLE;
  controller.vruntime = LONG_AGO;
  wake_up_process(world.machine.cpus[0]!, controller);
  return recording;
}

function* waitForTasks(k: Context, timeout: number): Code {
  const { world, tasks } = recordings.get(k.machine)!;
  const end = k.machine.jiffies + timeout;
  for (const { name, start } of tasks) {
    if (start !== true && !world.activations.has(name)) continue;
    const { exited } = (world.actor(name) as Task).kthread!;
    yield* wait_for_completion_timeout(k, exited, Math.max(1, end - k.machine.jiffies));
  }
}

function noteJiffies(k: Context): void {
  recordings.get(k.machine)!.alignedAt = k.machine.jiffies;
}

const OURS = 'the recorder';
const align = scenarioRegistry.ops.get('align') as Op;

const recorderOps: readonly Op[] = [
  {
    ...align,
    run: function* (k, env, args): Code {
      yield* align.run(k, env, args) as Code;
      noteJiffies(k);
    },
  },
  op('note_jiffies', [], 'void', 'Jiffies count from here.', OURS, noteJiffies),
  op('wait_for_tasks', [int('jiffies')], 'void', 'Until all have ended.', OURS, waitForTasks),
  op('stop_recording', [], 'void', 'What comes later is not seen.', OURS, (k) => {
    recordings.get(k.machine)!.over = true;
  }),
];

export const registry: Registry = {
  ...scenarioRegistry,
  ops: new Map([...scenarioRegistry.ops, ...recorderOps.map((word) => [word.name, word] as const)]),
};

/** In seconds; the recorder's default. */
const TIMEOUT_S = 6;

/** The steps of the recorder's process around those of the case's system call. */
function controllerSteps({ actors, machine, timeout }: KernelCase, sys: KernelActor | undefined) {
  const started = actors.filter(({ kind, start }) => kind === 'task' && start === true);
  const alone = sys !== undefined && actors.length === 1;
  return {
    before: [
      'msleep 20',
      'note_jiffies',
      'preempt_disable',
      ...started.map(({ name }) => `wake ${name}`),
      'preempt_enable',
    ],
    after: [
      `wait_for_tasks ${timeout ?? TIMEOUT_S * machine.hz}`,
      ...(alone ? [] : ['msleep 60']),
      'stop_recording',
    ],
  };
}

/** The task of the recorder. */
export const CONTROLLER = 'controller';

/** The task on whose stack a system call of the case runs: `controller` to the recorder. */
export function controllerName({ actors }: KernelCase): string {
  return actors.find(({ kind }) => kind === 'sys')?.name ?? CONTROLLER;
}

/** The case with its surroundings as the text of a scenario, a step a line. */
export function scenarioOf(recorded: KernelCase): string {
  const { name, machine, objects, vars, actors, userspin, jiffies_recorded } = recorded;
  const sys = actors.find(({ kind }) => kind === 'sys');
  const { before, after } = controllerSteps(recorded, sys);
  const controller = {
    ...(sys ?? { name: CONTROLLER, kind: 'sys' }),
    start: false,
    cpu: 0,
    steps: [...before, ...(sys?.steps ?? []), ...after],
  };
  const others = actors
    .filter((actor) => actor !== sys)
    .map((actor) => (actor.kind === 'task' ? { ...actor, start: false } : actor));
  const scenario = {
    name,
    machine,
    until: '1h',
    objects,
    vars,
    jiffies_recorded,
    ...(userspin === true ? { userspin } : {}),
    actors: [...others, controller],
  };
  return JSON.stringify(scenario, null, 1);
}
