/**
 * The form of an actor, by kind: the four contexts of the kernel and what runs in them.
 */
import { z } from 'zod';
import { duration } from './duration.ts';
import { LIMITS } from './limits.ts';
import type { Registry } from './registry.ts';

const NAME_TEXT = `^[A-Za-z_][A-Za-z0-9_:-]{0,${LIMITS.nameLength - 1}}$`;

/** A name of an actor or object. */
export const name = z.string().regex(new RegExp(NAME_TEXT), {
  error: `a name is a letter, then up to ${LIMITS.nameLength - 1} letters, digits, _ : -`,
});

/** A name of a variable or parameter, which stands in expressions. */
export const identifier = z
  .string()
  .regex(new RegExp(`^[A-Za-z_]\\w{0,${LIMITS.nameLength - 1}}$`), {
    error: `a name is a letter, then up to ${LIMITS.nameLength - 1} letters, digits, _`,
  });

/** A step as it stands in the file; the step compiler checks it, not this schema. */
export type StepSource = string | { readonly [key: string]: unknown };

const cpu = z
  .int()
  .min(0)
  .max(LIMITS.cpus - 1);

const RULES = [
  'every',
  'poisson',
  'uniform',
  'erlang',
  'pareto',
  'table',
  'at',
  'recorded',
] as const;

/** Arrivals at the instants of a recorded trace. */
const recorded = z.strictObject({
  file: z
    .string()
    .describe('The recording, beside the scenario: trace.dat, ftrace text, pcap, pcapng or CSV.'),
  event: z
    .string()
    .optional()
    .describe('The event that arrives, such as irq_handler_entry (of a capture: every packet).'),
  cpu: z.int().min(0).optional().describe('Only those on this CPU of the recording.'),
  where: z
    .record(
      z.string(),
      z.union([z.int(), z.string()], { error: 'expected an integer or a string' }),
    )
    .default({})
    .describe('Only those whose fields have these values: `{ name: eth0 }`.'),
  origin: z
    .enum(['first', 'recording'])
    .default('first')
    .describe('What falls on `start`: the first of them, or the first event of the recording.'),
  scale: z
    .number()
    .positive()
    .max(1_000_000)
    .default(1)
    .describe('The factor by which distances grow.'),
});

/** When something arrives from outside. */
export const arrivals = z
  .strictObject({
    every: duration.optional().describe('A fixed interval between arrivals.'),
    poisson: duration.optional().describe('Arrivals at random with this mean interval.'),
    uniform: z
      .strictObject({
        min: duration.describe('The shortest interval.'),
        max: duration.describe('The longest interval.'),
      })
      .optional()
      .describe('Intervals drawn evenly from a range.'),
    erlang: z
      .strictObject({
        mean: duration.describe('The mean interval.'),
        shape: z.int().min(1).max(1000).describe('The number of exponential stages.'),
      })
      .optional()
      .describe('Intervals more even than at random.'),
    pareto: z
      .strictObject({
        min: duration.describe('The shortest interval.'),
        alpha: z.number().positive().describe('The exponent of the tail; below 2 it is heavy.'),
        max: duration.optional().describe('The longest interval (default: no bound).'),
      })
      .optional()
      .describe('Intervals with a heavy tail.'),
    table: z
      .array(
        z.strictObject({
          value: duration.describe('An interval.'),
          weight: z.int().min(1).describe('How often it comes, relative to the others.'),
        }),
      )
      .min(1)
      .optional()
      .describe('Intervals drawn from a measured table.'),
    at: z.array(duration).optional().describe('Arrivals at these instants.'),
    recorded: recorded.optional().describe('Arrivals as a recorded trace has them.'),
    jitter: duration
      .optional()
      .describe('Delays each arrival of `every` by an even draw from 0 to this.'),
    start: duration.default(0).describe('The instant from which intervals count.'),
    count: z.int().min(0).optional().describe('How many arrivals there are (default: no bound).'),
    until: duration.optional().describe('No arrival at or after this instant.'),
  })
  .check(({ value, issues }) => {
    const given = RULES.filter((key) => value[key]);
    const complain = (message: string, ...path: string[]) => {
      issues.push({ code: 'custom', message, path, input: value });
    };
    if (given.length !== 1) {
      complain(`expected one of ${RULES.join(', ')} (an interval is above 0)`);
    }
    if (value.jitter !== undefined && !value.every) complain('belongs to `every`', 'jitter');
    if (value.uniform && value.uniform.max < Math.max(1, value.uniform.min)) {
      complain('expected max to be above 0 and not below min', 'uniform', 'max');
    }
  });

function common(registry: Registry) {
  const programs = [...registry.programs.keys()];
  return {
    about: z.string().default('').describe('What the actor is for.'),
    count: z
      .int()
      .min(1)
      .max(LIMITS.actors)
      .optional()
      .describe(
        'Makes this many copies, named NAME-0, NAME-1 and so on; `$index` is the number of each.',
      ),
    steps: z
      .array(z.custom<StepSource>())
      .optional()
      .describe('What it does, step by step, in the vocabulary of kernel functions.'),
    program: z
      .enum(programs)
      .optional()
      .describe('The built-in program that it runs, in place of steps.'),
    with: z.record(z.string(), z.unknown()).default({}).describe("The program's parameters."),
  };
}

const cpuOfHandler = cpu
  .optional()
  .describe('The CPU that it is bound to (default: the CPU that raises it).');
const pid = z
  .int()
  .min(2)
  .max(4_194_304)
  .optional()
  .describe('Its process id (default: the lowest free one).');
const uid = z
  .int()
  .min(0)
  .max(65_535)
  .optional()
  .describe('Whose process it is (default: 0, root, who may do everything).');
const armed = z.union([z.boolean(), duration], { error: 'expected true, false or a duration' });
const startsIdle = {
  start: armed
    .default(false)
    .describe('Pending from the beginning (true), from an instant on, or only when raised.'),
};

const scheduling = {
  cpu: cpu.optional().describe('The only CPU that it may run on.'),
  cpus: z.array(cpu).min(1).optional().describe('The CPUs that it may run on (default: all).'),
  policy: z
    .enum(['normal', 'fifo', 'rr', 'idle'])
    .default('normal')
    .describe('The scheduling policy: SCHED_NORMAL, SCHED_FIFO, SCHED_RR or SCHED_IDLE.'),
  prio: z
    .int()
    .min(1)
    .max(99)
    .optional()
    .describe('The real-time priority under fifo and rr; the higher number wins.'),
  nice: z.int().min(-20).max(19).default(0).describe('The nice value under normal.'),
  start: armed
    .default(true)
    .describe('Runnable from the beginning (true), from an instant on, or when first woken.'),
  daemon: z
    .boolean()
    .default(false)
    .describe('May sleep for ever: it is not reported when the run ends without it.'),
};

/** The kinds of actors, told apart by `kind`. */
export function actorSchema(registry: Registry) {
  const body = common(registry);
  const kind = <K extends string, S extends z.ZodRawShape>(value: K, about: string, shape: S) =>
    z
      .strictObject({ kind: z.literal(value).describe(about), ...shape, ...body })
      .check(({ value: actor, issues }) => {
        for (const { message, key } of complaints(actor as Partial<AnyActor>)) {
          issues.push({ code: 'custom', message, path: key ? [key] : [], input: actor });
        }
      });
  return z.discriminatedUnion('kind', [
    kind('irq', 'A hardware interrupt line; the steps are its handler.', {
      cpu: cpuOfHandler,
      line: z
        .union([z.int().min(0), name])
        .optional()
        .describe('The number of the line, or the name of the object that it belongs to.'),
      arrivals: arrivals.optional().describe('When the hardware raises it.'),
    }),
    kind('softirq', 'A softirq handler.', {
      cpu: cpuOfHandler,
      vector: z
        .enum([
          'HI',
          'TIMER',
          'NET_TX',
          'NET_RX',
          'BLOCK',
          'IRQ_POLL',
          'TASKLET',
          'SCHED',
          'HRTIMER',
          'RCU',
        ])
        .default('NET_RX')
        .describe('The softirq it serves.'),
      ...startsIdle,
    }),
    kind('tasklet', 'A tasklet.', { cpu: cpuOfHandler, ...startsIdle }),
    kind('timer', 'A timer_list; the steps are its function.', {
      cpu: cpuOfHandler,
      ...startsIdle,
    }),
    kind('hrtimer', 'An hrtimer; the steps are its function.', {
      cpu: cpuOfHandler,
      soft: z.boolean().default(false).describe('Expires in softirq instead of hard interrupt.'),
      ...startsIdle,
    }),
    kind('irq_work', 'An irq_work: the steps run in a hard interrupt of their own.', {
      cpu: cpuOfHandler,
      ...startsIdle,
    }),
    kind('napi', 'A NAPI poll function; `exit N` says how many packets it handled.', {
      cpu: cpuOfHandler,
      complete: z
        .boolean()
        .default(true)
        .describe('Calls napi_complete_done(napi, 0) before the steps; false: they have to.'),
      ...startsIdle,
    }),
    kind('work', 'A work of a workqueue; the steps are its function.', {
      cpu: cpuOfHandler,
      ...startsIdle,
    }),
    kind('delayed_work', 'A work with a timer; the steps are its function.', {
      cpu: cpuOfHandler,
      ...startsIdle,
    }),
    kind('kthread', 'A kernel thread (`task` means the same).', scheduling),
    kind('user', 'A process in user mode.', { ...scheduling, pid, uid }),
    kind('sys', 'A system call of a user process.', { ...scheduling, pid, uid }),
    kind('callback', 'Code that somebody calls in his own context, as a netlink input.', {
      cpu: cpuOfHandler,
    }),
    kind('handler', 'A signal handler, which a process runs in user mode.', {}),
  ]);
}

interface AnyActor {
  steps: unknown[];
  program: string;
  cpu: number;
  cpus: number[];
  policy: string;
  prio: number;
}

/** What fields say together that none of them says alone. */
function* complaints(actor: Partial<AnyActor>): Generator<{ message: string; key?: string }> {
  const realTime = actor.policy === 'fifo' || actor.policy === 'rr';
  if (actor.steps === undefined && actor.program === undefined) {
    yield { message: "expected 'steps' or 'program'" };
  }
  if (actor.steps !== undefined && actor.program !== undefined) {
    yield { message: "'steps' and 'program' exclude each other", key: 'program' };
  }
  if (actor.cpu !== undefined && actor.cpus !== undefined) {
    yield { message: "'cpu' and 'cpus' exclude each other", key: 'cpus' };
  }
  if (realTime && actor.prio === undefined) {
    yield { message: `the policy ${actor.policy} needs 'prio', from 1 to 99`, key: 'policy' };
  }
  if (!realTime && actor.prio !== undefined) {
    yield { message: "'prio' is for the policies fifo and rr; use 'nice'", key: 'prio' };
  }
}
