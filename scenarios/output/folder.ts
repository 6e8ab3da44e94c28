/*
 * Where a finished run belongs: OUT/<scenario>/<seed>-<hash>, a name that follows from what the run
 * was made from. A second run of the same finds the first there and must be equal to it.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { compareFolders, type Difference } from './compare.ts';
import type { Draft } from './draft.ts';
import { isSystemError, writing } from './errors.ts';
import type { Digests, RunIdentity } from './manifest.ts';

/** What became of a run's folder. */
export type Settled =
  /** It is the first of its name. */
  | { readonly kind: 'new'; readonly path: string }
  /** The same bytes were there already. */
  | { readonly kind: 'identical'; readonly path: string }
  /** Others were there; the new ones are in `path`. */
  | {
      readonly kind: 'differs';
      readonly path: string;
      readonly first: string;
      readonly differences: readonly Difference[];
    };

/**
 * The folder's name: hex digits of everything that the run was made from.
 * @param lines those of the steps, if findings name them
 */
export function folderName(
  identity: RunIdentity,
  inputs: Digests['inputs'],
  lines: readonly number[] = [],
): string {
  const { effective, overrides, seed, schedule } = identity;
  const content = JSON.stringify([
    ...[effective, overrides, seed, inputs],
    ...(schedule === undefined ? [] : [schedule]),
    ...(lines.length === 0 ? [] : [lines]),
  ]);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return `${fileName(String(seed))}-${hash}`;
}

/** A seed may be any text; the hash keeps apart what looks the same here. */
export function fileName(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 40);
}

/** Moves a whole run to its place, or compares it with the run that is there. */
export function settle(draft: Draft, path: string, inputs: Digests['inputs']): Settled {
  if (!existsSync(path) && renamed(draft, path)) return { kind: 'new', path };
  const differences = compareFolders(path, draft.path, Object.keys(inputs));
  if (differences.length === 0) {
    draft.discard();
    return { kind: 'identical', path };
  }
  const kept = settleBeside(draft, `${path}-differs`);
  return { kind: 'differs', path: kept, first: path, differences };
}

/** Moves a draft to `path`, or to `path-2` and so on, replacing nothing. @returns the name. */
export function settleBeside(draft: Pick<Draft, 'rename'>, path: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${path}-${n}`;
    if (!existsSync(candidate) && renamed(draft, candidate)) return candidate;
  }
}

/** False if another run took the name meanwhile. */
function renamed(draft: Pick<Draft, 'rename'>, path: string): boolean {
  try {
    writing(path, () => draft.rename(path));
    return true;
  } catch (error) {
    const cause = (error as Error).cause;
    if (isSystemError(cause) && ['EEXIST', 'ENOTEMPTY'].includes(cause.code)) return false;
    throw error;
  }
}
