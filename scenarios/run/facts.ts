/*
 * What a scenario is like, whatever the run: looked at once, however often it is run.
 */
import { costPresets, type Costs } from '../../models/costs.ts';
import type { LoadedActor, LoadedScenario, Scenario } from '../load/index.ts';

export interface Facts {
  readonly costs: Costs;
  readonly objects: readonly (readonly [string, Scenario['objects'][string]])[];
  /** Somebody jumps back: only then a state can come again. */
  readonly loops: boolean;
  /** A word's result or duration depends on the instant. */
  readonly readsTime: boolean;
  /** A built-in program runs, or something is injected. */
  readonly opaque: boolean;
  /** Actors that need not come to an end. */
  readonly daemons: ReadonlySet<string>;
}

const known = new WeakMap<LoadedScenario, Facts>();

export function factsOf(loaded: LoadedScenario): Facts {
  let facts = known.get(loaded);
  if (facts === undefined) known.set(loaded, (facts = look(loaded)));
  return facts;
}

function look({ scenario, actors }: LoadedScenario): Facts {
  const { preset, ...overrides } = scenario.machine.costs;
  return {
    costs: { ...costPresets[preset], ...overrides },
    objects: Object.entries(scenario.objects),
    loops: actors.some(loops),
    readsTime: actors.some(readsTime),
    opaque: scenario.faults.length > 0 || actors.some(({ body }) => body.kind !== 'steps'),
    daemons: new Set(
      actors.filter(({ spec }) => 'daemon' in spec && spec.daemon).map(({ name }) => name),
    ),
  };
}

function loops({ body }: LoadedActor): boolean {
  if (body.kind !== 'steps') return false;
  return body.code.code.some(
    (at, i) => (at.kind === 'jump' && at.to <= i) || (at.kind === 'branch' && at.otherwise <= i),
  );
}

const CLOCKS: ReadonlySet<string> = new Set(['jiffies', 'align', 'busy_jiffies', 'clock_gettime']);

function readsTime({ body }: LoadedActor): boolean {
  if (body.kind !== 'steps') return false;
  return body.code.code.some((at) => at.kind === 'call' && CLOCKS.has(at.op.name));
}
