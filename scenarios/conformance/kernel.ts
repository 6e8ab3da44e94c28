/*
 * Recorded kernel programs: recognises a case, runs it in the model under every preemption model
 * that was recorded, and accepts what the kernel did in any run.
 *
 * Jiffies at the start of a recorded run are not part of the case, but from 63 jiffies on a timer
 * fires at a multiple of 8, 64 or 512 of them. So where a run that began at 0 gives no recorded
 * outcome, it is repeated from the phase that a recorded `jiffies` step names; and if the run shows
 * that the phase matters to the case, from each of the first 64, on which timers of up to 4032
 * jiffies depend.
 */
import type { PreemptionModel } from '../../models/era.ts';
import { formatDiagnostic, loadText, type LoadedScenario } from '../load/index.ts';
import type { Format, Outcome } from './format.ts';
import { isKernelCase, type KernelCase, type KernelExpectation } from './kernel-case.ts';
import { nearest, type Comparison } from './kernel-compare.ts';
import { registry, scenarioOf } from './kernel-harness.ts';
import { observe, type Observed } from './kernel-observe.ts';
import { sideBySide } from './side-by-side.ts';

/** Phases that show whether the phase matters: far apart in every granule. */
const PROBES = [3, 21, 42];
const PHASES = 64;

function runOutcome(recorded: KernelCase): Outcome {
  const { name } = recorded;
  const text = scenarioOf(recorded);
  const result = loadText(name, text, registry);
  if (!result.ok) {
    const lines = result.diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`);
    return { name, difference: lines.join('\n') };
  }
  try {
    const differences = recorded.expected.flatMap((expectation) =>
      expectation.preempt.map((model) => difference(recorded, result.loaded, model, expectation)),
    );
    const shown = differences.filter((text) => text !== null);
    return { name, difference: shown.length === 0 ? null : shown.join('\n') };
  } catch (error) {
    return { name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}

function difference(
  recorded: KernelCase,
  loaded: LoadedScenario,
  model: string,
  { outcomes }: KernelExpectation,
): string | null {
  const { scenario } = loaded;
  const machine = { ...scenario.machine, preemption: model as PreemptionModel };
  const configured = { ...loaded, scenario: { ...scenario, machine } };
  let best: Comparison | null = null;
  for (const observed of runs(recorded, configured, outcomes)) {
    const comparison = nearest(recorded, outcomes, observed);
    if (comparison.divergence === Infinity) return null;
    if (best === null || comparison.divergence > best.divergence) best = comparison;
  }
  const count =
    outcomes.length === 1 ? 'the recorded outcome' : `the nearest of ${outcomes.length} outcomes`;
  return `  preempt=${model}: ${count}\n${sideBySide(best!, best!.divergence)}`;
}

/** Runs from one phase of jiffies after the other, as long as they are asked for. */
function* runs(
  recorded: KernelCase,
  loaded: LoadedScenario,
  outcomes: KernelExpectation['outcomes'],
): Generator<Observed> {
  const first = observe(recorded, loaded, 0);
  yield first;
  const absolute = recorded.actors
    .flatMap(({ steps }) => steps)
    .flatMap((step) => /^jiffies -> (\S+)/.exec(step)?.[1] ?? []);
  const at = (events: KernelExpectation['outcomes'][number]['events']) =>
    events.find(({ log }) => absolute.includes(log))?.ret;
  const named = outcomes.flatMap(({ events }) => at(events) ?? []);
  const own = at(first.events);
  if (own !== undefined)
    for (const jiffies of named) yield observe(recorded, loaded, jiffies - own);
  const seen = JSON.stringify(first.events);
  const matters = PROBES.some(
    (phase) => JSON.stringify(observe(recorded, loaded, phase).events) !== seen,
  );
  if (!matters) return;
  for (let phase = 1; phase < PHASES; phase++) yield observe(recorded, loaded, phase);
}

export const kernelFormat: Format = {
  recognises: isKernelCase,
  run: (json) => [runOutcome(json as KernelCase)],
};
