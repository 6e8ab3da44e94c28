/*
 * Schedules for fast-check: lists of switches, so that a property that fails is shrunk to few of
 * them. A switch is a step and who comes then; whoever runs goes on everywhere else.
 */
import fc from 'fast-check';
import type { Finding } from '../../models/checks/findings.ts';
import type { Strategy } from '../../engine/index.ts';
import { boundsOf, explorable, type ExploreOptions, type Scenario } from './explore.ts';

export interface Turn {
  /** Steps taken before. */
  readonly at: number;
  /** Who comes, counted around those that can. */
  readonly who: number;
}

/** @param steps how many steps a run has, about: switches fall into them */
export function schedules({
  steps = 50,
  switches = 6,
}: {
  readonly steps?: number;
  readonly switches?: number;
} = {}): fc.Arbitrary<readonly Turn[]> {
  const turn = fc.record({ at: fc.nat({ max: steps - 1 }), who: fc.nat({ max: 7 }) });
  return fc.uniqueArray(turn, { selector: ({ at }) => at, maxLength: switches });
}

/** What the scenario shows under these switches. */
export function findingsUnder(
  scenario: Scenario,
  turns: readonly Turn[],
  options: Pick<ExploreOptions, 'interrupts' | 'steps' | 'timeouts'> = {},
): readonly Finding[] {
  return explorable(scenario, boundsOf(options)).run(() => turning(turns)).findings;
}

function turning(turns: readonly Turn[]): Strategy {
  const due = new Map(turns.map(({ at, who }) => [at, who]));
  let step = 0;
  let last = -1;
  return {
    name: 'turns',
    choose: () => 0,
    pick(moves) {
      const who = due.get(step++);
      const going = moves.findIndex(({ kind, actor }) => kind === 'step' && actor === last);
      const first = moves.findIndex(({ kind }) => kind === 'step');
      const index = who === undefined ? Math.max(0, going < 0 ? first : going) : who % moves.length;
      last = moves[index]!.actor;
      return index;
    },
  };
}
