/*
 * Random correct programs in the notation of the recordings, as wide as its vocabulary. Correct
 * means: regions are balanced, locks nest in one order and are taken as their users demand, nobody
 * sleeps where it is forbidden, handlers set each other off in one direction only, and every wait
 * ends: a helper wakes, raises and completes all there is until every task has ended.
 */
import fc from 'fast-check';
import { costPresets } from '../../../models/costs.ts';
import { eras, kernelNames, type KernelName } from '../../../models/era.ts';
import { registry } from '../../../scenarios/registry.ts';
import { VARIABLES, flow } from './flow.ts';
import { handlers } from './handlers.ts';
import { SEMAPHORES, locking } from './locking.ts';
import { KEYWORDS, type Actor, type ActorKind, type Program, type Setting } from './notation.ts';
import { LOCKS, TRIED, outermost } from './place.ts';
import { tasks } from './tasks.ts';
import { COMPLETIONS, QUEUES, waiting } from './waiting.ts';
import { Writer, pick, seed, type Cast, type Member, type Piece, type Seed } from './writer.ts';

const PIECES: readonly Piece[] = [...flow, ...locking, ...waiting, ...handlers, ...tasks];

/** A word that the simulator has today. */
export function known(word: string): boolean {
  return KEYWORDS.includes(word) || registry.ops.has(word);
}

/** The first of our kernels that has a function, if that is not the oldest. */
const SINCE: Readonly<Record<string, KernelName>> = {
  copy_from_user_nofault: 'linux-2.6.24',
  hrtimer_start: 'linux-2.6.24',
  queue_work: 'linux-2.6.24',
  cancel_work_sync: 'linux-2.6.24',
  flush_work: 'linux-2.6.32',
  cancel_work: 'linux-6.1',
};

function has(kernel: KernelName, word: string): boolean {
  const since = kernelNames.indexOf(SINCE[word] ?? kernelNames[0]);
  return known(word) && kernelNames.indexOf(kernel) >= since;
}

/** Kinds of handlers, each with a word that must be there for it to be set off. */
const HANDLERS: readonly (readonly [ActorKind, string])[] = [
  ['irq', 'raise_irq'],
  ['tasklet', 'tasklet_schedule'],
  ['tasklet', 'tasklet_schedule'],
  ['timer', 'mod_timer'],
  ['timer', 'mod_timer'],
  ['hrtimer', 'hrtimer_start'],
  ['hrtimer', 'hrtimer_start'],
  ['napi', 'napi_schedule'],
  ['work', 'queue_work'],
  ['work', 'queue_work'],
];

const FLAVOURS = ['percpu', 'ordered', 'percpu1', 'unbound', 'highpri'];

/** Workqueues with threads of their own (until 2.6.35) have two flavours. */
function flavoursOf(kernel: KernelName): string[] {
  return FLAVOURS.slice(0, has(kernel, 'cancel_work') ? FLAVOURS.length : 2);
}

interface TaskPlan {
  readonly policy: string;
  readonly rt: number;
  readonly nice: number;
  readonly cpu: number;
  readonly start: boolean;
  readonly sys: boolean;
  readonly steps: readonly Seed[];
}

const taskPlan: fc.Arbitrary<TaskPlan> = fc.record({
  policy: fc.constantFrom('fifo', 'fifo', 'rr', 'normal', 'normal', 'idle'),
  rt: fc.constantFrom(40, 50, 50, 60, 70),
  nice: fc.integer({ min: -20, max: 19 }),
  cpu: fc.integer({ min: -1, max: 3 }),
  start: fc.boolean(),
  sys: fc.nat(9).map((n) => n === 9),
  steps: fc.array(seed, { minLength: 1, maxLength: 9, size: 'max' }),
});

const plan = fc.record({
  kernel: fc.constantFrom(...kernelNames),
  preemption: fc.nat(5),
  costs: fc.constantFrom(...Object.keys(costPresets)),
  cpus: fc.constantFrom(1, 1, 1, 2, 2, 4),
  hz: fc.constantFrom(100, 250, 1000),
  userspin: fc.nat(9).map((n) => n === 9),
  flavours: fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }),
  tasks: fc.array(taskPlan, { minLength: 1, maxLength: 4, size: 'max' }),
  handlers: fc.array(
    fc.record({
      kind: fc.nat(99),
      soft: fc.boolean(),
      steps: fc.array(seed, { maxLength: 3, size: 'max' }),
    }),
    { maxLength: 7, size: 'max' },
  ),
});

type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

export interface Made {
  readonly program: Program;
  readonly setting: Setting;
  /** Tasks that a step stops, perhaps before they have run. */
  readonly stopped: ReadonlySet<string>;
}

export const programs: fc.Arbitrary<Made> = plan.map(make);

function make(plan: Plan): Made {
  const { kernel, cpus, costs } = plan;
  const cast = castOf(plan);
  const tasks = plan.tasks.map((task, i) => taskActor(task, cast, cast.members[i]!, plan));
  const handlers = cast.members
    .filter(({ order }) => order >= 0)
    .map((member) => handlerActor(plan.handlers[member.order]!.steps, cast, member));
  // The tick of 2.4 never stops, nor do those of a CPU on which a process spins.
  const hz = kernel === 'linux-2.4.27' || plan.userspin ? 100 : plan.hz;
  const program: Program = {
    name: 'random',
    machine: { cpus, hz },
    objects: objectsOf(cast, plan),
    vars: {
      ended: 0,
      zero: 0,
      ...Object.fromEntries(VARIABLES.map((name) => [name, 0])),
      ...Object.fromEntries(handlers.map(({ name }) => [`n_${name}`, 0])),
    },
    userspin: plan.userspin,
    actors: [...tasks, helper(tasks, cast), ...handlers],
  };
  const preemption = pick(eras[kernel].preemptionModels, plan.preemption);
  return { program, setting: { kernel, preemption, costs }, stopped: cast.stopped };
}

function castOf({ kernel, costs, tasks, handlers, flavours, userspin }: Plan): Cast {
  const available = HANDLERS.filter(([, word]) => has(kernel, word));
  // Tasks come before all handlers, which any of them may set off.
  const sys = tasks.findIndex(({ sys }, i) => sys && i > 0);
  const threads = tasks.map((_, i): Member => {
    const kind = i === sys ? 'sys' : 'task';
    return { name: i === 0 ? 'main' : `t${i}`, kind, soft: false, order: i - tasks.length };
  });
  const rest = handlers.map(({ kind: n, soft }, order): Member => {
    const [kind] = pick(available, n);
    return { name: `${kind}${order}`, kind, soft, order };
  });
  return {
    kernel,
    timeless: costs === 'ideal',
    members: [...threads, ...rest],
    pieces: PIECES.filter(({ words }) => words.every((word) => has(kernel, word))),
    flavours: has(kernel, 'queue_work') ? flavours.map((n) => pick(flavoursOf(kernel), n)) : [],
    stopped: new Set(),
    added: new Map(
      rest.flatMap(({ name, kind, soft }) => (kind === 'timer' && soft ? [[name, 'main']] : [])),
    ),
    // They take far longer beside a process that spins.
    longSpins: userspin ? 1 : 0,
  };
}

function taskActor(task: TaskPlan, cast: Cast, member: Member, plan: Plan): Actor {
  const { name, kind } = member;
  const body = new Writer(cast, member).steps(task.steps, outermost(kind, false));
  const steps = [...body, 'add ended 1', `log ends_${name}`];
  if (kind === 'sys') return { name, kind, steps };
  // Beside a process that spins, an idle task waits for seconds.
  const policy = plan.userspin && task.policy === 'idle' ? 'normal' : task.policy;
  return {
    name,
    kind: 'task',
    policy,
    prio: policy === 'fifo' || policy === 'rr' ? task.rt : task.nice,
    cpu: task.cpu < plan.cpus ? task.cpu : 0,
    start: name === 'main' || task.start,
    steps,
  };
}

function handlerActor(steps: readonly Seed[], cast: Cast, member: Member): Actor {
  const { name, kind, soft } = member;
  const body = new Writer(cast, member).steps(steps, outermost(kind, soft));
  const all = [`log begins_${name}`, ...body, `log ends_${name}`];
  return { name, kind, ...(kind === 'hrtimer' ? { soft } : {}), steps: all };
}

/** Ends every wait there is, again and again, until each of the tasks has counted itself. */
function helper(tasks: readonly Actor[], { members }: Cast): Actor {
  const help = [
    ...VARIABLES.map((name) => `set ${name} 9`),
    ...QUEUES.map((name) => `wake_up_all ${name}`),
    ...SEMAPHORES.flatMap((name) => [`up ${name}`, `up ${name}`]),
    ...COMPLETIONS.flatMap((name) => [`complete ${name}`, `complete ${name}`]),
    ...members.filter(({ order }) => order < 0).map(({ name }) => `wake ${name}`),
  ];
  return {
    name: 'helper',
    kind: 'task',
    policy: 'fifo',
    prio: 99,
    cpu: 0,
    start: true,
    steps: [
      'sleep 8',
      'loop 60',
      'sleep 2',
      `skip_ge ended ${tasks.length} ${help.length + 1}`,
      ...help,
      'skip_ge zero 0 1',
      'exit 0',
      'endloop',
    ],
  };
}

function objectsOf({ flavours }: Cast, { handlers }: Plan): Program['objects'] {
  const objects: [string, { type: string; [field: string]: unknown }][] = [
    ...LOCKS.map(({ name, type }): [string, { type: string }] => [name, { type }]),
    [TRIED.spinlock, { type: 'spinlock' }],
    [TRIED.rwlock, { type: 'rwlock' }],
    ...SEMAPHORES.map((name, i): [string, { type: string; count: number }] => [
      name,
      { type: 'semaphore', count: (handlers.length + i) % 3 },
    ]),
    ...QUEUES.map((name): [string, { type: string }] => [name, { type: 'wait_queue_head' }]),
    ...COMPLETIONS.map((name): [string, { type: string }] => [name, { type: 'completion' }]),
    ...flavours.map((flavour, i): [string, { type: string; flavour: string }] => [
      `WQ${i}`,
      { type: 'workqueue', flavour },
    ]),
  ];
  return Object.fromEntries(objects.filter(([, { type }]) => registry.objectTypes.has(type)));
}
