/*
 * How a scenario wants to be searched, from its section `explore`.
 */
import type { LoadedScenario } from '../load/index.ts';
import { Hunt, type HuntOptions } from './hunt.ts';
import { Program } from './program.ts';

/** Steps after which a schedule is given up. */
export const STEPS = 20_000;

/** A hunt as the scenario says, except for `changes`; all findings are looked for. */
export function huntOf(loaded: LoadedScenario, changes: Partial<HuntOptions> = {}): Hunt {
  const { seed, explore } = loaded.scenario;
  const { strategy, runs, depth, preemptions, interrupts } = explore;
  const options = { strategy, runs, depth, preemptions, arrivals: interrupts, keepGoing: true };
  const program = new Program(loaded, { interrupts, steps: STEPS, anyTimeouts: false });
  return new Hunt(program, { ...options, seed: String(seed), ...changes });
}

/** Advances until something of `kind` (null: anything) is found or the hunt is over. */
export function huntFor(hunt: Hunt, kind: string | null): boolean {
  const found = (): boolean =>
    hunt.found.some(({ finding }) => kind === null || finding.kind === kind);
  while (!hunt.over && !found()) hunt.advance();
  return found();
}
