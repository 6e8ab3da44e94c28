/*
 * Character devices, fs/char_dev.c: a driver's file_operations under a path of /dev. An open file
 * holds the module of its driver. Left out: device numbers, and what loads a driver on demand.
 */
import { errno } from '../errno.ts';
import type { Machine } from '../machine.ts';
import { module_put, try_module_get, type Module } from '../module.ts';
import { inodesOf, type file_operations } from './file.ts';

/** Makes `/dev/NAME`, which everybody may read and write: 0, or -EBUSY if it is there already. */
export function register_chrdev(
  machine: Machine,
  name: string,
  fops: file_operations,
  owner: Module | null = null,
): number {
  const path = `/dev/${name}`;
  const inodes = inodesOf(machine);
  if (inodes.has(path)) return -errno.EBUSY;
  const i_fop = owner === null ? fops : withOwner(fops, owner);
  inodes.set(path, { type: 'character', mode: 0o666, i_fop });
  return 0;
}

/** chrdev_open() takes a reference of the module, the end of the file gives it back. */
function withOwner(fops: file_operations, owner: Module): file_operations {
  return {
    ...fops,
    *open(k, file) {
      if ((yield* try_module_get(k, owner)) === 0) return -errno.ENXIO;
      const error = fops.open === undefined ? 0 : yield* fops.open(k, file);
      if (error < 0) yield* module_put(k, owner);
      return error;
    },
    *release(k, file) {
      const result = fops.release === undefined ? 0 : yield* fops.release(k, file);
      yield* module_put(k, owner);
      return result;
    },
  };
}

/** Files that are open stay so. */
export function unregister_chrdev(machine: Machine, name: string): void {
  inodesOf(machine).delete(`/dev/${name}`);
}
