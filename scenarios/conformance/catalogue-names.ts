/*
 * The objects of a catalogued program that have a handler (a timer, a tasklet, a work, a softirq,
 * an interrupt line) are in a scenario the actors that handle them: what a name in a step means.
 */
import type { CatalogueActor, CatalogueProgram, CatalogueStep } from './catalogue-entry.ts';

/** The softirqs that programs may use for theirs, in this order. */
const VECTORS = ['NET_RX', 'NET_TX', 'BLOCK', 'IRQ_POLL', 'HI', 'TASKLET'] as const;

export interface Names {
  readonly program: CatalogueProgram;
  /** The actor that serves an object. */
  readonly served: ReadonlyMap<string, CatalogueActor>;
  /** The vector of a softirq actor. */
  readonly vectors: ReadonlyMap<string, string>;
  /** The CPU of an actor. */
  readonly cpus: ReadonlyMap<string, number>;
  /** Wait queues of which somebody wakes exactly one sleeper: their sleepers are exclusive. */
  readonly exclusive: ReadonlySet<string>;
}

export function namesOf(program: CatalogueProgram): Names {
  const { actors } = program;
  const handlers = actors.filter(({ on }) => on !== undefined);
  const softirqs = actors.filter(({ ctx }) => ctx === 'softirq');
  return {
    program,
    served: new Map(handlers.map((actor) => [actor.on!, actor])),
    vectors: new Map(softirqs.map(({ name }, i) => [name, VECTORS[i % VECTORS.length]!])),
    cpus: placed(actors),
    exclusive: new Set(wokenSingly(actors.flatMap(({ steps }) => steps))),
  };
}

/** The type of an object, without its short form: `sem` of `sem:1`. */
export function typeOf(program: CatalogueProgram, object: string): string | undefined {
  return program.objects?.[object]?.split(/[:(]/, 1)[0];
}

/** Who has no CPU gets one that is nobody else's. */
function placed(actors: readonly CatalogueActor[]): Map<string, number> {
  const taken = new Set(actors.flatMap(({ cpu }) => cpu ?? []));
  let next = 0;
  const free = (): number => {
    while (taken.has(next)) next++;
    return next++;
  };
  return new Map(actors.map(({ name, cpu }) => [name, cpu ?? free()]));
}

function wokenSingly(steps: readonly CatalogueStep[]): string[] {
  return lines(steps).flatMap((line) => /^wake_up_one\s+(\S+)/.exec(line)?.[1] ?? []);
}

/** Every line of text in steps and the blocks among them. */
export function lines(steps: unknown): string[] {
  if (typeof steps === 'string') return [steps];
  if (typeof steps !== 'object' || steps === null) return [];
  return Object.values(steps).flatMap(lines);
}
