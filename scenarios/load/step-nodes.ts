/**
 * The steps of an actor as a tree: what they say, with every name resolved.
 */
import type { Argument } from './arguments.ts';
import type { StepPlace } from './diagnostics.ts';
import type { OpDeclaration } from './registry.ts';
import type { Expression, Target } from './scope.ts';

export type StepNode = { readonly at: StepPlace } & (
  | {
      readonly kind: 'call';
      readonly op: OpDeclaration;
      readonly args: readonly Argument[];
      /** The label of the row that is logged after the function has returned. */
      readonly label?: string;
    }
  | { readonly kind: 'log'; readonly label: string }
  | { readonly kind: 'assign'; readonly target: Target; readonly value: Expression }
  | { readonly kind: 'assert'; readonly condition: Expression }
  | { readonly kind: 'exit'; readonly value: Expression; readonly label?: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | {
      readonly kind: 'repeat';
      readonly count: Expression | 'forever';
      readonly body: readonly StepNode[];
    }
  | { readonly kind: 'while'; readonly condition: Expression; readonly body: readonly StepNode[] }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: readonly StepNode[];
      readonly otherwise: readonly StepNode[];
    }
  | { readonly kind: 'atomic'; readonly body: readonly StepNode[] }
  /** The flat loop of recorded programs: what stands up to its `endloop` runs at least once. */
  | { readonly kind: 'loop'; readonly count: Expression }
  | { readonly kind: 'endloop' }
  /** Skips the next `count` steps of the same list unless the condition holds. */
  | { readonly kind: 'skip'; readonly unless: Expression; readonly count: number }
);
