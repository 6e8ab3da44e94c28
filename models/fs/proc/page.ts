/*
 * The page that read_proc() writes into, __get_free_page() of fs/proc/generic.c: it is not cleared,
 * and nothing keeps a driver from writing beyond it. What was not written shows as mm/page_poison.c
 * fills free pages, so that a reader who gets it can be told.
 */
import type { Context } from '../../context.ts';
import { CharArray } from '../../lib/string.ts';
import { PAGE_SIZE } from '../seq_file.ts';

/** Free pages consist of it (include/linux/poison.h). */
const PAGE_POISON = 0xaa;

export class ProcPage extends CharArray {
  constructor() {
    super('page', PAGE_SIZE);
    this.poison(PAGE_POISON);
  }

  /** It belongs to one call: nobody else sees it. */
  override instrument(): void {}

  /** What copy_to_user() takes from it; bytes beyond it are somebody else's. */
  taken(k: Context, offset: number, length: number): Uint8Array {
    return this.load(k, offset, length, 'copy_to_user');
  }
}
