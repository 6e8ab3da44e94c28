/*
 * All runs of a search over a small program, and what they show.
 */
import { guided, type Strategy } from '../../../engine/index.ts';
import type { Place } from '../../../scenarios/explore/explorable.ts';
import { Program } from '../../../scenarios/explore/program.ts';
import { load, scenarioText, type Text } from './programs.ts';

export interface Walked {
  readonly kinds: ReadonlySet<string>;
  /** The states in which runs came to their end. */
  readonly ends: ReadonlySet<number>;
  readonly runs: number;
  /** There is nothing left to visit. */
  readonly over: boolean;
}

/** @param next gives the strategy of the next run, or null at the end */
export function walk(
  text: Text,
  most: number,
  next: (place: () => Place) => Strategy | null,
): Walked {
  const perRun = { interrupts: 1, steps: 20_000, anyTimeouts: false };
  const program = new Program(load(scenarioText(text)), perRun);
  const kinds = new Set<string>();
  const ends = new Set<number>();
  for (let runs = 0; ; runs++) {
    if (runs >= most) return { kinds, ends, runs, over: false };
    let over = false;
    const run = program.start((world) => {
      const strategy = next(world);
      over = strategy === null;
      return strategy ?? guided({ switches: [], data: [] });
    });
    if (over) return { kinds, ends, runs, over };
    const { findings, ending } = run.finish();
    for (const { kind } of findings) kinds.add(kind);
    if (ending === 'quiescent') ends.add(run.world.fingerprint(-1));
  }
}
