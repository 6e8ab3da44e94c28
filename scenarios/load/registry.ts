/**
 * What the loader must be told about the kernel it describes: the functions that a step may
 * call, the types of objects, the built-in programs, and the names that a scenario may use.
 * These are types only; the models supply the values.
 */
import type { z } from 'zod';

/** What stands in an argument's place. */
export type ArgKind =
  /** The name of an object of one of `types`. */
  | 'object'
  /** The name of an actor (its `types` are kinds of actors), or `self`. */
  | 'actor'
  /** A shared variable or an element of one, which the function reads or writes. */
  | 'variable'
  /** An integer expression without blanks, evaluated when the step is reached. */
  | 'int'
  /** An integer expression whose literals carry a unit; its value is in nanoseconds. */
  | 'duration'
  /** An expression that may contain blanks and that the function evaluates as often as it likes. */
  | 'expr'
  /** Names from `flags` joined by `|`, or an integer. */
  | 'flags'
  /** One name, from `flags` if they are given, or the value of one of these. */
  | 'symbol'
  /** A local `$x` that the function assigns. */
  | 'out'
  /** Any words. */
  | 'text';

/** One argument of a function. At most one is `expr` or `text`; it takes the surplus words. */
export interface ArgDeclaration {
  readonly name: string;
  readonly kind: ArgKind;
  readonly types?: readonly string[];
  /** An `object` in whose place an integer may stand, such as an address. */
  readonly orValue?: boolean;
  /** May be left out, together with all that follow it. */
  readonly optional?: boolean;
  /** The values of names, for `flags` and `symbol`. */
  readonly flags?: Readonly<Record<string, number>>;
}

/** A function that a step may call. */
export interface OpDeclaration {
  readonly name: string;
  readonly args: readonly ArgDeclaration[];
  readonly returns: 'int' | 'void';
  /** One sentence for the reference. */
  readonly about: string;
  /** The kernel source, or the paper, that the behaviour comes from. */
  readonly source: string;
}

/** A type of object. */
export interface ObjectTypeDeclaration {
  readonly name: string;
  /** Other names under which files may ask for the type: `sem` for `semaphore`. */
  readonly aliases?: readonly string[];
  /** The field that the short form `type:value` sets: `count` makes `sem:2` mean count 2. */
  readonly short?: string;
  /** The fields beside `type`; every field that is not required has a default. */
  readonly fields: z.ZodObject;
  readonly about: string;
  readonly source: string;
}

/** A built-in program that an actor may run in place of steps. */
export interface ProgramDeclaration {
  readonly name: string;
  /** The kind of actor that runs it when the scenario does not say. */
  readonly kind?: ActorKind;
  readonly with: z.ZodObject;
  readonly about: string;
}

/** The kinds of actors; `task` in a file means `kthread`. */
export const ACTOR_KINDS = [
  'irq',
  'softirq',
  'tasklet',
  'timer',
  'hrtimer',
  'irq_work',
  'napi',
  'work',
  'delayed_work',
  'kthread',
  'user',
  'sys',
  'callback',
  'handler',
] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

export interface Registry {
  readonly ops: ReadonlyMap<string, OpDeclaration>;
  readonly objectTypes: ReadonlyMap<string, ObjectTypeDeclaration>;
  readonly programs: ReadonlyMap<string, ProgramDeclaration>;
  /** The costs that `machine.costs` may override, with a sentence about each. */
  readonly costs: ReadonlyMap<string, string>;
  /** The kinds of findings that `expect.findings` may name. */
  readonly findings: ReadonlySet<string>;
  /** The events that `trace.events` may name. */
  readonly events: ReadonlySet<string>;
}
