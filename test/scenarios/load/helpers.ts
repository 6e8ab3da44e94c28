/**
 * Loading for tests: a scenario or an error, and the diagnostics of a bad one as text.
 */
import { formatDiagnostic, loadText } from '../../../scenarios/load/index.ts';
import type { LoadedScenario, Program } from '../../../scenarios/load/index.ts';
import { registry } from './registry.ts';

/** Loads a good scenario. */
export function load(text: string, overrides: string[] = []): LoadedScenario {
  const result = loadText('s.yaml', text, registry, overrides);
  if (result.ok) return result.loaded;
  throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
}

/** The diagnostics of a scenario, formatted, one an item. */
export function complaints(text: string, overrides: string[] = []): string[] {
  const result = loadText('s.yaml', text, registry, overrides);
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

/** A scenario with the given steps in an actor `t`, and some objects and variables to use. */
export function scenarioOf(steps: unknown): string {
  return JSON.stringify({
    name: 'steps',
    machine: { hz: 250 },
    params: { three: 3 },
    objects: { L: 'spinlock', K: 'spinlock', M: 'mutex', S: 'sem:1', q: 'waitqueue' },
    vars: { n: 0, m: 0, ring: [0, 0, 0, 0] },
    actors: {
      t: { steps },
      other: { steps: [] },
      I: { kind: 'irq', steps: [] },
      T: { kind: 'tasklet', steps: [] },
    },
  });
}

/** The program of the actor `t` of `scenarioOf`. */
export function programOf(steps: unknown): Program {
  const { body } = load(scenarioOf(steps)).actors[0]!;
  if (body.kind === 'steps') return body.code;
  throw new Error('expected steps');
}
