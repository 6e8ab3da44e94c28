/*
 * Compares what the model did with what was recorded. On one CPU the order of all events counts, on
 * several the order on each CPU. preempt_count says something only on the stack of an actor's own
 * task or of another actor's (the idle task always has 1), and not where an interrupt hit a delay.
 */
import type { KernelCase, KernelEvent, KernelOutcome } from './kernel-case.ts';
import type { Observed } from './kernel-observe.ts';

/** Lines of an outcome, for people, beside the index of the first that differs. */
export interface Comparison {
  readonly expected: readonly string[];
  readonly actual: readonly string[];
  /** The first line that differs; Infinity: none. */
  readonly divergence: number;
}

/** The recorded outcome that the model follows for longest. */
export function nearest(
  recorded: KernelCase,
  outcomes: readonly KernelOutcome[],
  observed: Observed,
): Comparison {
  const comparisons = outcomes.map((outcome) => compareOutcome(recorded, outcome, observed));
  return comparisons.reduce((best, other) => (other.divergence > best.divergence ? other : best));
}

function compareOutcome(
  recorded: KernelCase,
  outcome: KernelOutcome,
  observed: Observed,
): Comparison {
  const actors = new Set(recorded.actors.map(({ name }) => name));
  const { cpus } = recorded.machine;
  const expectedEvents = inOrder(outcome.events, cpus);
  const actualEvents = inOrder(observed.events, cpus);
  const expected = expectedEvents.map((event, i) =>
    describe(event, actors, observed.uncertain.has(actualEvents[i]!)),
  );
  const actual = actualEvents.map((event) =>
    describe(withoutUnrecorded(event, outcome.events), actors, observed.uncertain.has(event)),
  );
  expected.push(...ends(outcome));
  actual.push(...ends(observed));
  return { expected, actual, divergence: firstDifference(expected, actual) };
}

/** Events of one CPU after those of the other: only the order on each says something. */
function inOrder(events: readonly KernelEvent[], cpus: number): KernelEvent[] {
  const ids = Array.from({ length: cpus }, (_, id) => id);
  return ids.flatMap((id) => events.filter(({ cpu = 0 }) => cpu === id));
}

/** The recorder notes results only of functions that have one in C. */
function withoutUnrecorded(actual: KernelEvent, expected: readonly KernelEvent[]): KernelEvent {
  const same = expected.find(({ log, by }) => log === actual.log && by === actual.by);
  if (same === undefined || same.ret !== undefined) return actual;
  const { ret: _, ...rest } = actual;
  return rest;
}

function describe(event: KernelEvent, actors: ReadonlySet<string>, uncertain: boolean): string {
  const { log, by, ctx, current, cpu, irqs_off, bh_off, preempt_count = 0, ret, j } = event;
  const counts = !uncertain && (current === undefined || actors.has(current));
  const context = ctx === 'task' ? '' : ctx;
  return [
    `${cpu === undefined ? '' : `cpu${cpu} `}${j === undefined ? '' : `@${j} `}${log}`,
    ret === undefined ? '' : `= ${ret}`,
    `by ${by}`,
    current === undefined ? context : `${context || 'task'} on ${current}`,
    irqs_off === true ? 'irqs off' : '',
    bh_off === true ? 'bh off' : '',
    counts && preempt_count !== 0 ? `preempt ${preempt_count}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function ends({ never_ran = [], stuck = [] }: KernelOutcome): string[] {
  return [
    ...never_ran.map((name) => `never ran: ${name}`),
    ...stuck.map((name) => `stuck: ${name}`),
  ];
}

function firstDifference(expected: readonly string[], actual: readonly string[]): number {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) if (expected[i] !== actual[i]) return i;
  return Infinity;
}
