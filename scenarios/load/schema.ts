/**
 * The form of a scenario in its canonical shape: every field with its type, default and a
 * sentence. The documentation and the JSON Schema are generated from this.
 */
import { z } from 'zod';
import { memoryModels } from '../../models/cpu/store-buffer.ts';
import { signals, type SignalName } from '../../models/signal/signal.ts';
import { actorSchema, identifier, name } from './actor-schema.ts';
import { duration } from './duration.ts';
import { exploreSchema } from './explore-schema.ts';
import { LIMITS } from './limits.ts';
import type { Registry } from './registry.ts';
import { sweepSchema } from './sweep-schema.ts';
import { tableSchema } from './table.ts';

/** An object of the scenario: its type, and the fields that the type has. */
export interface ObjectSpec {
  readonly type: string;
  readonly [field: string]: unknown;
}

function machine(registry: Registry) {
  const costs = Object.fromEntries(
    [...registry.costs].map(([cost, about]) => [cost, duration.optional().describe(about)]),
  );
  return z.strictObject({
    cpus: z.int().min(1).max(LIMITS.cpus).default(1).describe('The number of CPUs.'),
    hz: z
      .int()
      .min(1, 'a machine needs ticks: HZ is from 1 to 10000, as a rule 100, 250 or 1000')
      .max(LIMITS.hz)
      .default(1000)
      .describe('Timer ticks a second (CONFIG_HZ).'),
    preemption: z
      .enum(['none', 'voluntary', 'full', 'lazy', 'rt'])
      .default('none')
      .describe('The preemption model (CONFIG_PREEMPT_*).'),
    memory: z
      .enum(memoryModels)
      .optional()
      .describe(
        'What an exploration assumes of memory: each store is seen at once (`sc`, if left out), ' +
          "or may wait in its CPU's store buffer (`tso`, as on x86).",
      ),
    costs: z
      .strictObject({
        preset: z
          .enum(['ideal', 'x86-2007', 'x86-2024'])
          .default('x86-2024')
          .describe('The table that costs are taken from; in `ideal` everything takes no time.'),
        ...costs,
      })
      .prefault({})
      .describe('What operations cost in virtual time.'),
  });
}

function objects(registry: Registry) {
  const types = [...registry.objectTypes.values()].map((type) =>
    z.strictObject({ type: z.literal(type.name).describe(type.about), ...type.fields.shape }),
  );
  const [first, ...rest] = types;
  const object = first ? z.discriminatedUnion('type', [first, ...rest]) : z.never();
  return z.record(name, object as unknown as z.ZodType<ObjectSpec, ObjectSpec>);
}

const at = duration.describe('The instant.');
const target = name.describe('The actor that it strikes; all copies if it has a count.');
const occasions = z.int().min(1).default(1).describe('How many times.');

const signalNames = Object.keys(signals) as SignalName[];

const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('signal').describe('A signal is sent.'),
    at,
    target,
    signal: z.enum(signalNames).describe('The signal.'),
  }),
  z.strictObject({ kind: z.literal('kill').describe('SIGKILL is sent.'), at, target }),
  z.strictObject({ kind: z.literal('restart').describe('It begins anew.'), at, target }),
  z.strictObject({
    kind: z.literal('stall').describe('It stands still, as under a hypervisor.'),
    at,
    target,
    for: duration.describe('For how long.'),
  }),
  z.strictObject({
    kind: z.literal('alloc_fail').describe('Its next allocations fail.'),
    at,
    target,
    count: occasions,
  }),
  z.strictObject({
    kind: z.literal('lost_irq').describe('The next arrivals of the line are lost.'),
    at,
    target,
    count: occasions,
  }),
  z.strictObject({
    kind: z.literal('spurious_irq').describe('The line is raised without a cause.'),
    at,
    target,
    count: occasions,
  }),
]);

/** An event of the trace; it may be narrowed to one object. */
function watchedEvent(registry: Registry) {
  const known = (text: string): boolean => registry.events.has(text.split(' ')[0]!);
  return z.string().refine(known, {
    error: 'expected an event of the trace, such as output, or one of an object: lock_release L',
  });
}

/** What a further metric counts or measures. */
function metric(event: ReturnType<typeof watchedEvent>) {
  return z.union(
    [
      z.strictObject({ count: event.describe('How often the event happens.') }),
      z.strictObject({
        from: event.describe('The time is taken from the last such event'),
        to: event.describe('to the next: NAME.count, .min, .mean, .max, .p50, .p90, .p99 in ns.'),
        inLine: z
          .boolean()
          .optional()
          .describe('They wait in line: each `to` ends the oldest that is open.'),
      }),
      z.strictObject({
        wanted: event.describe('With this event something wants to run'),
        begins: event.describe('which begins with this one: NAME.preempts or NAME.waits'),
        cpu: z.int().min(0).describe('for what runs on this CPU, by its context.'),
      }),
    ],
    {
      error:
        'expected { count: EVENT }, { from: EVENT, to: EVENT } or ' +
        '{ wanted: EVENT, begins: EVENT, cpu: N }',
    },
  );
}

/** The form of a scenario whose objects, programs and names a registry supplies. */
export function scenarioSchema(registry: Registry) {
  const finding = z.enum([...registry.findings]);
  const event = z.enum([...registry.events]);
  const watched = watchedEvent(registry);
  const many = z.int().min(1).max(LIMITS.arrayElements);
  const integers = z.union(
    [
      z.int(),
      z.array(z.int()).min(1).max(LIMITS.arrayElements),
      z.strictObject({ length: many.describe('How many elements it has, all of them 0.') }),
    ],
    { error: 'expected an integer, a list of integers, or {length: N}' },
  );
  return z.strictObject({
    version: z.literal(1).default(1).describe('The version of this format.'),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
        error: 'expected a name of small letters, digits and hyphens',
      })
      .describe('The name of the scenario and of its output folder.'),
    about: z.string().default('').describe('What the scenario shows, in a sentence or two.'),
    seed: z
      .union([z.int(), z.string()], { error: 'expected an integer or a string' })
      .default(1)
      .describe('Fixes every random choice.'),
    kernel: z
      .enum(['linux-2.4.27', 'linux-2.6.24', 'linux-2.6.32', 'linux-6.1', 'linux-6.12'])
      .default('linux-6.1')
      .describe('The kernel whose semantics hold where they differ.'),
    machine: machine(registry).prefault({}).describe('The hardware and its configuration.'),
    until: duration.default(10_000_000_000).describe('The virtual time at which the run ends.'),
    limits: z
      .strictObject({
        events: z
          .int()
          .min(1)
          .default(50_000_000)
          .describe('The run is stopped after this many events.'),
      })
      .prefault({})
      .describe('Bounds on the run.'),
    params: z
      .record(
        identifier,
        z.union([z.int(), z.string(), z.boolean()], {
          error: 'expected an integer, a duration, a string or a boolean',
        }),
      )
      .default({})
      .describe('Named values: `$name` or `${expression}` stands for one elsewhere.'),
    objects: objects(registry).default({}).describe('Locks, wait queues, sockets and the like.'),
    vars: z
      .record(identifier, integers)
      .default({})
      .describe('Shared variables: an integer; a list, or `{length: N}`, for an array.'),
    marked: z
      .array(identifier)
      .default([])
      .describe('Variables that are only accessed with READ_ONCE, WRITE_ONCE or atomics.'),
    counts: z
      .record(identifier, watched)
      .default({})
      .describe('Shared variables that count an event of the trace: `wakeups: sched_wakeup`.'),
    actors: z.record(name, actorSchema(registry)).describe('Who acts, in which context.'),
    faults: z.array(fault).default([]).describe('What goes wrong, and when.'),
    finally: z
      .array(z.string())
      .default([])
      .describe('Expressions over shared variables that hold when everything has ended.'),
    trace: z
      .strictObject({
        events: z
          .union([z.literal(['all', 'none']), z.array(event)])
          .default('all')
          .describe('The events that the trace records.'),
      })
      .prefault({})
      .describe('What is recorded.'),
    metrics: z
      .record(identifier, metric(watched))
      .default({})
      .describe('Further figures of the run, read off its events.'),
    table: tableSchema.optional().describe('A table of what came out, for people and as CSV.'),
    expect: z
      .strictObject({
        that: z
          .array(z.string())
          .default([])
          .describe('Thresholds on metrics, such as `messages.lost == 0`.'),
        findings: z
          .strictObject({
            must: z.array(finding).default([]).describe('Findings that must appear.'),
            may: z.array(finding).default([]).describe('Findings that may appear as well.'),
            mustNot: z.array(finding).default([]).describe('Findings that must not appear.'),
          })
          .prefault({})
          .describe('Findings that must and must not appear.'),
      })
      .prefault({})
      .describe('What decides the exit code.'),
    explore: exploreSchema(finding)
      .prefault({})
      .describe('How `lockstep explore` searches the interleavings.'),
    sweep: sweepSchema.optional().describe('What `lockstep sweep` varies.'),
  });
}

export type ScenarioSchema = ReturnType<typeof scenarioSchema>;
/** A validated scenario with all defaults; durations are integer nanoseconds. */
export type Scenario = z.output<ScenarioSchema>;
export type Actor = Scenario['actors'][string];
export type Fault = Scenario['faults'][number];
export type Arrivals = NonNullable<Extract<Actor, { kind: 'irq' }>['arrivals']>;
