/*
 * Words for memory: the kernel's access to user memory, the user's own, allocation, barriers.
 * Where a copy names no memory of the kernel, some is made for the call; what goes to user memory
 * then consists of the letter k.
 */
import type { Code, Context } from '../../models/context.ts';
import { ACCESS_WRITE } from '../../models/instrumented.ts';
import { access_in_user_mode, dereference } from '../../models/mm/fault.ts';
import { pagefault_disable, pagefault_enable } from '../../models/mm/pagefault.ts';
import { copyIn, copyOut } from '../../models/mm/kernel-copy.ts';
import { kmalloc } from '../../models/mm/slab.ts';
import * as strings from '../../models/mm/strings.ts';
import * as user from '../../models/mm/uaccess.ts';
import { userStored } from '../../models/mm/user-fetch.ts';
import { buffer } from './buffers.ts';
import { int, op, optional, symbol, userMode, type Arg, type Op } from './define.ts';
import { mem } from './lifetime.ts';
import { memory, placeOf, reachFromUser, readInt } from './user-place.ts';

const USERCOPY = 'lib/usercopy.c';
const UACCESS = 'arch/x86/include/asm/uaccess.h';
const MACCESS = 'mm/maccess.c';
const FAULT = 'arch/x86/mm/fault.c';

const offset = optional(int('offset'));
const n = int('n');
/** A local that gets the value. */
const value: Arg<(value: number) => void> = { name: 'value', kind: 'out' };

const RECORDED_SIZE = 16;

const LARGEST = 0x1000000;

/** A buffer of the kernel for `size` bytes; a negative size is a huge one that is never copied. */
function kernelBuffer(size: number): Uint8Array {
  if (size > LARGEST) throw new RangeError(`a copy has at most ${LARGEST} bytes, not ${size}`);
  return new Uint8Array(Math.max(0, size));
}

type CopyFrom = (k: Context, to: Uint8Array, from: number, n: number) => Code<number>;
type CopyTo = (k: Context, to: number, from: Uint8Array, n: number) => Code<number>;

/** The bytes, the user's memory and an offset in it, the kernel's memory and an offset in that. */
const copyArgs = [
  optional(n),
  optional(memory),
  offset,
  optional(buffer),
  optional(int('at')),
] as const;

function copyFrom(name: string, about: string, source: string, copy: CopyFrom): Op {
  return op(
    name,
    copyArgs,
    'int',
    about,
    source,
    (k, size = RECORDED_SIZE, place, from, to, at) => {
      const address = placeOf(k, place, from);
      if (to === undefined) return copy(k, kernelBuffer(size), address, size);
      return copyIn(k, { buffer: to, at: at ?? 0, size }, address, copy);
    },
  );
}

function copyTo(name: string, about: string, source: string, copy: CopyTo): Op {
  return op(
    name,
    copyArgs,
    'int',
    about,
    source,
    (k, size = RECORDED_SIZE, place, to, from, at) => {
      const address = placeOf(k, place, to);
      if (from === undefined) return copy(k, address, kernelBuffer(size).fill(0x6b), size);
      return copyOut(k, address, { buffer: from, at: at ?? 0, size }, copy);
    },
  );
}

const copyOps: readonly Op[] = [
  copyFrom(
    'copy_from_user',
    'Bytes that could not be copied; 16 bytes of a page of the process if it is not said which.',
    USERCOPY,
    user.copy_from_user,
  ),
  copyFrom(
    '__copy_from_user_inatomic',
    'As copy_from_user, without its checks: for where page faults are disabled.',
    'include/linux/uaccess.h',
    user.__copy_from_user_inatomic,
  ),
  copyFrom(
    'copy_from_user_nofault',
    '0, or -EFAULT if a page is not there; never sleeps.',
    MACCESS,
    user.copy_from_user_nofault,
  ),
  copyTo('copy_to_user', 'Bytes that could not be copied.', USERCOPY, user.copy_to_user),
  copyTo(
    'copy_to_user_nofault',
    '0, or -EFAULT if a page is not there; never sleeps.',
    MACCESS,
    user.copy_to_user_nofault,
  ),
  op(
    'clear_user',
    [n, memory, offset],
    'int',
    'Sets bytes to zero; returns those that it could not.',
    'arch/x86/lib/clear_page_64.S',
    (k, size, buffer, at) => user.clear_user(k, placeOf(k, buffer, at), size),
  ),
];

const valueOps: readonly Op[] = [
  op(
    'access_ok',
    [memory, n, offset],
    'int',
    '1 if the range lies in user space, whether it is mapped or not.',
    UACCESS,
    (k, buffer, size, at) => (user.access_ok(k, placeOf(k, buffer, at), size) ? 1 : 0),
  ),
  op(
    'get_user',
    [value, memory, offset],
    'int',
    'Reads an int: 0, or -EFAULT and the value 0.',
    UACCESS,
    function* (k, set, buffer, at) {
      const fetched = yield* user.get_user(k, placeOf(k, buffer, at));
      set(fetched.value);
      return fetched.error;
    },
  ),
  op(
    'put_user',
    [int('value'), memory, offset],
    'int',
    'Writes an int: 0, or -EFAULT.',
    UACCESS,
    (k, x, buffer, at) => user.put_user(k, x, placeOf(k, buffer, at)),
  ),
  op(
    'strncpy_from_user',
    [int('count'), memory, offset],
    'int',
    'The length of the string, count if that is less, or -EFAULT.',
    'lib/strncpy_from_user.c',
    (k, count, buffer, at) =>
      strings.strncpy_from_user(k, kernelBuffer(count), placeOf(k, buffer, at), count),
  ),
  op(
    'strnlen_user',
    [int('count'), memory, offset],
    'int',
    'The size with the NUL, more than count if it is longer, or 0 for a fault.',
    'lib/strnlen_user.c',
    (k, count, buffer, at) => strings.strnlen_user(k, placeOf(k, buffer, at), count),
  ),
  op(
    'dereference',
    [memory, offset],
    'int',
    'Reads an int without an access function: an oops if the page is bad, or with SMAP.',
    FAULT,
    function* (k, buffer, at) {
      const address = placeOf(k, buffer, at);
      return readInt(yield* dereference(k, address, 4, false), address);
    },
  ),
];

const userModeOps: readonly Op[] = [
  op(
    'readMemory',
    [memory, offset],
    'int',
    'The program reads an int; SIGSEGV if it must not.',
    FAULT,
    function* (k, buffer, at) {
      const address = placeOf(k, buffer, at);
      yield* reachFromUser(k, buffer, address);
      const mm = yield* access_in_user_mode(k, address, 4, false);
      mm.instrument(k, address, 4, 0);
      return readInt(mm, address);
    },
  ),
  op(
    'writeMemory',
    [int('value'), memory, offset],
    'void',
    'The program writes an int; SIGSEGV if it must not.',
    FAULT,
    function* (k, x, buffer, at) {
      const address = placeOf(k, buffer, at);
      yield* reachFromUser(k, buffer, address);
      const mm = yield* access_in_user_mode(k, address, 4, true);
      mm.instrument(k, address, 4, ACCESS_WRITE);
      mm.store(address, user.bytesOf(x, 4));
      userStored(k, mm, address, 4);
    },
  ),
];

const gfp = symbol('gfp', { 0: 0, 1: 1, GFP_KERNEL: 0, GFP_ATOMIC: 1 });

const kernelOps: readonly Op[] = [
  op('pagefault_disable', [], 'void', 'A page fault now fails at once.', UACCESS, (k) =>
    pagefault_disable(k),
  ),
  op('pagefault_enable', [], 'void', 'Page faults are handled again.', UACCESS, pagefault_enable),
  op(
    'kmalloc',
    [gfp, optional(mem)],
    'int',
    '1, or 0 where a fault makes it fail; GFP_KERNEL (0) may sleep, GFP_ATOMIC (1) does not.',
    'mm/slab_common.c',
    (k, flag, object) => kmalloc(k, flag === 0 ? 'GFP_KERNEL' : 'GFP_ATOMIC', object ?? null),
  ),
];

export const memoryOps: readonly Op[] = [
  ...copyOps,
  ...valueOps,
  ...userModeOps.map(userMode),
  ...kernelOps,
];
