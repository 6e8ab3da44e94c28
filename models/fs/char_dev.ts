/*
 * Character devices, fs/char_dev.c: a driver's file_operations under a path of /dev. Left out:
 * device numbers, and what loads a driver on demand.
 */
import type { Machine } from '../machine.ts';
import { inodesOf, type file_operations } from './file.ts';

/** Makes `/dev/NAME`, which everybody may read and write; throws if it is there already. */
export function register_chrdev(machine: Machine, name: string, i_fop: file_operations): void {
  const path = `/dev/${name}`;
  const inodes = inodesOf(machine);
  if (inodes.has(path)) throw new Error(`${path} exists already`);
  inodes.set(path, { type: 'character', mode: 0o666, i_fop });
}

/** Files that are open stay so. */
export function unregister_chrdev(machine: Machine, name: string): void {
  inodesOf(machine).delete(`/dev/${name}`);
}
