/*
 * The default strategy: virtual time decides. What is ready first goes first, ties by sequence, and
 * only what hardware settles by accident is drawn, from a seeded stream of its own.
 */
import type { ChoiceKind, Strategy } from './door.ts';

/** The part of a random stream that a strategy needs. */
export interface IndexSource {
  below(count: number): number;
}

export function timed(arbitration: IndexSource): Strategy {
  return {
    name: 'timed',
    choose: (kind: ChoiceKind, count: number) =>
      kind === 'arbitration' ? arbitration.below(count) : 0,
  };
}
