/*
 * What the kernel fetches from user memory, and who changes it, as the detector of double fetches
 * hears of it (checks/toctou.ts): by the ints of the memory. Of a long copy only the beginning is
 * watched, where headers and lengths are.
 */
import type { Context } from '../context.ts';
import { HOOK } from '../hooks.ts';
import type { MmStruct } from './mm.ts';
import { PAGE_SIZE, pageOf } from './page.ts';

const WATCHED = 64;
const SIZEOF_INT = 4;

/** The kernel has read these bytes. */
export function userFetched(k: Context, mm: MmStruct, address: number, size: number): void {
  tell(k, mm, address, size, HOOK.user_fetch);
}

/** Somebody has written these bytes. */
export function userStored(k: Context, mm: MmStruct, address: number, size: number): void {
  tell(k, mm, address, size, HOOK.user_store);
}

function tell(k: Context, mm: MmStruct, address: number, size: number, hook: number): void {
  const { machine } = k;
  if (!machine.trace.on) return;
  const end = address + Math.min(size, WATCHED);
  for (let at = address - (address % SIZEOF_INT); at < end; at += SIZEOF_INT) {
    machine.tell(k.cpu, hook, machine.texts.intern(placeName(k, mm, at)));
  }
}

/** The same memory has one name, whoever has it at which address. */
function placeName(k: Context, mm: MmStruct, address: number): string {
  const vma = mm.vmaAt(address);
  if (vma === null || vma.file === null || !vma.shared) {
    return `${k.current.process?.tgid ?? 0}:0x${address.toString(16)}`;
  }
  const offset = (vma.pgoff + pageOf(address - vma.start)) * PAGE_SIZE + (address % PAGE_SIZE);
  return `${vma.file.name}+${offset}`;
}
