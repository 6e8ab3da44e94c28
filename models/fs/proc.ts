/*
 * Entries of /proc that are there when a run begins: what drivers of the machine have made by
 * proc_create(), proc_create_seq() and proc_create_single() of fs/proc/generic.c. How a run makes
 * and removes entries stands in proc/generic.ts.
 */
import type { Code, Context } from '../context.ts';
import type { Machine } from '../machine.ts';
import type { OpenedFile } from './file.ts';
import { ProcDirEntry, procOf, type proc_ops } from './proc/entry.ts';
import { mountProc } from './proc/root.ts';
import { seq_open, type SeqFile, type seq_operations } from './seq_file.ts';
import { seqMethods, singleMethods } from './seq_methods.ts';

export type { proc_ops } from './proc/entry.ts';

/** What an entry is made with that is there from the beginning. */
export interface MadeEntry {
  readonly mode: number;
  readonly isDirectory?: boolean;
  /** In an explored run: what stands for it. */
  readonly footprint?: object;
}

/** Makes `/proc/NAME` and the directories above it; throws if it is there already. */
export function makeEntry(machine: Machine, name: string, made: MadeEntry): ProcDirEntry {
  mountProc(machine);
  const tree = procOf(machine);
  if (tree.find(name) !== null) throw new Error(`/proc/${name} exists already`);
  const parts = name.split('/');
  const last = parts.pop()!;
  let directory = tree.root;
  for (const part of parts) {
    directory = directory.child(part) ?? add(directory, part, { mode: 0o555, isDirectory: true });
  }
  return add(directory, last, made);
}

function add(
  parent: ProcDirEntry,
  name: string,
  { mode, isDirectory = false, footprint }: MadeEntry,
): ProcDirEntry {
  const entry = new ProcDirEntry(name, mode, parent, isDirectory, footprint ?? null);
  parent.subdir!.unshift(entry);
  return entry;
}

/** A file with methods, as makeEntry makes it. */
export function proc_create(machine: Machine, name: string, mode: number, ops: proc_ops): void {
  makeEntry(machine, name, { mode }).proc_ops = ops;
}

/** As proc_create, for a file whose records come from `ops`. */
export function proc_create_seq<T>(
  machine: Machine,
  name: string,
  mode: number,
  ops: seq_operations<T>,
): void {
  const open = (k: Context, file: OpenedFile): number => seq_open(k, file, ops);
  proc_create(machine, name, mode, seqMethods(open));
}

/** As proc_create, for a file of one record, which `show` makes. */
export function proc_create_single(
  machine: Machine,
  name: string,
  mode: number,
  show: (k: Context, m: SeqFile) => Code<number>,
): void {
  proc_create(machine, name, mode, singleMethods(show));
}

/** Takes an entry away before a run or between two steps of it; files that are open stay so. */
export function remove_proc_entry(machine: Machine, name: string): void {
  const tree = procOf(machine);
  const siblings = tree.find(name)?.parent?.subdir;
  siblings?.splice(siblings.indexOf(tree.find(name)!), 1);
}
