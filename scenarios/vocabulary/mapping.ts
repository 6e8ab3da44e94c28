/*
 * Words for mapped memory: the system calls that change an address space, what a driver's mmap()
 * method maps into it, and the atomic accesses of programs (C11), which take an address.
 */
import type { Code, Context } from '../../models/context.ts';
import { ioctl } from '../../models/fs/ioctl.ts';
import * as calls from '../../models/fs/mmap.ts';
import { ACCESS_MARKED, ACCESS_WRITE } from '../../models/instrumented.ts';
import { access_in_user_mode } from '../../models/mm/fault.ts';
import * as mm from '../../models/mm/mm.ts';
import { active_mm } from '../../models/mm/pagefault.ts';
import * as remap from '../../models/mm/remap.ts';
import { userStored } from '../../models/mm/user-fetch.ts';
import { bytesOf } from '../../models/mm/uaccess.ts';
import { currentFileCall } from '../run/file-calls.ts';
import { buffer } from './buffers.ts';
import { flags, int, op, optional, symbol, userMode, type Op } from './define.ts';
import { oops } from './files.ts';
import { memory, placeOf, reachFromUser, readInt, type Place } from './user-place.ts';

const MMAP = 'mm/mmap.c';
const MEMORY = 'mm/memory.c';
const STDATOMIC = 'of the C library';

const prot = flags('prot', {
  PROT_NONE: mm.PROT_NONE,
  PROT_READ: mm.PROT_READ,
  PROT_WRITE: mm.PROT_WRITE,
});
const mapFlags = flags('flags', {
  MAP_SHARED: mm.MAP_SHARED,
  MAP_PRIVATE: mm.MAP_PRIVATE,
  MAP_FIXED: mm.MAP_FIXED,
  MAP_ANONYMOUS: mm.MAP_ANONYMOUS,
});
const addr = int('addr');
const len = int('len');

const systemCalls: readonly Op[] = [
  op(
    'mmap',
    [addr, len, prot, mapFlags, optional(int('fd')), optional(int('offset'))],
    'int',
    'Maps memory, or what the driver of an open device gives; its address.',
    MMAP,
    (k, at, size, how, kind, fd, offset) =>
      calls.mmap(k, {
        addr: at,
        len: size,
        prot: how,
        flags: kind,
        fd: fd ?? -1,
        offset: offset ?? 0,
      }),
  ),
  op('munmap', [addr, len], 'int', 'Takes memory out of the address space.', MMAP, calls.munmap),
  op(
    'mprotect',
    [addr, len, prot],
    'int',
    'Changes what may be done with mapped memory.',
    'mm/mprotect.c',
    calls.mprotect,
  ),
  op(
    'ioctl',
    [int('fd'), int('cmd'), optional({ ...memory, name: 'arg' })],
    'int',
    "A command to a device; the argument is a number or the program's memory.",
    'fs/ioctl.c',
    (k, fd, cmd, arg) => ioctl(k, fd, cmd, typeof arg === 'number' ? arg : placeOf(k, arg ?? 0)),
  ),
];

const order = symbol('order', {
  memory_order_relaxed: 0,
  memory_order_acquire: 2,
  memory_order_release: 3,
  memory_order_acq_rel: 4,
  memory_order_seq_cst: 5,
});

/** One atomic access of a program to the int at `place`. */
function* atomically(
  k: Context,
  place: Place | undefined,
  change: (old: number) => number | null,
): Code<number> {
  const address = placeOf(k, place);
  yield* reachFromUser(k, place, address);
  const space = yield* access_in_user_mode(k, address, 4, true);
  const old = readInt(space, address);
  const value = change(old);
  space.instrument(k, address, 4, ACCESS_MARKED | (value === null ? 0 : ACCESS_WRITE));
  if (value !== null) {
    space.store(address, bytesOf(value, 4));
    userStored(k, space, address, 4);
  }
  return old;
}

const atomics: readonly Op[] = [
  op(
    'atomic_load_explicit',
    [memory, optional(order)],
    'int',
    'The program reads an int that others write meanwhile.',
    STDATOMIC,
    function* (k, place) {
      const address = placeOf(k, place);
      yield* reachFromUser(k, place, address);
      const space = yield* access_in_user_mode(k, address, 4, false);
      space.instrument(k, address, 4, ACCESS_MARKED);
      return readInt(space, address);
    },
  ),
  op(
    'atomic_store_explicit',
    [memory, int('value'), optional(order)],
    'void',
    'The program writes an int that others read meanwhile.',
    STDATOMIC,
    function* (k, place, value) {
      yield* atomically(k, place, () => value);
    },
  ),
  op(
    'atomic_fetch_add_explicit',
    [memory, int('value'), optional(order)],
    'int',
    'The program adds to an int at once; what it was.',
    STDATOMIC,
    (k, place, value) => atomically(k, place, (old) => old + value),
  ),
];

/** What the mmap() method has been called for; in another one there is none. */
function inMmap(
  k: Context,
  where: string,
  act: (space: mm.MmStruct, vma: mm.Vma) => number,
): number {
  const vma = currentFileCall(k)?.vma;
  return vma === undefined ? oops(k, where) : act(active_mm(k)!, vma);
}

const mapOps: readonly Op[] = [
  op(
    'remap_pfn_range',
    [buffer, optional(int('first'))],
    'int',
    'Maps the pages of the buffer, from page vm_pgoff or `first` on, over the whole area: 0.',
    MEMORY,
    (k, b, first) =>
      inMmap(k, 'remap_pfn_range', (space, vma) =>
        remap.remap_pfn_range(k, space, vma, b, first ?? vma.pgoff),
      ),
  ),
  op(
    'remap_vmalloc_range',
    [buffer, optional(int('first'))],
    'int',
    'As remap_pfn_range, but -EINVAL where the buffer is too short.',
    'mm/vmalloc.c',
    (k, b, first) =>
      inMmap(k, 'remap_vmalloc_range', (space, vma) =>
        remap.remap_vmalloc_range(space, vma, b, first ?? vma.pgoff),
      ),
  ),
  op(
    'vm_insert_page',
    [int('index'), buffer, int('page')],
    'int',
    'Maps one page of the buffer as page `index` of the area: 0, -EFAULT or -EBUSY.',
    MEMORY,
    (k, index, b, number) =>
      inMmap(k, 'vm_insert_page', (space, vma) => {
        const page = b.page(number);
        return page === null ? -22 : remap.vm_insert_page(space, vma, index, page);
      }),
  ),
  op(
    'vfree',
    [buffer],
    'void',
    'Gives the memory back; what remap_pfn_range has mapped belongs to others then.',
    'mm/vmalloc.c',
    function* (k, b) {
      yield k.step(b.footprint, k.machine.costs.call);
      b.free(k);
    },
  ),
  op('vma_size', [], 'int', 'The bytes of the area that mmap() is to map.', MMAP, (k) =>
    inMmap(k, 'vma_size', (_space, { start, end }) => end - start),
  ),
  op('vm_pgoff', [], 'int', 'The page of the device at which the area begins.', MMAP, (k) =>
    inMmap(k, 'vm_pgoff', (_space, { pgoff }) => pgoff),
  ),
];

export const mappingOps: readonly Op[] = [
  ...systemCalls.map(userMode),
  ...atomics.map(userMode),
  ...mapOps,
];
