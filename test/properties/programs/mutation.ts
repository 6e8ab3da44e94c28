/*
 * Makes wrong programs of right ones: steps are dropped, repeated, swapped, and taken over by
 * actors of other contexts.
 */
import fc from 'fast-check';
import type { Actor, Program } from './notation.ts';
import { pick } from './writer.ts';

export interface Mutation {
  readonly kind: 'drop' | 'repeat' | 'swap' | 'misplace';
  /** The actor, one of its steps, and another actor and step for those that need one. */
  readonly actor: number;
  readonly step: number;
  readonly other: number;
  readonly otherStep: number;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('drop', 'repeat', 'swap', 'misplace'),
  actor: fc.nat(19),
  step: fc.nat(99),
  other: fc.nat(19),
  otherStep: fc.nat(99),
});

export function mutate(program: Program, { kind, actor, step, ...from }: Mutation): Program {
  const { actors } = program;
  const index = actor % actors.length;
  const { steps } = actors[index]!;
  const at = step % Math.max(1, steps.length);
  const elsewhere = pick(actors, from.other).steps;
  const here = steps.slice(at, at + 1);
  const there = elsewhere.slice(from.otherStep % elsewhere.length).slice(0, 1);
  const second = from.otherStep % Math.max(1, steps.length);
  switch (kind) {
    case 'drop':
      return replaced(program, index, steps.toSpliced(at, 1));
    case 'repeat':
      return replaced(program, index, steps.toSpliced(at, 0, ...here));
    case 'swap':
      return replaced(
        program,
        index,
        steps.map((old, i) => (i === at ? steps[second]! : i === second ? steps[at]! : old)),
      );
    case 'misplace':
      return replaced(program, index, steps.toSpliced(at, 1, ...there));
  }
}

function replaced(program: Program, index: number, steps: readonly string[]): Program {
  const actors = program.actors.map((actor, i): Actor =>
    i === index ? { ...actor, steps } : actor,
  );
  return { ...program, actors };
}
