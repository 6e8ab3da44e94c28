/*
 * Wrong and right uses of the kernel's functions, one boot of a debug kernel each: what it printed
 * first, and what the steps logged where the case came to its end. Line numbers, pids and addresses
 * do not count.
 */
import type { PreemptionModel } from '../../models/era.ts';
import { formatDiagnostic, loadText } from '../load/index.ts';
import type { Format, Outcome } from './format.ts';
import type { KernelActor, KernelCase, KernelEvent } from './kernel-case.ts';
import { nearest } from './kernel-compare.ts';
import { registry, scenarioOf } from './kernel-harness.ts';
import { observe } from './kernel-observe.ts';
import { firstReport, normalised } from './kernel-reports.ts';
import { sideBySide } from './side-by-side.ts';

/** What a boot showed; the second one where it differs. */
interface Boot {
  readonly events?: readonly KernelEvent[];
  readonly stuck?: readonly string[];
}

interface SplatCase extends Boot {
  readonly name: string;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly objects: Readonly<Record<string, unknown>>;
  readonly vars: Readonly<Record<string, number>>;
  readonly actors: readonly KernelActor[];
  readonly timeout?: number;
  readonly observed: 'splat' | 'ok';
  readonly splat_first_line?: string;
  /** The guest came to the end of the case. */
  readonly finished: boolean;
  readonly second_boot?: Boot;
}

/** The debug kernel was built with CONFIG_PREEMPT. */
const PREEMPTION: PreemptionModel = 'full';

function run(recorded: SplatCase): Outcome {
  const { name } = recorded;
  const asCase: KernelCase = { ...recorded, jiffies_recorded: false, expected: [] };
  const result = loadText(name, scenarioOf(asCase), registry);
  if (!result.ok) {
    const lines = result.diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`);
    return { name, difference: lines.join('\n') };
  }
  const { scenario } = result.loaded;
  const machine = { ...scenario.machine, preemption: PREEMPTION };
  const configured = { ...result.loaded, scenario: { ...scenario, machine } };
  try {
    const observed = observe(asCase, configured, 0);
    return { name, difference: differences(recorded, asCase, observed) };
  } catch (error) {
    return { name, difference: `  the model stopped: ${(error as Error).message}` };
  }
}

function differences(
  recorded: SplatCase,
  asCase: KernelCase,
  observed: ReturnType<typeof observe>,
): string | null {
  const found = firstReport(observed.findings);
  const expected = recorded.splat_first_line ?? null;
  const same = expected === null || found === null ? expected === found : agree(expected, found);
  if (!same) return `  expected: ${expected ?? 'nothing'}\n  actual:   ${found ?? 'nothing'}`;
  if (!recorded.finished) return null;
  const { second_boot } = recorded;
  const boots = second_boot === undefined ? [recorded] : [recorded, second_boot];
  const outcomes = boots.map(({ events = [], stuck = [] }) => ({ events, stuck }));
  const comparison = nearest(asCase, outcomes, observed);
  return comparison.divergence === Infinity ? null : sideBySide(comparison, comparison.divergence);
}

function agree(expected: string, found: string): boolean {
  return normalised(expected) === normalised(found);
}

export const splatsFormat: Format = {
  recognises: (json) =>
    typeof json === 'object' &&
    json !== null &&
    'cases' in json &&
    Array.isArray(json.cases) &&
    json.cases.some((one: unknown) => typeof one === 'object' && one !== null && 'finished' in one),
  run: (json) => (json as { readonly cases: readonly SplatCase[] }).cases.map(run),
};
