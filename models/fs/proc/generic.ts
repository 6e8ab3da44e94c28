/*
 * Making and removing entries of /proc, fs/proc/generic.c: proc_mkdir(), create_proc_entry() of the
 * kernels before 3.10, proc_create() of those since 2.6.25, remove_proc_entry(). Left out: links,
 * and the rmdir of a whole tree (remove_proc_subtree).
 */
import type { Code, Context } from '../../context.ts';
import { kmalloc } from '../../mm/slab.ts';
import { printk } from '../../printk.ts';
import { ProcDirEntry, procOf, type proc_ops } from './entry.ts';
import { procEras, type ProcEra } from './era.ts';
import { proc_entry_rundown } from './inode.ts';
import { mountProc } from './root.ts';

/** S_IRUGO, what a file gets that asks for no permission at all. */
const S_IRUGO = 0o444;

export interface NewEntry {
  /** May begin with directories that exist, `driver/name`. */
  readonly name: string;
  readonly mode: number;
  /** Null: /proc. */
  readonly parent: ProcDirEntry | null;
  /** In an explored run: what stands for the entry. */
  readonly footprint?: object;
}

function eraOf(k: Context): ProcEra {
  return procEras[k.machine.era.name];
}

/** Throws RangeError where the kernel does not have the function. */
function require(k: Context, there: boolean, what: string, instead: string): void {
  if (there) return;
  throw new RangeError(`${k.machine.era.name} has no ${what}: ${instead}`);
}

/** __proc_create() and proc_register(); null if there is no memory, directory or room. */
function* register(
  k: Context,
  { name, mode, parent, footprint }: NewEntry,
  isDirectory: boolean,
  prepare: (entry: ProcDirEntry) => void = () => {},
): Code<ProcDirEntry | null> {
  mountProc(k.machine);
  const tree = procOf(k.machine);
  const { duplicates, warnsOfNames } = eraOf(k);
  const place = tree.translate(name, parent);
  if (place === null || place.name === '') {
    if (warnsOfNames) printk(k, `name '${name}'`);
    return null;
  }
  if ((yield* kmalloc(k, 'GFP_KERNEL', null)) === 0) return null;
  yield k.step(null, k.machine.costs.call);
  const entry = new ProcDirEntry(place.name, mode, place.parent, isDirectory, footprint ?? null);
  prepare(entry);
  yield k.step(tree, k.machine.costs.lock);
  const { subdir } = place.parent;
  if (duplicates !== 'hide' && place.parent.child(place.name) !== undefined) {
    const where = place.parent.path === '' ? '/proc' : place.parent.path;
    printk(k, `proc_dir_entry '${where}/${place.name}' already registered`);
    if (duplicates === 'refuse') return null;
  }
  subdir!.unshift(entry);
  return entry;
}

export function* proc_mkdir(k: Context, entry: NewEntry): Code<ProcDirEntry | null> {
  return yield* register(k, entry, true);
}

/** The entry is in the tree when this returns, and has no methods yet. */
export function* create_proc_entry(k: Context, entry: NewEntry): Code<ProcDirEntry | null> {
  require(k, eraOf(k).readProc, 'create_proc_entry since 3.10', 'use proc_create');
  return yield* register(k, { ...entry, mode: entry.mode === 0 ? S_IRUGO : entry.mode }, false);
}

/** The entry has its methods before anybody can find it. */
export function* proc_create_data(
  k: Context,
  entry: NewEntry,
  ops: proc_ops,
  data: number,
): Code<ProcDirEntry | null> {
  require(k, eraOf(k).procCreate, 'proc_create before 2.6.25', 'use create_proc_entry');
  const mode = entry.mode === 0 ? S_IRUGO : entry.mode;
  return yield* register(k, { ...entry, mode }, false, (made) => {
    made.proc_ops = ops;
    made.data = data;
  });
}

/** Takes the entry out of the tree, and waits for its users where the kernel does. */
export function* remove_proc_entry(k: Context, name: string, parent: ProcDirEntry | null): Code {
  const tree = procOf(k.machine);
  const era = eraOf(k);
  yield k.step(null, k.machine.costs.call);
  yield k.step(tree, k.machine.costs.lock);
  const place = tree.translate(name, parent);
  const de = place?.parent.child(place.name);
  if (de === undefined) {
    if (era.warnsOfNames) printk(k, `name '${name}'`);
    return;
  }
  const siblings = place!.parent.subdir!;
  siblings.splice(siblings.indexOf(de), 1);
  yield* proc_entry_rundown(k, de);
  if (de.subdir !== null && de.subdir.length > 0) reportLeak(k, de);
  if (!era.countsUsers && de.openers.size > 0) {
    de.deleted = true;
    printk(k, `remove_proc_entry: ${place!.parent.path || '/proc'}/${de.name} busy, count=1`);
  }
}

/** What is in a directory that is gone can be neither found nor removed. */
function reportLeak(k: Context, de: ProcDirEntry): void {
  const text =
    `remove_proc_entry: removing non-empty directory '${de.parent?.path || '/proc'}/${de.name}', ` +
    `leaking at least '${de.subdir![0]!.name}'`;
  k.machine.findings.report(k.cpu, 'leak', text, de.name);
}

/** NULL is ignored. */
export function* proc_remove(k: Context, de: ProcDirEntry | null): Code {
  require(k, eraOf(k).procRemove, 'proc_remove before 3.10', 'use remove_proc_entry');
  if (de !== null) yield* remove_proc_entry(k, de.name, de.parent);
}
