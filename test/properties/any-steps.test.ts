/*
 * Whatever words stand in whatever context, right or wrong: the run ends in findings or at a limit,
 * or with the answer that this kernel has no such thing; never in an error of the simulator, and is
 * still the same when repeated.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  eras,
  kernelNames,
  type KernelName,
  type PreemptionModel,
  type SoftirqName,
} from '../../models/era.ts';
import type { ArgDeclaration } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import { ScenarioError } from '../../scenarios/run/error.ts';
import type { Op } from '../../scenarios/vocabulary/define.ts';
import { loadYaml, perform, type Performed } from '../scenarios/run/perform.ts';

/** Every type or kind that a word takes for an argument of this kind. */
function taken(what: 'object' | 'actor'): string[] {
  const args = [...registry.ops.values()].flatMap((op) => op.args);
  const types = args.flatMap(({ kind, types: all }) => (kind === what ? (all ?? []) : []));
  return [...new Set(types)];
}

/** What an object declares beside its type, where the defaults will not do. */
const FIELDS: Readonly<Record<string, object>> = {
  netlink: { protocol: 9 },
  kprobe: { symbol: 'up' },
  jprobe: { symbol: 'method' },
  kretprobe: { symbol: 'down', handler: 'method' },
};

/** Files that processes open by name. */
const FILES = {
  device: { type: 'chardev', read: 'method', write: 'method' },
  records: { type: 'seq_file', records: 'n' },
};

/** An object of each type, by the name of the type. */
function objectOf(type: string): object {
  return { [type]: { type, ...FIELDS[type] } };
}

/** The types that a kernel has: no object of the others can be made. */
function typesOf(kernel: KernelName): string[] {
  return taken('object').filter((type) => {
    const actors = { someone: { kind: 'kthread', steps: [] } };
    const scenario = { name: 'one', kernel, until: '1us', objects: objectOf(type), actors };
    return !('refused' in outcomeOf(stringify(scenario)));
  });
}

/** The kinds of actors that a kernel has. */
function kindsOf(kernel: KernelName): string[] {
  return kinds.filter((kind) => {
    const actors = { someone: { kind, ...ACTORS[kind], steps: [] } };
    return !('refused' in outcomeOf(stringify({ name: 'one', kernel, until: '1us', actors })));
  });
}

/** How an actor of each kind comes to run. */
const ACTORS: Readonly<Record<string, object>> = {
  kthread: {},
  user: {},
  sys: {},
  irq: { arrivals: { every: '7ms' } },
  tasklet: { start: '3ms' },
  timer: { start: '4ms' },
  hrtimer: { start: '9ms' },
  napi: { start: '5ms' },
  irq_work: { start: '6ms' },
  work: { start: '2ms' },
  delayed_work: { start: '8ms' },
  handler: {},
  callback: {},
};
const kinds = taken('actor');

/** The vectors that every kernel has. */
const VECTORS: readonly SoftirqName[] = ['HI', 'NET_TX', 'NET_RX', 'TASKLET'];

/** @param had the types of objects and the kinds of actors that there are */
function argument(op: Op, arg: ArgDeclaration, had: readonly string[]): fc.Arbitrary<string> {
  const types = arg.types ?? [];
  switch (arg.kind) {
    case 'object':
      return fc.constantFrom(...types.filter((type) => had.includes(type)));
    case 'actor':
      // Only threads can be stopped.
      return op.name === 'kthread_stop'
        ? fc.constant('kthread')
        : fc.constantFrom(...types.filter((type) => had.includes(type)));
    case 'variable':
      return fc.constant('n');
    case 'int':
      return fc.integer({ min: 0, max: 3 }).map(String);
    case 'duration':
      return fc.constantFrom('0us', '5us', '1ms');
    case 'expr':
      return fc.constantFrom('n == 0', 'n == 1');
    case 'symbol':
      return fc.constantFrom(
        ...(arg.name === 'vector' ? VECTORS : Object.keys(arg.flags ?? { anything: 0 })),
      );
    case 'flags':
      return fc.constantFrom('0', ...Object.keys(arg.flags!));
    case 'out':
      return fc.constant('$x');
    case 'text':
      return fc.constantFrom('text', '/dev/device', '/proc/records');
  }
}

function stepOf(op: Op, had: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(...op.args.map((arg) => argument(op, arg, had)))
    .map((args) => [op.name, ...args].join(' '));
}

/** What a scenario that consists of the word alone is refused with; empty: it is not. */
function refusalOf(op: Op, kernel: KernelName, types: readonly string[], had: string[]): string {
  const idle = Object.fromEntries(kinds.filter((kind) => had.includes(kind)).map((k) => [k, []]));
  const steps = ['$x = 0', ...fc.sample(stepOf(op, had), { seed: 1, numRuns: 1 })];
  const actors = { ...idle, [op.mode === 'user' ? 'user' : 'kthread']: steps };
  const machine = { cpus: 1, preemption: 'none' as const };
  const outcome = outcomeOf(textOf(kernel, types, { ...machine, actors, other: [], method: [] }));
  return 'refused' in outcome ? outcome.refused : '';
}

/** The words for which there are objects and actors. */
function wordsFor(had: readonly string[]): Op[] {
  const has = (args: readonly ArgDeclaration[]): boolean =>
    args.every(
      ({ kind, types: taken }) =>
        (kind !== 'object' && kind !== 'actor') || taken!.some((type) => had.includes(type)),
    );
  return [...registry.ops.values()].map((op) => op as Op).filter(({ args }) => has(args));
}

/** Those that the kernel does not lack itself, and that are not for one method only. */
function wordsOf(kernel: KernelName, types: readonly string[], had: string[]): Op[] {
  return wordsFor(had).filter((op) => {
    const refusal = refusalOf(op, kernel, types, had);
    return !refusal.includes(`${kernel} has no`) && !refusal.includes('this is for');
  });
}

function stepsFrom(words: readonly Op[], had: readonly string[]): fc.Arbitrary<string[]> {
  const step = fc.constantFrom(...words).chain((op) => stepOf(op, had));
  return fc.array(step, { maxLength: 5 }).map((steps) => ['$x = 0', ...steps]);
}

interface Parts {
  readonly cpus: number;
  readonly preemption: PreemptionModel;
  readonly actors: Readonly<Record<string, readonly string[]>>;
  readonly other: readonly string[];
  readonly method: readonly string[];
}

function textOf(kernel: KernelName, types: readonly string[], parts: Parts): string {
  const { cpus, preemption, actors, other, method } = parts;
  return stringify({
    name: 'any',
    kernel,
    until: '40ms',
    limits: { events: 5000 },
    machine: { cpus, hz: 100, preemption },
    objects: { ...(Object.assign({}, ...types.map(objectOf)) as object), ...FILES },
    vars: { n: 0 },
    actors: {
      ...Object.fromEntries(
        Object.entries(actors).map(([kind, steps]) => [kind, { kind, ...ACTORS[kind], steps }]),
      ),
      other: { kind: 'kthread', steps: other },
      method: { kind: 'callback', steps: method },
    },
  });
}

function scenarioOn(kernel: KernelName): fc.Arbitrary<string> {
  const types = typesOf(kernel);
  const { preemptionModels } = eras[kernel];
  const hadKinds = kindsOf(kernel);
  const had = [...types, ...hadKinds];
  const words = wordsOf(kernel, types, had);
  const kernelSteps = stepsFrom(
    words.filter(({ mode }) => mode === 'kernel'),
    had,
  );
  const processSteps = stepsFrom(words, had);
  return fc
    .record({
      cpus: fc.integer({ min: 1, max: 2 }),
      preemption: fc.constantFrom(...preemptionModels),
      other: kernelSteps,
      method: kernelSteps,
      actors: fc.record(
        Object.fromEntries(
          hadKinds.map((kind) => [
            kind,
            ['user', 'sys', 'handler'].includes(kind) ? processSteps : kernelSteps,
          ]),
        ),
      ),
    })
    .map((parts) => textOf(kernel, types, parts));
}

/** What comes out of a run, or the answer that the scenario asks for what cannot be. */
type Outcome = Pick<Performed, 'sha256' | 'result'> | { readonly refused: string };

function outcomeOf(yaml: string, slice?: number): Outcome {
  const loaded = loadYaml(yaml);
  try {
    const { sha256, result } = perform(loaded, slice === undefined ? {} : { slice });
    return { sha256, result };
  } catch (error) {
    if (error instanceof ScenarioError) return { refused: error.message };
    throw error;
  }
}

it('has an actor of every kind that a word takes', () => {
  expect(kinds.filter((kind) => ACTORS[kind] === undefined)).toEqual([]);
});

it('no kernel lacks words but those that it is known to lack', () => {
  const lacking = (kernel: KernelName): string[] => {
    const [types, had] = [typesOf(kernel), [...typesOf(kernel), ...kindsOf(kernel)]];
    const words = wordsFor(had).filter(
      (op) => !refusalOf(op, kernel, types, had).includes(`${kernel} has no`),
    );
    const names = new Set(words.map(({ name }) => name));
    return [...registry.ops.keys()].filter((name) => !names.has(name));
  };
  expect(lacking('linux-6.1').sort()).toEqual([
    'create_proc_entry',
    'create_proc_read_entry',
    'flush_scheduled_tasks',
    'register_jprobe',
    'schedule_task',
    'unregister_jprobe',
  ]);
  expect(lacking('linux-2.4.27')).toContain('pagefault_disable');
});

it.each(kernelNames)('any steps on %s run without an error of the simulator', (kernel) => {
  let runs = 0;
  fc.assert(
    fc.property(scenarioOn(kernel), (yaml) => {
      const first = outcomeOf(yaml);
      expect(outcomeOf(yaml, 50)).toEqual(first);
      if ('refused' in first) return;
      runs++;
      for (const { ns } of first.result.cpus) {
        const total = Object.values(ns).reduce((sum, time) => sum + time, 0);
        expect(total).toBe(first.result.timeNs);
      }
    }),
    { numRuns: 40 },
  );
  expect(runs).toBeGreaterThan(10);
});
