/*
 * Figures that a scenario defines over the events of its run: how often one happens, or how long it
 * takes from one to another. They see every event, whatever the trace selects.
 */
import type { Machine } from '../../models/machine.ts';
import type { Scenario } from '../load/index.ts';
import type { MetricSet } from './metrics.ts';
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

/** Gets each event: its time, number and object (a text's number). */
type Watcher = (timeNs: number, event: number, object: number) => void;

/** Watches the machine for all `definitions`; the result writes the figures down. */
export function deriveMetrics(
  machine: Machine,
  definitions: Scenario['metrics'],
  metrics: MetricSet,
): () => void {
  const all = Object.entries(definitions).map(([name, definition]) =>
    'count' in definition
      ? counter(machine, name, definition.count, metrics)
      : interval(machine, name, definition, metrics),
  );
  if (all.length > 0) {
    machine.trace.subscribe((timeNs, _cpu, _context, _pid, _comm, _flags, event, object) => {
      for (const { watch } of all) watch(timeNs, event, object);
    });
  }
  return () => {
    for (const { write } of all) write();
  };
}

interface Derived {
  readonly watch: Watcher;
  readonly write: () => void;
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
    watch: (_timeNs, number, object) => {
      if (matches(number, object)) count++;
    },
    write: () => metrics.set(name, '', count, 'count'),
  };
}

/** From the last `from` to the `to` that comes next; a `to` without one before it is left out. */
function interval(
  machine: Machine,
  name: string,
  { from, to }: { readonly from: string; readonly to: string },
  metrics: MetricSet,
): Derived {
  const begins = matcher(machine, from);
  const ends = matcher(machine, to);
  let since: number | null = null;
  let count = 0;
  let total = 0;
  let min = 0;
  let max = 0;
  return {
    watch: (timeNs, number, object) => {
      if (since !== null && ends(number, object)) {
        const took = timeNs - since;
        min = count === 0 ? took : Math.min(min, took);
        max = Math.max(max, took);
        total += took;
        count++;
        since = null;
      }
      if (begins(number, object)) since = timeNs;
    },
    write: () => {
      metrics.set(`${name}.count`, '', count, 'count');
      if (count === 0) return;
      metrics.set(`${name}.min`, '', min, 'ns');
      metrics.set(`${name}.mean`, '', total / count, 'ns');
      metrics.set(`${name}.max`, '', max, 'ns');
    },
  };
}
