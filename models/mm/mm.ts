/*
 * A user address space: struct mm_struct and struct vm_area_struct (include/linux/mm_types.h) with
 * a page table. An address is a number; the upper half of a 64-bit space is negative. Left out:
 * mmap_lock, the stack that grows, huge pages, reverse mapping.
 */
import type { Context } from '../context.ts';
import { type MmEra } from './era.ts';
import type { OpenFile } from '../user/process.ts';
import { eachPage, pageOf, type AddressSpace, type Pte } from './page.ts';

export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;

export const MAP_SHARED = 0x01;
export const MAP_PRIVATE = 0x02;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;

/** struct vm_area_struct: the addresses from `start` to before `end`, whole pages. */
export interface Vma {
  readonly start: number;
  readonly end: number;
  readonly prot: number;
  readonly shared: boolean;
  /** Null: anonymous. */
  readonly file: AddressSpace | null;
  /** The page of `file` at `start`. */
  readonly pgoff: number;
  /** The open file that the mapping keeps open; null: none does. */
  readonly vm_file: OpenFile | null;
}

export class MmStruct {
  readonly era: MmEra;
  /** Ascending, none overlaps another. */
  readonly vmas: Vma[] = [];
  /** The page table, by page number. */
  readonly ptes = new Map<number, Pte>();
  /** Files of mappings that are gone: who took them away lets go of these, which may sleep. */
  readonly fputs: OpenFile[] = [];
  /** Page faults that needed no disk, and those that did. */
  min_flt = 0;
  maj_flt = 0;
  /** The heap, from start_brk to brk. */
  start_brk = 0x804a000;
  brk = 0x804a000;

  constructor(era: MmEra) {
    this.era = era;
  }

  /** The mapping in which `address` lies. */
  vmaAt(address: number): Vma | null {
    return this.vmas.find(({ start, end }) => address >= start && address < end) ?? null;
  }

  /** Takes `address` out of the page table. */
  zap(address: number): void {
    const number = pageOf(address);
    const pte = this.ptes.get(number);
    if (pte === undefined) return;
    pte.page.users--;
    this.ptes.delete(number);
  }

  /** Maps a page at `address` in place of what was there. */
  set_pte(address: number, pte: Pte): void {
    pte.page.users++;
    this.zap(address);
    this.ptes.set(pageOf(address), pte);
  }

  /** An access there takes no page fault. */
  isAccessible(address: number, write: boolean): boolean {
    const pte = this.ptes.get(pageOf(address));
    if (pte === undefined || pte.page.onDisk || (write && !pte.writable)) return false;
    return this.vmaAt(address)!.prot !== PROT_NONE;
  }

  /** The detectors of races hear of an access to bytes that are accessible. */
  instrument(k: Context, address: number, size: number, how: number): void {
    eachPage(address, size, (page, offset, from, end) => {
      this.ptes.get(page)!.page.instrument(k, offset, end - from, how);
    });
  }

  /** Reads bytes that are accessible, wherever the borders of pages are. */
  load(address: number, to: Uint8Array): void {
    eachPage(address, to.length, (page, offset, from, end) => {
      this.ptes.get(page)!.page.read(offset, to.subarray(from, end));
    });
  }

  /** Writes bytes that are accessible. */
  store(address: number, from: Uint8Array): void {
    eachPage(address, from.length, (page, offset, begin, end) => {
      this.ptes.get(page)!.page.write(offset, from.subarray(begin, end));
    });
  }
}

/** access_error(): what no page fault can make good. */
export function access_error(vma: Vma | null, write: boolean): boolean {
  if (vma === null) return true;
  return write ? (vma.prot & PROT_WRITE) === 0 : vma.prot === PROT_NONE;
}
