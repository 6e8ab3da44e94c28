/*
 * Page frames with their real bytes, and what maps them: a page table entry, and the pages behind
 * a mapping that is not private to one address space (struct address_space, include/linux/fs.h).
 * Memory is never short: a page goes to the disk only when somebody says so.
 */
import type { Context } from '../context.ts';

export const PAGE_SIZE = 4096;

/** The number of the page in which `address` lies. */
export function pageOf(address: number): number {
  return Math.floor(address / PAGE_SIZE);
}

/** PAGE_ALIGN(): `bytes` rounded up to whole pages. */
export function PAGE_ALIGN(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

/** The parts of `size` bytes at `address`: page number, offset in it, first and last byte. */
export function eachPage(
  address: number,
  size: number,
  act: (page: number, offset: number, from: number, end: number) => void,
): void {
  for (let from = 0; from < size;) {
    const offset = (address + from) % PAGE_SIZE;
    const end = Math.min(size, from + PAGE_SIZE - offset);
    act(pageOf(address + from), offset, from, end);
    from = end;
  }
}

/** struct page. */
export class Page {
  /** Null as long as all bytes are zero. */
  private bytes: Uint8Array | null;
  /** Page tables and caches that refer to it: with more than one, a private write copies it. */
  users = 0;
  /** The content is on the disk: the next access has to fetch it. */
  onDisk = false;

  constructor(bytes: Uint8Array | null = null) {
    this.bytes = bytes;
  }

  /** `to` gets the bytes from `offset` on. */
  read(offset: number, to: Uint8Array): void {
    if (this.bytes === null) to.fill(0);
    else to.set(this.bytes.subarray(offset, offset + to.length));
  }

  write(offset: number, from: Uint8Array): void {
    this.bytes ??= new Uint8Array(PAGE_SIZE);
    this.bytes.set(from, offset);
  }

  copy(): Page {
    return new Page(this.bytes?.slice() ?? null);
  }

  /** What others touch too who reach it elsewhere; null: only address spaces have it. */
  get footprint(): object | null {
    return null;
  }

  /** An access that the detectors of races hear of: `how` as in instrumented.ts. */
  instrument(_k: Context, _offset: number, _length: number, _how: number): void {
    // Of the memory of processes alone they hear nothing.
  }
}

/** What every anonymous page is until somebody writes to it. */
export const ZERO_PAGE = new Page();

/** A page table entry of a page that is there. */
export interface Pte {
  readonly page: Page;
  /** A write needs no fault. */
  readonly writable: boolean;
}

/** Where the pages of a shared or file mapping come from. */
export type PageSource = 'shmem' | 'file' | 'device';

/** The pages of a file or of shared anonymous memory; a device's driver maps its own instead. */
export class AddressSpace {
  readonly name: string;
  readonly source: PageSource;
  /** Pages it has: a mapping may be longer, access there is SIGBUS. */
  readonly size: number;
  private readonly cache = new Map<number, Page>();
  private readonly contents: Uint8Array | null;

  /** `contents`: what a file holds. */
  constructor(name: string, source: PageSource, size: number, contents?: Uint8Array) {
    this.name = name;
    this.source = source;
    this.size = size;
    this.contents = contents ?? null;
  }

  /** The page at `index`, made when it is first asked for; null beyond the end. */
  page(index: number): Page | null {
    if (index >= this.size) return null;
    let page = this.cache.get(index);
    if (page === undefined) {
      page = new Page(this.initial(index));
      page.users = 1;
      page.onDisk = this.source === 'file';
      this.cache.set(index, page);
    }
    return page;
  }

  /** A file's page is a copy of what the disk holds. */
  private initial(index: number): Uint8Array | null {
    if (this.contents === null) return null;
    const bytes = this.contents.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
    const copy = new Uint8Array(PAGE_SIZE);
    copy.set(bytes);
    return copy;
  }
}
