/*
 * Whatever words stand in whatever context, right or wrong: the run ends in findings or at a limit,
 * never in an error of the simulator, and is still the same when repeated.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eras, kernelNames, type SoftirqName } from '../../models/era.ts';
import type { ArgDeclaration } from '../../scenarios/load/index.ts';
import { registry } from '../../scenarios/registry.ts';
import type { Op } from '../../scenarios/vocabulary/define.ts';
import { loadYaml, perform } from '../scenarios/run/perform.ts';

/** Every type or kind that a word takes for an argument of this kind. */
function taken(what: 'object' | 'actor'): string[] {
  const args = [...registry.ops.values()].flatMap((op) => op.args);
  const types = args.flatMap(({ kind, types: all }) => (kind === what ? (all ?? []) : []));
  return [...new Set(types)];
}

/** What an object declares beside its type, where the defaults will not do. */
const FIELDS: Readonly<Record<string, object>> = { netlink: { protocol: 9 } };

/** An object of each type, and an actor of each kind, by the name of the type or kind. */
const objects = Object.fromEntries(
  taken('object').map((type) => [type, { type, ...FIELDS[type] }]),
);

/** How an actor of each kind comes to run. */
const ACTORS: Readonly<Record<string, object>> = {
  kthread: {},
  user: {},
  sys: {},
  irq: { arrivals: { every: '7ms' } },
  tasklet: { start: '3ms' },
  timer: { start: '4ms' },
  hrtimer: { start: '9ms' },
  work: { start: '5ms' },
  napi: { start: '6ms' },
};
const kinds = taken('actor');

/** The vectors that every kernel has. */
const VECTORS: readonly SoftirqName[] = ['HI', 'NET_TX', 'NET_RX', 'TASKLET'];

function argument(op: Op, arg: ArgDeclaration): fc.Arbitrary<string> {
  const types = arg.types ?? [];
  switch (arg.kind) {
    case 'object':
      return fc.constantFrom(...types);
    case 'actor':
      // Only threads can be stopped.
      return op.name === 'kthread_stop' ? fc.constant('kthread') : fc.constantFrom(...types);
    case 'variable':
      return fc.constant('n');
    case 'int':
      return fc.integer({ min: 0, max: 3 }).map(String);
    case 'duration':
      return fc.constantFrom('0us', '5us', '1ms');
    case 'expr':
      return fc.constantFrom('n == 0', 'n == 1');
    case 'symbol':
      return fc.constantFrom(...(arg.name === 'vector' ? VECTORS : Object.keys(arg.flags!)));
    case 'flags':
      return fc.constantFrom('0', ...Object.keys(arg.flags!));
    case 'out':
      return fc.constant('$x');
    case 'text':
      return fc.constant('text');
  }
}

function stepsFor(mode: Op['mode'] | 'any'): fc.Arbitrary<string[]> {
  const ops = [...registry.ops.values()]
    .map((op) => op as Op)
    .filter((op) => mode === 'any' || op.mode === mode);
  const step = fc
    .constantFrom(...ops)
    .chain((op) =>
      fc
        .tuple(...op.args.map((arg) => argument(op, arg)))
        .map((args) => [op.name, ...args].join(' ')),
    );
  return fc.array(step, { maxLength: 5 }).map((steps) => ['$x = 0', ...steps]);
}

const scenario = fc
  .record({
    kernel: fc.constantFrom(...kernelNames),
    cpus: fc.integer({ min: 1, max: 2 }),
    preemption: fc.nat(5),
    other: stepsFor('kernel'),
    actors: fc.record(
      Object.fromEntries(
        kinds.map((kind) => [kind, stepsFor(['user', 'sys'].includes(kind) ? 'any' : 'kernel')]),
      ),
    ),
  })
  .map(({ kernel, cpus, preemption, other, actors }) => {
    const models = eras[kernel].preemptionModels;
    return stringify({
      name: 'any',
      kernel,
      until: '40ms',
      limits: { events: 5000 },
      machine: { cpus, hz: 100, preemption: models[preemption % models.length] },
      objects,
      vars: { n: 0 },
      actors: {
        ...Object.fromEntries(
          Object.entries(actors).map(([kind, steps]) => [kind, { kind, ...ACTORS[kind], steps }]),
        ),
        other: { kind: 'kthread', steps: other },
      },
    });
  });

it('has an actor of every kind that a word takes', () => {
  expect(kinds.filter((kind) => ACTORS[kind] === undefined)).toEqual([]);
});

it('any steps run without an error of the simulator, the same each time', () => {
  fc.assert(
    fc.property(scenario, (yaml) => {
      const loaded = loadYaml(yaml);
      const first = perform(loaded);
      for (const { ns } of first.result.cpus) {
        const total = Object.values(ns).reduce((sum, time) => sum + time, 0);
        expect(total).toBe(first.result.timeNs);
      }
      const again = perform(loaded, { slice: 50 });
      expect([again.sha256, again.result]).toEqual([first.sha256, first.result]);
    }),
    { numRuns: 150 },
  );
});
