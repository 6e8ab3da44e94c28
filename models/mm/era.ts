/*
 * What differs between kernels in memory and user access. The kernels before 3.x are those of
 * i386 here, with 3 GiB for processes; the later ones are x86-64 with five-level page tables, as
 * on the machine that Linux 6.1.192 was recorded on.
 *
 * Sources: asm-i386/uaccess.h, arch/i386/lib/usercopy.c and arch/i386/mm/fault.c of 2.4;
 * arch/x86/lib/usercopy_32.c and arch/x86/mm/fault*.c of 2.6.24 and 2.6.32; arch/x86/include/asm/
 * page_64_types.h, arch/x86/lib/{copy_user_64,clear_page_64}.S and mm/memory.c of 6.1.192.
 */
import type { KernelName } from '../era.ts';
import * as loop from './fixup.ts';

export interface MmEra {
  /** TASK_SIZE_MAX: user addresses are below it. */
  readonly taskSize: number;
  /** mmap_base: where room for a mapping is looked for, and in which direction from there. */
  readonly mmapBase: number;
  readonly mmapUp: boolean;
  /** The instructions that copy, in their order; those of clear_user(). */
  readonly copyLoop: loop.CopyLoop;
  readonly clearLoop: loop.CopyLoop;
  /**
   * A copy that is longer than an array is refused with a warning, and so is one above INT_MAX
   * (include/linux/thread_info.h; x86 from 2.6.33 on).
   */
  readonly copyChecksSize: boolean;
  /** Strings are read a word of 8 bytes at a time. */
  readonly stringWords: boolean;
  /** What strnlen_user() says if it may look at no byte at all. */
  readonly strnlenOfNone: number;
  /** pagefault_disable(): not there yet, raises preempt_count, or counts in the task (4.2). */
  readonly pagefaultDisable: 'missing' | 'preemptCount' | 'task';
  /** might_fault() is a might_sleep(), and so a preemption point of the voluntary model. */
  readonly mightFaultReschedules: boolean;
  /** Who must not take a page fault: those in_interrupt(), or all that are in_atomic(). */
  readonly faultsRefused: 'inInterrupt' | 'inAtomic';
  /** The processor keeps the kernel from user memory outside of the access functions (3.7). */
  readonly smap: boolean;
  /** An address with all its digits. */
  readonly pointer: (address: number) => string;
  /** First line of an oops for a bad address. */
  readonly oops: (address: number) => string;
  /** What the kernel says when it cannot end a task for it. */
  readonly fatalInInterrupt: string;
  /** The address in the kernel's line about a SIGSEGV that ends a program; null: no such line. */
  readonly segfault: ((address: number) => string) | null;
}

/** 64 bits as hexadecimal digits; a negative number stands for the upper half. */
function hex64(address: number): string {
  return BigInt.asUintN(64, BigInt(address)).toString(16).padStart(16, '0');
}

function hex32(address: number): string {
  return (address >>> 0).toString(16).padStart(8, '0');
}

function isNull(address: number): boolean {
  return address >= 0 && address < 4096;
}

const i386In24: MmEra = {
  taskSize: 0xc0000000,
  mmapBase: 0x40000000,
  mmapUp: true,
  copyLoop: loop.wordsThenBytes(4),
  clearLoop: loop.wordsThenBytes(4),
  copyChecksSize: false,
  stringWords: false,
  strnlenOfNone: 0,
  pagefaultDisable: 'missing',
  mightFaultReschedules: false,
  faultsRefused: 'inInterrupt',
  smap: false,
  pointer: hex32,
  oops: (address) =>
    `Unable to handle kernel ${isNull(address) ? 'NULL pointer dereference' : 'paging request'}` +
    ` at virtual address ${hex32(address)}`,
  fatalInInterrupt: 'Kernel panic: Aiee, killing interrupt handler!',
  segfault: null,
};

const i386In2624: MmEra = {
  ...i386In24,
  mmapBase: 0xb8000000,
  mmapUp: false,
  copyLoop: loop.alignedWords,
  strnlenOfNone: 1,
  pagefaultDisable: 'preemptCount',
  mightFaultReschedules: true,
  faultsRefused: 'inAtomic',
  oops: (address) =>
    `BUG: unable to handle kernel ${what(address)} at virtual address ${hex32(address)}`,
  fatalInInterrupt: 'Kernel panic - not syncing: Fatal exception in interrupt',
  segfault: hex32,
};

const i386In2632: MmEra = {
  ...i386In2624,
  oops: (address) =>
    `BUG: unable to handle kernel ${what(address)} at ${address === 0 ? '(null)' : hex32(address)}`,
  segfault: (address) => (address >>> 0).toString(16),
};

function what(address: number): string {
  return isNull(address) ? 'NULL pointer dereference' : 'paging request';
}

const x86In61: MmEra = {
  ...i386In2632,
  taskSize: 0x100000000000000 - 4096,
  mmapBase: 0x7ffff7fff000,
  copyLoop: loop.everyByte,
  clearLoop: loop.shortInWords(8, 64),
  copyChecksSize: true,
  stringWords: true,
  strnlenOfNone: 0,
  pagefaultDisable: 'task',
  mightFaultReschedules: false,
  smap: true,
  pointer: hex64,
  oops: (address) =>
    isNull(address)
      ? `BUG: kernel NULL pointer dereference, address: ${hex64(address)}`
      : `BUG: unable to handle page fault for address: ${hex64(address)}`,
  segfault: (address) => BigInt.asUintN(64, BigInt(address)).toString(16),
};

export const mmEras: Readonly<Record<KernelName, MmEra>> = {
  'linux-2.4.27': i386In24,
  'linux-2.6.24': i386In2624,
  'linux-2.6.32': i386In2632,
  'linux-6.1': x86In61,
  'linux-6.12': { ...x86In61, clearLoop: loop.everyByte },
};
