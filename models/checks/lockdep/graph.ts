/*
 * The search through the dependencies of classes, __bfs() of kernel/locking/lockdep.c: breadth
 * first, only along strong paths. A path is strong unless somewhere it arrives by a recursive read
 * only and leaves from a lock that was held shared only: there nobody waits for anybody.
 */
import type { Dependency, LockClass } from './lock-class.ts';
import { WRITE_BITS } from './usage.ts';

/** A step of a path that a search found; `parent` leads back to its beginning. */
export interface PathEntry {
  readonly class: LockClass;
  readonly parent: PathEntry | null;
  /** The edge that leads here; null at the beginning. */
  readonly edge: Dependency | null;
  /** It arrives by recursive reads only; backwards: it leaves from shared holders only. */
  onlyXR: boolean;
}

/** Kinds of edges, a bit each: held shared or exclusively, then taken recursively or not. */
const DEP_SR = 1;
const DEP_SN = 4;
const DEP_EN = 8;

type Direction = 'after' | 'before';

let searches = 0;

/** The first entry in breadth-first order that matches; null: none does. */
export function search(
  root: LockClass,
  onlyXR: boolean,
  direction: Direction,
  match: (entry: PathEntry) => boolean,
): PathEntry | null {
  const number = ++searches;
  const queue: PathEntry[] = [{ class: root, parent: null, edge: null, onlyXR }];
  for (const entry of queue) {
    if (entry.class.visited === number) continue;
    entry.class.visited = number;
    if (entry.edge !== null && !isStrong(entry, entry.edge)) continue;
    if (match(entry)) return entry;
    for (const edge of entry.class[direction]) {
      queue.push({ class: edge.to, parent: entry, edge, onlyXR: false });
    }
  }
  return null;
}

/** Goes on from its parent in a strong path; notes how it may go on itself. */
function isStrong(entry: PathEntry, { kinds }: Dependency): boolean {
  const left = entry.parent!.onlyXR ? kinds & ~(DEP_SR | DEP_SN) : kinds;
  entry.onlyXR = (left & (DEP_SN | DEP_EN)) === 0;
  return left !== 0;
}

/** The usage bits of an entry that count where it stands in its path. */
export function usage_of(entry: PathEntry): number {
  return entry.onlyXR ? entry.class.usage & WRITE_BITS : entry.class.usage;
}

/** From the beginning of the path to `entry`. */
export function path(entry: PathEntry): PathEntry[] {
  const steps: PathEntry[] = [];
  for (let at: PathEntry | null = entry; at !== null; at = at.parent) steps.unshift(at);
  return steps;
}

/** The kind of the edge from a held lock to the next one, as a bit. */
export function calc_dep(prevRead: number, nextRead: number): number {
  return 1 << ((prevRead === 0 ? 1 : 0) + (nextRead === 2 ? 0 : 2));
}

/** Of the same edge looked at backwards: shared holders stand where recursive readers stood. */
export function calc_depb(prevRead: number, nextRead: number): number {
  return 1 << ((nextRead === 2 ? 0 : 1) + (prevRead === 0 ? 2 : 0));
}
