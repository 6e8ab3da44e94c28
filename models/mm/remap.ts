/*
 * What a driver's mmap() method does to give a process pages of the kernel: mm/memory.c
 * (remap_pfn_range, vm_insert_page) and mm/vmalloc.c (remap_vmalloc_range). The page table entries
 * are made at once, so an access takes no page fault; what was not mapped is SIGBUS.
 */
import { reportOutOfBounds } from '../checks/out-of-bounds.ts';
import type { Context } from '../context.ts';
import { errno } from '../errno.ts';
import { KernelBuffer } from './kernel-buffer.ts';
import { PROT_WRITE, type MmStruct, type Vma } from './mm.ts';
import { PAGE_SIZE, type Page } from './page.ts';

/**
 * Maps the buffer from page `first` on, over the whole area. It does not know where the buffer
 * ends: what lies behind it in memory is then the process's as well. Nor does it hold the pages.
 */
export function remap_pfn_range(
  k: Context,
  mm: MmStruct,
  vma: Vma,
  buffer: KernelBuffer,
  first: number,
): number {
  const pages = (vma.end - vma.start) / PAGE_SIZE;
  if (first + pages > buffer.pageCount) {
    const size = pages * PAGE_SIZE;
    reportOutOfBounds(k, { where: 'remap_pfn_range', buffer, offset: first * PAGE_SIZE, size });
  }
  for (let i = 0; i < pages; i++) {
    setPage(
      mm,
      vma,
      vma.start + i * PAGE_SIZE,
      buffer.page(first + i)?.uncounted() ?? strangePage(),
    );
  }
  return 0;
}

/** As remap_pfn_range, of memory that vmalloc_user() gave: -EINVAL where it is not that long. */
export function remap_vmalloc_range(
  mm: MmStruct,
  vma: Vma,
  buffer: KernelBuffer,
  first: number,
): number {
  const pages = (vma.end - vma.start) / PAGE_SIZE;
  if (first + pages > buffer.pageCount) return -errno.EINVAL;
  for (let i = 0; i < pages; i++) vm_insert_page(mm, vma, i, buffer.page(first + i)!);
  return 0;
}

/** Maps one page of the kernel as the page `index` of the area; -EBUSY where one is mapped. */
export function vm_insert_page(mm: MmStruct, vma: Vma, index: number, page: Page): number {
  const address = vma.start + index * PAGE_SIZE;
  if (address < vma.start || address >= vma.end) return -errno.EFAULT;
  if (mm.ptes.has(address / PAGE_SIZE)) return -errno.EBUSY;
  setPage(mm, vma, address, page);
  return 0;
}

function setPage(mm: MmStruct, { shared, prot }: Vma, address: number, page: Page): void {
  mm.set_pte(address, { page, writable: shared && (prot & PROT_WRITE) !== 0 });
}

/** Memory of somebody else that happens to lie there. */
function strangePage(): Page {
  return new KernelBuffer('memory behind it', PAGE_SIZE).page(0)!;
}
