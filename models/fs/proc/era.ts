/*
 * What differs between kernels in procfs itself, as far as it shows from outside. Sources:
 * fs/proc/generic.c and fs/proc/inode.c of 2.4.27, 2.6.24, 2.6.32.67, 6.1.192 and 6.12.
 */
import type { KernelName } from '../../era.ts';
import type { ErrnoName } from '../../errno.ts';

export interface ProcEra {
  /** create_proc_entry(), read_proc and write_proc exist (until 3.9). */
  readonly readProc: boolean;
  /** proc_create() exists (2.6.25). */
  readonly procCreate: boolean;
  /** proc_remove() exists (3.10). */
  readonly procRemove: boolean;
  /** An error of read_proc with *start == NULL is heard of: 2.4 takes it for the end. */
  readonly readErrors: boolean;
  /** proc_file_read() compares what it was told with the page and with the count that it gave. */
  readonly checksPage: boolean;
  /**
   * Methods that run are counted (pde_users), remove_proc_entry() waits for them, and -EIO is what
   * the others get (2.6.23). Before, open files lose their methods (-EINVAL), and that is all.
   */
  readonly countsUsers: boolean;
  /** What open() says if the entry goes while it is being opened; null: it is open all the same. */
  readonly openError: ErrnoName | null;
  /** Removing the entry calls release() of the files that are open (2.6.26). */
  readonly releasesOpeners: boolean;
  /** A second entry of one name hides the first, says so (2.6.26), or is refused (3.11). */
  readonly duplicates: 'hide' | 'warn' | 'refuse';
  /** A name whose directory, or that itself, does not exist is worth a WARN (2.6.29). */
  readonly warnsOfNames: boolean;
}

const linux24: ProcEra = {
  readProc: true,
  procCreate: false,
  procRemove: false,
  readErrors: false,
  checksPage: false,
  countsUsers: false,
  openError: null,
  releasesOpeners: false,
  duplicates: 'hide',
  warnsOfNames: false,
};
const linux2624: ProcEra = {
  ...linux24,
  readErrors: true,
  checksPage: true,
  countsUsers: true,
};
const linux2632: ProcEra = {
  ...linux2624,
  procCreate: true,
  openError: 'EINVAL',
  releasesOpeners: true,
  duplicates: 'warn',
  warnsOfNames: true,
};
const linux61: ProcEra = {
  ...linux2632,
  readProc: false,
  procRemove: true,
  openError: 'ENOENT',
  duplicates: 'refuse',
};

export const procEras: Readonly<Record<KernelName, ProcEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux2624,
  'linux-2.6.32': linux2632,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};
