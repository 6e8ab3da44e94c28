/*
 * Figures that a scenario defines over the events of its run: how often one happens, how long it
 * takes from one to another, or whether it preempts what runs. They see every event, whatever the
 * trace selects.
 */
import type { TraceListener } from '../../engine/index.ts';
import { EV } from '../../models/events.ts';
import type { Machine } from '../../models/machine.ts';
import type { Scenario } from '../load/index.ts';
import type { MetricSet } from './metrics.ts';
import { countPreemptions } from './preemptions.ts';
import type { SharedVariable } from './variables.ts';

/** Lets shared variables count events. */
export function countEvents(
  machine: Machine,
  counts: Scenario['counts'],
  variable: (name: string) => SharedVariable,
): void {
  for (const [name, event] of Object.entries(counts)) {
    const matches = matcher(machine, event);
    const counter = variable(name);
    machine.trace.subscribe((_timeNs, _cpu, _context, _pid, _comm, _flags, number, object) => {
      if (matches(number, object)) counter.store(0, counter.values[0]! + 1);
    });
  }
}

/** Watches the machine for all `definitions`; the result writes the figures down. */
export function deriveMetrics(
  machine: Machine,
  definitions: Scenario['metrics'],
  metrics: MetricSet,
): () => void {
  const all = Object.entries(definitions).map(([name, definition]) =>
    derived(machine, name, definition, metrics),
  );
  for (const { watch } of all) machine.trace.subscribe(watch);
  return () => {
    for (const { write } of all) write();
  };
}

interface Derived {
  readonly watch: TraceListener;
  readonly write: () => void;
}

function derived(
  machine: Machine,
  name: string,
  definition: Scenario['metrics'][string],
  metrics: MetricSet,
): Derived {
  if ('count' in definition) return counter(machine, name, definition.count, metrics);
  if ('from' in definition) return interval(machine, name, definition, metrics);
  const wish = {
    wanted: matcher(machine, definition.wanted),
    begins: matcher(machine, definition.begins),
    cpu: definition.cpu,
  };
  return countPreemptions(machine, name, wish, metrics);
}

/** `EVENT`, or `EVENT OBJECT`. */
function matcher(machine: Machine, text: string): (event: number, object: number) => boolean {
  const [name = '', ...rest] = text.split(' ');
  const wanted = machine.trace.eventId(name);
  const narrowed = rest.length === 0 ? null : machine.texts.intern(rest.join(' '));
  return (event, object) => event === wanted && (narrowed === null || object === narrowed);
}

function counter(machine: Machine, name: string, event: string, metrics: MetricSet): Derived {
  const matches = matcher(machine, event);
  let count = 0;
  return {
    watch: (_timeNs, _cpu, _context, _pid, _comm, _flags, event, object) => {
      if (matches(event, object)) count++;
    },
    write: () => metrics.set(name, '', count, 'count'),
  };
}

/** Rows of calls that may fail: their value is a negative error then, and no message moved. */
const MESSAGES: ReadonlySet<number> = new Set([EV.netlinkSend, EV.netlinkReceive]);

/**
 * From the last `from` to the `to` that comes next, or where they wait in line from the oldest; a
 * `to` without one before it is left out. A message that was refused neither begins nor ends one.
 */
function interval(
  machine: Machine,
  name: string,
  { from, to, inLine = false }: Extract<Scenario['metrics'][string], { from: string }>,
  metrics: MetricSet,
): Derived {
  const begins = matcher(machine, from);
  const ends = matcher(machine, to);
  const open: number[] = [];
  const took: number[] = [];
  return {
    watch: (timeNs, _cpu, _context, _pid, _comm, _flags, event, object, value) => {
      if (value < 0 && MESSAGES.has(event)) return;
      if (open.length > 0 && ends(event, object)) took.push(timeNs - open.shift()!);
      if (!begins(event, object)) return;
      if (!inLine) open.length = 0;
      open.push(timeNs);
    },
    write: () => writeTimes(name, took, metrics),
  };
}

const PERCENTILES = [50, 90, 99];

/** A percentile is the least time that so many of a hundred do not exceed. */
function writeTimes(name: string, took: readonly number[], metrics: MetricSet): void {
  const sorted = [...took].sort((a, b) => a - b);
  const { length } = sorted;
  metrics.set(`${name}.count`, '', length, 'count');
  if (length === 0) return;
  metrics.set(`${name}.min`, '', sorted[0]!, 'ns');
  metrics.set(`${name}.mean`, '', sorted.reduce((sum, one) => sum + one, 0) / length, 'ns');
  metrics.set(`${name}.max`, '', sorted[length - 1]!, 'ns');
  for (const part of PERCENTILES) {
    const rank = Math.max(1, Math.ceil((part * length) / 100));
    metrics.set(`${name}.p${part}`, '', sorted[rank - 1]!, 'ns');
  }
}
