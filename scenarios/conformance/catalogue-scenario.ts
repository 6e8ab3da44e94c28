/*
 * A catalogued program as the data of a scenario.
 */
import type { CatalogueActor, CatalogueProgram } from './catalogue-entry.ts';
import type { MemoryModel } from '../../models/cpu/store-buffer.ts';
import { callOf, sleepers } from './catalogue-prose.ts';
import { lines, namesOf, typeOf, type Names } from './catalogue-names.ts';
import { translateSteps, type Step } from './catalogue-steps.ts';

export type Data = Readonly<Record<string, unknown>>;

/** Objects that in a scenario are the actors which serve them. */
const SERVED: Readonly<Record<string, string>> = {
  timer: 'timer',
  tasklet: 'tasklet',
  work: 'work',
};

/** When a run of actors that go on for ever is over. */
const ENDLESS_UNTIL = '5ms';

export function scenarioOf(
  name: string,
  program: CatalogueProgram,
  memory: MemoryModel = 'sc',
): Data {
  const names = namesOf(program);
  const cpus = Math.max(program.cpus ?? 1, ...[...names.cpus.values()].map((cpu) => cpu + 1));
  const { marked = [], finally: last = [] } = program;
  const vars = program.vars ?? {};
  return {
    name: name.toLowerCase().replace(/[^a-z0-9-]+/g, '-'),
    ...(needsOldKernel(program) ? { kernel: 'linux-2.6.32' } : {}),
    machine: {
      cpus,
      ...(tasksShareCpu(names) ? { preemption: 'full' } : {}),
      ...(memory === 'sc' ? {} : { memory }),
    },
    ...(lines(program.actors).includes('repeat') ? { until: ENDLESS_UNTIL } : {}),
    ...whereSome('objects', objectsOf(program)),
    ...whereSome('vars', vars),
    ...(marked.length > 0 ? { marked } : {}),
    ...(program.count_wakes === undefined
      ? {}
      : { counts: { [program.count_wakes]: 'sched_wakeup' } }),
    actors: actorsOf(names),
    ...(last.length > 0 ? { finally: last } : {}),
  };
}

function whereSome(key: string, data: Data): Data {
  return Object.keys(data).length > 0 ? { [key]: data } : {};
}

/**
 * sleep_on() went in 3.15. Since 5.19 kthread_stop() also ends interruptible sleeps that have not
 * begun yet (TIF_NOTIFY_SIGNAL), so that a thread which tests too early gets away with it.
 */
function needsOldKernel({ actors }: CatalogueProgram): boolean {
  const old = /^(?:interruptible_)?sleep_on|^kthread_stop\b/;
  return lines(actors.map(({ steps }) => steps)).some((line) => old.test(line));
}

function tasksShareCpu({ program, cpus }: Names): boolean {
  const tasks = program.actors.filter(({ ctx }) => ctx === 'kthread' || ctx === 'user');
  return new Set(tasks.map(({ name }) => cpus.get(name))).size < tasks.length;
}

function objectsOf(program: CatalogueProgram): Data {
  const { objects = {}, classes = {}, sem_end = {}, ref_zero = [] } = program;
  const made = Object.entries(objects).flatMap(([name, written]) => {
    const type = typeOf(program, name)!;
    if (type in SERVED || type === 'softirq') return [];
    const value = written.slice(type.length + 1);
    const lockClass = classes[name]?.split('/')[0];
    const fields = {
      ...fieldsOf(type, value),
      ...(lockClass === undefined ? {} : { class: lockClass }),
      ...(sem_end[name] === undefined ? {} : { atEnd: sem_end[name] }),
      ...(ref_zero.includes(name) ? { atEnd: 0 } : {}),
    };
    return [[name, Object.keys(fields).length === 1 ? fields.type : fields]];
  });
  const calls = sleepers(program.actors).map((name) => [callOf(name), 'completion']);
  return Object.fromEntries([...made, ...calls]) as Data;
}

function fieldsOf(type: string, value: string): Data & { type: string } {
  switch (type) {
    case 'rwlock':
      return { type, form: 'bias' };
    case 'qrwlock':
      return { type: 'rwlock', form: 'queued' };
    case 'sem':
      return { type: 'semaphore', ...(value === '' ? {} : { count: Number(value) }) };
    case 'rwsem':
      return { type: 'rw_semaphore' };
    case 'waitqueue':
      return { type: 'wait_queue_head' };
    case 'mem':
      return { type, ...(value === '' ? {} : { state: value }) };
    case 'ref':
      return { type, ...(value === '' ? {} : { count: Number(value) }) };
    case 'skbq':
      return { type, ...(value === '' ? {} : { capacity: Number(value) }) };
    default:
      return { type };
  }
}

function actorsOf(names: Names): Data {
  const { program } = names;
  const made: Record<string, unknown> = {};
  for (const actor of program.actors) {
    const { name, ctx } = actor;
    if (ctx === 'softirq' && arrives(names, actor)) {
      made[`${name}-irq`] = {
        kind: 'irq',
        cpu: names.cpus.get(name),
        arrivals: arrivalsOf(program),
        steps: [`raise_softirq ${names.vectors.get(name)!}`],
      };
    }
    made[name] = actorOf(names, actor);
  }
  for (const [object, kind] of unserved(names)) made[object] = { kind, steps: [] };
  return made;
}

/** Timers and the like whose handler does nothing. */
function unserved({ program, served }: Names): [string, string][] {
  return Object.keys(program.objects ?? {}).flatMap((object): [string, string][] => {
    const kind = SERVED[typeOf(program, object)!];
    return kind === undefined || served.has(object) ? [] : [[object, kind]];
  });
}

/** Whether something from outside sets it off. */
function arrives({ program }: Names, { on }: CatalogueActor): boolean {
  return on === undefined || (program.objects?.[on]?.endsWith(':pending') ?? false);
}

function arrivalsOf({ rearm }: CatalogueProgram): Data {
  return rearm === true ? { every: '1us', count: 2 } : { at: ['0s'] };
}

function actorOf(names: Names, actor: CatalogueActor): Data {
  const { program } = names;
  const { name, ctx, prio } = actor;
  const cpu = names.cpus.get(name);
  const steps = translateSteps(names, actor);
  switch (ctx) {
    case 'hardirq': {
      const arrivals = arrives(names, actor) ? { arrivals: arrivalsOf(program) } : {};
      return { kind: 'irq', cpu, ...arrivals, steps };
    }
    case 'softirq':
      return { kind: ctx, cpu, vector: names.vectors.get(name), steps };
    case 'timer':
    case 'tasklet':
    case 'work': {
      const delayed = ctx === 'work' && isDelayed(names, actor);
      const start = arrives(names, actor) ? { start: true } : {};
      return { kind: delayed ? 'delayed_work' : ctx, cpu, ...start, steps };
    }
    default: {
      const policy = prio === undefined ? {} : { policy: 'fifo', prio };
      const daemon = program.daemons?.includes(name) === true ? { daemon: true } : {};
      return { kind: ctx, cpu, ...policy, ...daemon, ...begun(steps) };
    }
  }
}

/** `at 1ms` as the first step: that is when it starts. */
function begun(steps: readonly Step[]): Data {
  const [first, ...rest] = steps;
  const at = typeof first === 'string' ? /^at\s+(\S+)$/.exec(first)?.[1] : undefined;
  return at === undefined ? { steps } : { start: at, steps: rest };
}

function isDelayed({ program }: Names, { on }: CatalogueActor): boolean {
  const all = lines(program.actors.map(({ steps }) => steps));
  return all.some(
    (line) => /\w*delayed_work\w*/.test(line) && line.split(/\s+/).includes(on ?? ''),
  );
}
