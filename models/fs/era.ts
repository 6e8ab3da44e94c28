/*
 * What differs between kernel versions in files, as far as it shows from outside. Sources:
 * fs/seq_file.c of 2.6.23, 2.6.32 and 5.14 (as in 6.1), patches to that of 2.4.21; fs/read_write.c
 * and fs/file.c.
 */
import type { KernelName } from '../era.ts';

export interface FsEra {
  /**
   * seq_read(). `sequential`: one position, no SEQ_SKIP. `positioned`: any position, so pread()
   * works (2.6.30). `iterating`: next() is called once for every record shown, and what a fault
   * left uncopied stays in the buffer (4.19, 5.10).
   */
  readonly seqRead: 'sequential' | 'positioned' | 'iterating';
  /** Why a `sequential` seq_file refuses pread(): its own check, or the lack of FMODE_PREAD. */
  readonly seqPreadError: 'EPIPE' | 'ESPIPE';
  /** lseek() moves f_pos of a file that has no llseek (until 2.6.37), where later it is refused. */
  readonly defaultLlseek: boolean;
  /** Threads that share a regular file take turns with its position (f_pos_lock, 3.14). */
  readonly atomicPosition: boolean;
  /** What a show() of sysfs that prints more than a page comes to; null: there is no sysfs. */
  readonly sysfsOverflow: 'BUG' | 'cut' | null;
}

const linux24: FsEra = {
  seqRead: 'sequential',
  seqPreadError: 'EPIPE',
  defaultLlseek: true,
  atomicPosition: false,
  sysfsOverflow: null,
};
const linux2624: FsEra = { ...linux24, seqPreadError: 'ESPIPE', sysfsOverflow: 'BUG' };
const linux2632: FsEra = { ...linux2624, seqRead: 'positioned', sysfsOverflow: 'cut' };
const linux61: FsEra = {
  ...linux2632,
  seqRead: 'iterating',
  defaultLlseek: false,
  atomicPosition: true,
};

export const fsEras: Readonly<Record<KernelName, FsEra>> = {
  'linux-2.4.27': linux24,
  'linux-2.6.24': linux2624,
  'linux-2.6.32': linux2632,
  'linux-6.1': linux61,
  'linux-6.12': linux61,
};
