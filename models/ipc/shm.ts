/*
 * Shared memory, ipc/shm.c: pages that a process sees after shmat() and until shmdt(), the same
 * pages in each. Nothing orders what processes do there, so the checker for data races looks at
 * every access. Left out: keys and permissions, SHM_RDONLY, swapping.
 */
import type { Code, Context } from '../context.ts';
import { errno } from '../errno.ts';
import { ACCESS_MARKED, ACCESS_WRITE, instrument_access } from '../instrumented.ts';
import { access_in_user_mode } from '../mm/fault.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE, type MmStruct } from '../mm/mm.ts';
import { do_mmap, do_munmap } from '../mm/mmap.ts';
import { AddressSpace, PAGE_SIZE } from '../mm/page.ts';
import { active_mm } from '../mm/pagefault.ts';
import { bytesOf, valueOf } from '../mm/uaccess.ts';
import { UserMemory } from '../mm/user-memory.ts';

/** struct shmid_kernel. The kernel finds it in the address space of the process that runs. */
export class ShmSegment extends UserMemory {
  private readonly segment: AddressSpace;
  private readonly bytes: number;
  private readonly places = new Map<MmStruct, number>();

  constructor(name: string, bytes: number) {
    super({ name, address: 0, pages: ['unmapped'], shared: false, fill: 0 });
    this.bytes = bytes;
    this.segment = new AddressSpace(name, 'shmem', Math.ceil(bytes / PAGE_SIZE));
  }

  /** How many processes have it attached. */
  get nattch(): number {
    return this.places.size;
  }

  /** Only shmat() maps it. */
  override attach(): void {}

  /** Where a process has it; an address that is not mapped if it does not. */
  override addressIn(mm: MmStruct | null): number {
    return (mm === null ? undefined : this.places.get(mm)) ?? this.address;
  }

  /** The address. A process has it once here. */
  map(mm: MmStruct): number {
    const known = this.places.get(mm);
    if (known !== undefined) return known;
    const len = this.bytes;
    const how = { len, prot: PROT_READ | PROT_WRITE, flags: MAP_SHARED, file: this.segment };
    const address = do_mmap(mm, how);
    if (address >= 0) this.places.set(mm, address);
    return address;
  }

  /** 0, or -EINVAL if it is not there. */
  unmap(mm: MmStruct): number {
    const address = this.places.get(mm);
    if (address === undefined) return -errno.EINVAL;
    this.places.delete(mm);
    return do_munmap(mm, address, this.bytes);
  }
}

/** A load or store of a program; SIGSEGV where it has not attached the segment. */
function* access(
  k: Context,
  shm: ShmSegment,
  offset: number,
  how: number,
): Code<{ readonly mm: MmStruct; readonly address: number }> {
  yield k.step(shm, k.machine.costs.access);
  const address = shm.addressIn(active_mm(k)) + offset;
  const mm = yield* access_in_user_mode(k, address, 4, (how & ACCESS_WRITE) !== 0);
  instrument_access(k.cpu, k.machine.texts.intern(`${shm.name}[${offset}]`), how);
  return { mm, address };
}

function read(mm: MmStruct, address: number): number {
  const bytes = new Uint8Array(4);
  mm.load(address, bytes);
  return valueOf(bytes);
}

/** An int of the segment. */
export function* load(k: Context, shm: ShmSegment, offset: number): Code<number> {
  const { mm, address } = yield* access(k, shm, offset, 0);
  return read(mm, address);
}

export function* store(k: Context, shm: ShmSegment, offset: number, value: number): Code {
  const { mm, address } = yield* access(k, shm, offset, ACCESS_WRITE);
  mm.store(address, bytesOf(value, 4));
}

/** One atomic instruction: adds, and gives the value before. */
export function* fetchAdd(k: Context, shm: ShmSegment, offset: number, by: number): Code<number> {
  const { mm, address } = yield* access(k, shm, offset, ACCESS_WRITE | ACCESS_MARKED);
  const before = read(mm, address);
  mm.store(address, bytesOf(before + by, 4));
  return before;
}
