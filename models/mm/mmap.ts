/*
 * Changing an address space, after mm/mmap.c, mm/mprotect.c and dup_mmap() of kernel/fork.c:
 * mapping, unmapping, protection, the heap, fork. They return an address, 0 or a negative error.
 * Mappings are split where they must be, and not merged again.
 */
import { errno } from '../errno.ts';
import type { OpenFile } from '../user/process.ts';
import { MAP_FIXED, MAP_SHARED, MmStruct, PROT_READ, PROT_WRITE, type Vma } from './mm.ts';
import { PAGE_ALIGN, PAGE_SIZE, ZERO_PAGE, AddressSpace } from './page.ts';

export interface MmapOptions {
  /** Where, with MAP_FIXED; otherwise the kernel chooses. */
  readonly addr?: number;
  readonly len: number;
  readonly prot: number;
  readonly flags: number;
  /** A file, or pages of the kernel that a driver maps; anonymous without. */
  readonly file?: AddressSpace;
  readonly pgoff?: number;
  /** Stays open as long as the mapping is there. */
  readonly vm_file?: OpenFile;
}

/** The address of the new mapping; -EINVAL or -ENOMEM. */
export function do_mmap(mm: MmStruct, options: MmapOptions): number {
  const len = PAGE_ALIGN(options.len);
  if (len === 0) return -errno.EINVAL;
  const fixed = (options.flags & MAP_FIXED) !== 0;
  const start = fixed ? (options.addr ?? 0) : get_unmapped_area(mm, len);
  if (start % PAGE_SIZE !== 0) return -errno.EINVAL;
  if (start < 0 || len > mm.era.taskSize || start > mm.era.taskSize - len) return -errno.ENOMEM;
  if (fixed) unmap(mm, start, start + len);
  const shared = (options.flags & MAP_SHARED) !== 0;
  const { prot, pgoff = 0, file = shared ? shmem_zero_setup(len) : null } = options;
  const vm_file = options.vm_file?.get() ?? null;
  insert_vm_struct(mm, { start, end: start + len, prot, shared, file, pgoff, vm_file });
  return start;
}

/** Shared anonymous memory is an unnamed file. */
function shmem_zero_setup(len: number): AddressSpace {
  return new AddressSpace('dev/zero', 'shmem', len / PAGE_SIZE);
}

/** The first gap of `len` bytes, from mmap_base downwards or upwards; -ENOMEM. */
function get_unmapped_area(mm: MmStruct, len: number): number {
  const { mmapBase, mmapUp, taskSize } = mm.era;
  if (mmapUp) {
    let start = mmapBase;
    for (const vma of mm.vmas) if (vma.end > start && vma.start < start + len) start = vma.end;
    return start + len > taskSize ? -errno.ENOMEM : start;
  }
  let end = mmapBase;
  for (const vma of mm.vmas.toReversed()) {
    if (vma.start < end && vma.end > end - len) end = vma.start;
  }
  return end - len < PAGE_SIZE ? -errno.ENOMEM : end - len;
}

function insert_vm_struct(mm: MmStruct, vma: Vma): void {
  const at = mm.vmas.findIndex(({ start }) => start > vma.start);
  mm.vmas.splice(at < 0 ? mm.vmas.length : at, 0, vma);
}

/** 0, or -EINVAL. What is not mapped in the range is no error. */
export function do_munmap(mm: MmStruct, start: number, len: number): number {
  if (start % PAGE_SIZE !== 0 || len <= 0 || start < 0) return -errno.EINVAL;
  if (PAGE_ALIGN(len) > mm.era.taskSize - start) return -errno.EINVAL;
  unmap(mm, start, start + PAGE_ALIGN(len));
  return 0;
}

function unmap(mm: MmStruct, start: number, end: number): void {
  for (const vma of cut(mm, start, end)) {
    mm.vmas.splice(mm.vmas.indexOf(vma), 1);
    if (vma.vm_file !== null) mm.fputs.push(vma.vm_file);
    for (let page = vma.start; page < vma.end; page += PAGE_SIZE) mm.zap(page);
  }
}

/** The mappings inside the range, after those that cross its borders have been split there. */
function cut(mm: MmStruct, start: number, end: number): Vma[] {
  split_vma(mm, start);
  split_vma(mm, end);
  return mm.vmas.filter((vma) => vma.start >= start && vma.end <= end);
}

function split_vma(mm: MmStruct, address: number): void {
  const vma = mm.vmaAt(address);
  if (vma === null || vma.start === address) return;
  const pages = (address - vma.start) / PAGE_SIZE;
  const vm_file = vma.vm_file?.get() ?? null;
  const upper = { ...vma, start: address, pgoff: vma.pgoff + pages, vm_file };
  mm.vmas.splice(mm.vmas.indexOf(vma), 1, { ...vma, end: address }, upper);
}

/** 0; -EINVAL, or -ENOMEM where part of the range is not mapped. */
export function do_mprotect(mm: MmStruct, start: number, len: number, prot: number): number {
  if (start % PAGE_SIZE !== 0) return -errno.EINVAL;
  const end = start + PAGE_ALIGN(len);
  let next = start;
  for (const vma of cut(mm, start, end)) {
    if (vma.start !== next) return -errno.ENOMEM;
    next = vma.end;
    mm.vmas[mm.vmas.indexOf(vma)] = { ...vma, prot };
    for (let page = vma.start; page < vma.end; page += PAGE_SIZE) write_protect(mm, page);
  }
  return next === end ? 0 : -errno.ENOMEM;
}

/** The next write faults, and finds out whether it may be made. */
function write_protect(mm: MmStruct, address: number): void {
  const pte = mm.ptes.get(address / PAGE_SIZE);
  if (pte?.writable === true) mm.set_pte(address, { page: pte.page, writable: false });
}

/** brk(): the new end of the heap, or the old one if that cannot be had. */
export function do_brk(mm: MmStruct, brk: number): number {
  if (brk < mm.start_brk) return mm.brk;
  const [oldEnd, newEnd] = [PAGE_ALIGN(mm.brk), PAGE_ALIGN(brk)];
  if (newEnd < oldEnd) unmap(mm, newEnd, oldEnd);
  if (newEnd > oldEnd) {
    if (mm.vmas.some(({ start, end }) => start < newEnd && end > oldEnd)) return mm.brk;
    const prot = PROT_READ | PROT_WRITE;
    const heap = { addr: oldEnd, len: newEnd - oldEnd, prot, flags: MAP_FIXED };
    if (do_mmap(mm, heap) < 0) return mm.brk;
  }
  mm.brk = brk;
  return brk;
}

/** dup_mm(): the address space of a child. Private pages are shared until one of the two writes. */
export function dup_mm(parent: MmStruct): MmStruct {
  const child = new MmStruct(parent.era);
  child.start_brk = parent.start_brk;
  child.brk = parent.brk;
  child.vmas.push(...parent.vmas);
  for (const { vm_file } of parent.vmas) vm_file?.get();
  for (const vma of parent.vmas) {
    for (let address = vma.start; address < vma.end; address += PAGE_SIZE) {
      if (!vma.shared) write_protect(parent, address);
      const pte = parent.ptes.get(address / PAGE_SIZE);
      if (pte !== undefined) child.set_pte(address, pte);
    }
  }
  return child;
}

/** The address space goes with its last process. */
export function exit_mmap(mm: MmStruct): void {
  unmap(mm, 0, mm.era.taskSize);
}

/** Sends the page at `address` to the disk, for every address space that maps it. */
export function swap_out(mm: MmStruct, address: number): void {
  const pte = mm.ptes.get(Math.floor(address / PAGE_SIZE));
  if (pte !== undefined && pte.page !== ZERO_PAGE) pte.page.onDisk = true;
}
