/*
 * Which findings a search of a scenario's interleavings is to make, and which it may make.
 */
import type { Scenario } from '../load/index.ts';

export interface Expected {
  readonly must: readonly string[];
  readonly allowed: ReadonlySet<string>;
}

/** What the section `explore` says; without a word there, what a run has to show. */
export function expectedOf({ expect, explore }: Scenario): Expected {
  const { findings } = expect;
  const searched = explore.findings;
  const must = searched.must.length > 0 ? searched.must : findings.must;
  const allowed = new Set([...findings.must, ...findings.may, ...searched.must, ...searched.may]);
  return { must, allowed };
}
