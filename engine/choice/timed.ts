/*
 * The default strategy: virtual time decides. What is ready first goes first, ties by sequence, and
 * only what hardware settles by accident is drawn, from a seeded stream of its own.
 */
import type { ChoiceKind, IndexSource, Strategy } from './door.ts';

export function timed(arbitration: IndexSource): Strategy {
  return {
    name: 'timed',
    choose: (kind: ChoiceKind, count: number) =>
      kind === 'arbitration' ? arbitration.below(count) : 0,
  };
}
