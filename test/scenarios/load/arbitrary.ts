/**
 * Random scenarios for property tests.
 */
import fc from 'fast-check';
import { formatDuration } from '../../../scenarios/load/index.ts';

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_:-]{0,8}$/)
  .filter((text) => text !== 'self' && text !== '__proto__');
const identifier = fc
  .stringMatching(/^[A-Za-z_]\w{0,8}$/)
  .filter((text) => text !== 'index' && text !== '__proto__');
const duration = fc
  .oneof(fc.maxSafeNat(), fc.nat(1_000_000))
  .map((ns) => (ns === 0 ? 0 : formatDuration(ns)));
const gap = duration.filter((text) => text !== 0);
const jiffies = fc.nat(100_000).map((n) => `${n}jiffies`);
const text = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('$$', 'a$$b', '5$', '3jiffies', 'true', '~', '1e3', 'a: b', '# c', '- d', ''),
  )
  .filter((s) => !/\$[A-Za-z_{]/.test(s.replaceAll('$$', '')));
const optional = { requiredKeys: [] };

const object = fc.oneof(
  fc.constantFrom('spinlock', 'mutex', 'sem:2', 'waitqueue'),
  fc.record({ type: fc.constant('semaphore'), count: fc.nat() }),
  fc.record({ type: fc.constant('spinlock'), class: text }),
  fc.record({ type: fc.constant('netlink_socket'), timeout: fc.oneof(duration, jiffies) }),
);

const steps = fc.array(
  fc.oneof(
    // The local's name is longer than any parameter's.
    fc.constantFrom<unknown>(
      'schedule',
      'compute 3jiffies',
      '$own_local = 1',
      'log a',
      '$own_local = $index + 1',
      'compute ${index + 1}us',
      { repeat: 3, do: ['schedule'] },
      { if: 1, then: [], else: ['log b'] },
    ),
  ),
  { maxLength: 4 },
);

const scheduling = fc.oneof(
  fc.record({ policy: fc.constantFrom('fifo', 'rr'), prio: fc.integer({ min: 1, max: 99 }) }),
  fc.record({ nice: fc.integer({ min: -20, max: 19 }), cpus: fc.constant([0, 1]) }, optional),
);
const start = fc.oneof<fc.Arbitrary<unknown>[]>(
  fc.boolean(),
  duration,
  fc.constantFrom('${index}ms', '${index * 2}jiffies'),
);

const actor = fc.oneof(
  fc
    .tuple(
      scheduling,
      fc.record(
        {
          kind: fc.constantFrom('kthread', 'task', 'user', 'sys'),
          steps,
          start,
          about: text,
          count: fc.integer({ min: 1, max: 4 }),
        },
        { requiredKeys: ['kind', 'steps'] },
      ),
    )
    .map(([a, b]) => ({ ...a, ...b })),
  fc.record(
    {
      kind: fc.constant('irq'),
      steps,
      cpu: fc.constantFrom(0, '${index % 2}'),
      arrivals: fc.oneof(
        fc.record({ every: gap, jitter: duration }),
        fc.record({ poisson: gap, count: fc.nat() }),
        fc.record({ at: fc.array(duration, { maxLength: 3 }) }),
        fc.nat(1000).map((n) => ({ uniform: { min: `${n}us`, max: `${n + 1}us` } })),
      ),
    },
    { requiredKeys: ['kind', 'steps'] },
  ),
  fc.record(
    {
      program: fc.constant('netlink-sender'),
      count: fc.integer({ min: 1, max: 3 }),
      with: fc.record(
        {
          socket: text,
          interval: fc.oneof(duration, fc.constant('${index + 1}us')),
          size: fc.integer({ min: 1, max: 9999 }),
        },
        { requiredKeys: ['socket'] },
      ),
    },
    { requiredKeys: ['program', 'with'] },
  ),
);

/** A scenario that is right, in any of the forms that the loader takes. */
export const scenario = fc.record(
  {
    name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,9}$/),
    about: fc.string({ maxLength: 20 }),
    seed: fc.oneof(fc.maxSafeInteger(), text),
    until: duration,
    machine: fc.record(
      {
        cpus: fc.constant(2),
        hz: fc.constantFrom(100, 250, 300, 1000, '$hz'),
        costs: fc.oneof<fc.Arbitrary<unknown>[]>(
          fc.constantFrom('ideal', 'x86-2007'),
          fc.record({ irq_entry: duration }, optional),
        ),
      },
      { requiredKeys: ['cpus'] },
    ),
    params: fc
      .dictionary(
        identifier,
        fc.oneof<fc.Arbitrary<unknown>[]>(fc.maxSafeInteger(), text, fc.boolean(), duration),
      )
      .map((params) => ({ ...params, hz: 200 })),
    objects: fc.dictionary(name, object, { maxKeys: 4 }),
    vars: fc.dictionary(
      identifier,
      fc.oneof<fc.Arbitrary<unknown>[]>(
        fc.maxSafeInteger(),
        fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      ),
      { maxKeys: 3 },
    ),
    actors: fc
      .uniqueArray(name, { maxLength: 4, selector: (n) => n.replace(/-\d+$/, '') })
      .chain((names) =>
        fc
          .tuple(...names.map((n) => fc.tuple(fc.constant(n), actor)))
          .map((pairs) => Object.fromEntries(pairs)),
      ),
    expect: fc.oneof<fc.Arbitrary<unknown>[]>(
      fc.constant(['a.b == 0', { that: 'c < 5us' }]),
      fc.constant({ 'a.b': 3 }),
      fc.constant({ findings: { must: ['hang'] } }),
    ),
  },
  { requiredKeys: ['name', 'actors', 'machine', 'params'] },
);
