/*
 * What a bug catalogue holds: small programs in the words of the kernel, each with the finding that
 * a search must make and a repaired twin in which there is nothing to find.
 */
import type { FindingKind } from '../../models/checks/findings.ts';

/** A line, or a block: `if`, `while`, `repeat`, `atomic`. */
export type CatalogueStep = string | { readonly [key: string]: unknown };

export interface CatalogueActor {
  readonly name: string;
  readonly ctx: 'kthread' | 'user' | 'hardirq' | 'softirq' | 'timer' | 'tasklet' | 'work';
  /** Without, it has a CPU of its own. */
  readonly cpu?: number;
  /** The object whose handler it is; without, an interrupt arrives once, at any step. */
  readonly on?: string;
  /** A real-time priority. */
  readonly prio?: number;
  readonly steps: readonly CatalogueStep[];
}

export interface CatalogueProgram {
  readonly cpus?: number;
  readonly objects?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, number | readonly number[]>>;
  readonly marked?: readonly string[];
  /** The lock class of an object: `inode`, or `inode/1` with the subclass. */
  readonly classes?: Readonly<Record<string, string>>;
  readonly finally?: readonly string[];
  readonly daemons?: readonly string[];
  /** What a semaphore must count at the end. */
  readonly sem_end?: Readonly<Record<string, number>>;
  /** References that must all be gone at the end. */
  readonly ref_zero?: readonly string[];
  /** Interrupt lines interrupt more than once. */
  readonly rearm?: boolean;
  /** The variable that counts the tasks woken from wait queues. */
  readonly count_wakes?: string;
  readonly actors: readonly CatalogueActor[];
}

export interface CatalogueEntry {
  readonly id?: string;
  readonly name: string;
  readonly text?: string;
  readonly source?: string;
  /** What the machine must be able to do, in words. */
  readonly needs?: string;
  readonly expect: {
    readonly kind: FindingKind;
    readonly also?: readonly string[];
  };
  readonly bug: CatalogueProgram;
  /** What is different in the repaired program; nothing but a `note` if it is only described. */
  readonly fixed?: Partial<CatalogueProgram> & { readonly note?: string };
}

export interface Catalogue {
  readonly bugs: readonly CatalogueEntry[];
}

export function isCatalogueEntry(json: unknown): json is CatalogueEntry {
  if (typeof json !== 'object' || json === null) return false;
  if (!('bug' in json && 'expect' in json && 'name' in json)) return false;
  const { bug, expect } = json;
  return isObjectWith(bug, 'actors') && isObjectWith(expect, 'kind');
}

export function isCatalogue(json: unknown): json is Catalogue {
  if (typeof json !== 'object' || json === null || !('bugs' in json)) return false;
  return Array.isArray(json.bugs) && json.bugs.length > 0 && json.bugs.every(isCatalogueEntry);
}

function isObjectWith(json: unknown, key: string): boolean {
  return typeof json === 'object' && json !== null && key in json;
}

/**
 * The repaired program, in which an actor stays where it was unless it says; null if the catalogue
 * only describes it.
 */
export function repaired({ bug, fixed }: CatalogueEntry): CatalogueProgram | null {
  if (fixed === undefined || (fixed.actors ?? fixed.objects) === undefined) return null;
  const changed = new Map((fixed.actors ?? []).map((actor) => [actor.name, actor]));
  const known = new Set(bug.actors.map(({ name }) => name));
  return {
    ...bug,
    ...fixed,
    objects: { ...bug.objects, ...fixed.objects },
    vars: { ...bug.vars, ...fixed.vars },
    actors: [
      ...bug.actors.map((actor) => ({ ...actor, ...changed.get(actor.name) })),
      ...[...changed.values()].filter(({ name }) => !known.has(name)),
    ],
  };
}
