/*
 * When something arrives from outside: intervals from a distribution, or listed instants.
 */
import { drawer, type Activity, type RandomStream, type Variate } from '../../engine/index.ts';
import type { Machine } from '../../models/machine.ts';
import type { Arrivals } from '../load/index.ts';

/** The instants in ns, in order. Instants before the last one are moved up to it. */
export function* instants(arrivals: Arrivals, stream: RandomStream): Generator<number> {
  const { start, count = Infinity, until = Infinity } = arrivals;
  let time = start;
  let n = 0;
  const interval = arrivals.at === undefined ? drawer(variateOf(arrivals), stream) : null;
  const jitter =
    arrivals.jitter === undefined
      ? null
      : drawer({ kind: 'uniform', min: 0, max: arrivals.jitter }, stream);
  for (const listed = (arrivals.at ?? []).values(); n < count; n++) {
    if (interval === null) {
      const next = listed.next();
      if (next.done === true) return;
      time = Math.max(time, next.value);
    } else {
      time += interval();
    }
    if (time >= until) return;
    yield time + (jitter?.() ?? 0);
  }
}

function variateOf(arrivals: Arrivals): Variate {
  if (arrivals.every !== undefined) return { kind: 'constant', value: arrivals.every };
  if (arrivals.poisson !== undefined) return { kind: 'exponential', mean: arrivals.poisson };
  if (arrivals.uniform !== undefined) return { kind: 'uniform', ...arrivals.uniform };
  if (arrivals.erlang !== undefined) return { kind: 'erlang', ...arrivals.erlang };
  if (arrivals.pareto !== undefined) {
    const { min, alpha, max } = arrivals.pareto;
    return { kind: 'pareto', min, alpha, ...(max === undefined ? {} : { max }) };
  }
  if (arrivals.table !== undefined) return { kind: 'empirical', table: arrivals.table };
  throw new Error('arrivals without a rule');
}

/** Calls `act` at each instant. Two that fall together happen one after the other. */
export class Schedule implements Activity {
  private readonly machine: Machine;
  private readonly times: Iterator<number>;
  private readonly act: () => void;

  constructor(machine: Machine, times: Iterator<number>, act: () => void) {
    this.machine = machine;
    this.times = times;
    this.act = act;
    this.next();
  }

  fire(): void {
    this.act();
    this.next();
  }

  private next(): void {
    const next = this.times.next();
    if (next.done === true) return;
    const { sim } = this.machine;
    if (next.value <= sim.now) sim.ready(this);
    else sim.at(next.value, this);
  }
}
