/*
 * A buffer in user memory as a scenario declares it: pages in given states at the same address in
 * every address space that uses it. Shared, all processes see the same bytes; otherwise each has
 * its own.
 */
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED } from './mm.ts';
import { PROT_READ, PROT_WRITE, type MmStruct } from './mm.ts';
import { do_mmap, do_mprotect, do_munmap } from './mmap.ts';
import { AddressSpace, PAGE_SIZE, Page } from './page.ts';

export const pageStates = ['present', 'absent', 'swapped', 'read-only', 'unmapped'] as const;
/** `absent`: mapped, and never touched so far. `swapped`: on the disk. */
export type PageState = (typeof pageStates)[number];

export interface UserMemoryOptions {
  readonly name: string;
  /** A page border, unless no page is mapped: then any value that a bad pointer may have. */
  readonly address: number;
  readonly pages: readonly PageState[];
  readonly shared: boolean;
  /** What every byte of the pages holds that are not absent. */
  readonly fill: number;
}

export class UserMemory {
  readonly name: string;
  readonly address: number;
  private readonly pages: readonly PageState[];
  private readonly fill: number;
  /** Null: private to each process. */
  private readonly file: AddressSpace | null;
  private readonly attached = new WeakSet<MmStruct>();

  constructor({ name, address, pages, shared, fill }: UserMemoryOptions) {
    this.name = name;
    this.address = address;
    this.pages = pages;
    this.fill = fill;
    this.file = shared ? new AddressSpace(name, 'shmem', pages.length) : null;
    this.pages.forEach((state, i) => {
      const page = this.file?.page(i);
      if (page && isFilled(state)) this.fillPage(page, state);
    });
  }

  /** Where it is in `mm`. */
  addressIn(_mm: MmStruct | null): number {
    return this.address;
  }

  /** Maps it into `mm` if it is not there yet. Throws RangeError where it cannot be. */
  attach(mm: MmStruct): void {
    if (this.attached.has(mm)) return;
    this.attached.add(mm);
    if (this.pages.every((state) => state === 'unmapped')) return;
    const len = this.pages.length * PAGE_SIZE;
    const where = { addr: this.address, len, prot: PROT_READ | PROT_WRITE };
    const { file } = this;
    const result =
      file === null
        ? do_mmap(mm, { ...where, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED })
        : do_mmap(mm, { ...where, flags: MAP_SHARED | MAP_FIXED, file });
    if (result < 0) throw new RangeError(`${this.name} cannot be mapped at ${this.address}`);
    this.pages.forEach((state, i) => this.prepare(mm, state, i));
  }

  private prepare(mm: MmStruct, state: PageState, index: number): void {
    const at = this.address + index * PAGE_SIZE;
    if (state === 'unmapped') do_munmap(mm, at, PAGE_SIZE);
    if (state === 'read-only') do_mprotect(mm, at, PAGE_SIZE, PROT_READ);
    if (!isFilled(state)) return;
    const page = this.file?.page(index) ?? this.fillPage(new Page(), state);
    mm.set_pte(at, { page, writable: state !== 'read-only' });
  }

  private fillPage(page: Page, state: PageState): Page {
    page.write(0, new Uint8Array(PAGE_SIZE).fill(this.fill));
    page.onDisk = state === 'swapped';
    return page;
  }
}

function isFilled(state: PageState): boolean {
  return state !== 'absent' && state !== 'unmapped';
}
