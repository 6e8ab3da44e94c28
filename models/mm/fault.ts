/*
 * Page faults, after arch/x86/mm/fault.c and mm/memory.c: demand paging, copy on write, pages that
 * must come from the disk, and what becomes of an access that nothing can make good: the fix-up
 * code of the kernel's access functions, a signal in user mode, an oops otherwise.
 */
import type { FindingKind } from '../checks/findings.ts';
import { SPIN, type Code, type Context } from '../context.ts';
import { in_interrupt } from '../cpu/preempt.ts';
import { EV } from '../events.ts';
import { printk } from '../printk.ts';
import { do_exit } from '../sched/exit.ts';
import { send_sig } from '../signal/send.ts';
import { bit, signals } from '../signal/signal.ts';
import { enter_kernel, exit_to_user_loop } from '../syscall.ts';
import { page_in } from './disk.ts';
import { PROT_WRITE, access_error, type MmStruct, type Vma } from './mm.ts';
import { PAGE_SIZE, Page, ZERO_PAGE, pageOf, type Pte } from './page.ts';
import { active_mm, may_fault, mmEra } from './pagefault.ts';

/** The error code that the processor pushes. */
const X86_PF_PROT = 1;
const X86_PF_WRITE = 2;
const X86_PF_USER = 4;

/** Where in `size` bytes the first that needs a page fault is; `size`: all can be accessed. */
export function firstFault(mm: MmStruct, address: number, size: number, write: boolean): number {
  for (let at = address; at < address + size; at = (pageOf(at) + 1) * PAGE_SIZE) {
    if (!mm.isAccessible(at, write)) return at - address;
  }
  return size;
}

/** What the processor says of the fault: whether a page was there, beside `flags`. */
function errorCode(mm: MmStruct | null, address: number, flags: number): number {
  const there = mm?.isAccessible(address, false) === true;
  return there ? flags | X86_PF_PROT : flags;
}

function trace_page_fault(k: Context, mm: MmStruct | null, address: number, flags: number): void {
  if (!k.machine.trace.on) return;
  const event = (flags & X86_PF_USER) !== 0 ? EV.page_fault_user : EV.page_fault_kernel;
  const text = k.machine.texts.intern(`0x${mmEra(k).pointer(address)}`);
  k.cpu.emit(event, text, NaN, errorCode(mm, address, flags));
}

/**
 * do_user_addr_fault(): 0 if the access is worth another try, else the signal that user mode gets
 * for it. Sleeps while the page comes from the disk.
 */
export function* do_user_addr_fault(
  k: Context,
  mm: MmStruct | null,
  address: number,
  flags: number,
): Code<number> {
  trace_page_fault(k, mm, address, flags);
  if (mm === null || !may_fault(k)) return signals.SIGSEGV;
  const write = (flags & X86_PF_WRITE) !== 0;
  const vma = mm.vmaAt(address);
  if (vma === null || access_error(vma, write)) return signals.SIGSEGV;
  const page = pageBehind(mm, vma, address);
  if (page === undefined) return signals.SIGBUS;
  if (page?.onDisk === true) {
    mm.maj_flt++;
    yield* page_in(k);
    page.onDisk = false;
  } else {
    mm.min_flt++;
    yield k.step(vma.file ?? mm, k.machine.costs.page_fault);
  }
  // Another thread may have changed the mapping meanwhile; then the access faults again.
  const now = mm.vmaAt(address);
  if (now !== null && !access_error(now, write)) handle_pte_fault(k, mm, now, address, write);
  return 0;
}

/** The page that is or will be there; null: any page; undefined: there is none (end of file). */
function pageBehind(mm: MmStruct, vma: Vma, address: number): Page | null | undefined {
  const pte = mm.ptes.get(pageOf(address));
  if (pte !== undefined) return pte.page;
  return vma.file === null ? null : (vma.file.page(fileIndex(vma, address)) ?? undefined);
}

function fileIndex(vma: Vma, address: number): number {
  return vma.pgoff + pageOf(address - vma.start);
}

function handle_pte_fault(
  k: Context,
  mm: MmStruct,
  vma: Vma,
  address: number,
  write: boolean,
): void {
  const pte = mm.ptes.get(pageOf(address));
  if (pte === undefined) {
    const page = pageBehind(mm, vma, address);
    if (page === undefined || page?.onDisk === true) return;
    if (page === null) do_anonymous_page(mm, address, write);
    else do_fault(k, mm, vma, address, page, write);
  } else if (write && !pte.writable) {
    mm.set_pte(address, { page: do_wp_page(k, vma, pte), writable: true });
  }
}

/** Reading makes do with the zero page. */
function do_anonymous_page(mm: MmStruct, address: number, write: boolean): void {
  mm.set_pte(address, write ? { page: new Page(), writable: true } : zeroPte);
}

const zeroPte: Pte = { page: ZERO_PAGE, writable: false };

/** do_read_fault, do_cow_fault and do_shared_fault. */
function do_fault(
  k: Context,
  mm: MmStruct,
  vma: Vma,
  address: number,
  page: Page,
  write: boolean,
): void {
  const own = write && !vma.shared;
  if (own) spendCopy(k);
  const writable = own || (vma.shared && (vma.prot & PROT_WRITE) !== 0);
  mm.set_pte(address, { page: own ? page.copy() : page, writable });
}

/** A private page that others refer to is copied before it is written to. */
function do_wp_page(k: Context, vma: Vma, { page }: Pte): Page {
  if (vma.shared || (page !== ZERO_PAGE && page.users === 1)) return page;
  spendCopy(k);
  return page.copy();
}

function spendCopy(k: Context): void {
  k.spend(Math.floor((PAGE_SIZE * k.machine.costs.copy_per_kib) / 1024));
}

/**
 * An access of the kernel's access functions: how many of the `size` bytes can be accessed now,
 * from the first one on. The fix-up code goes on where that is less than all.
 */
export function* accessible(
  k: Context,
  address: number,
  size: number,
  write: boolean,
): Code<number> {
  const mm = active_mm(k);
  const flags = write ? X86_PF_WRITE : 0;
  for (;;) {
    const good = mm === null ? 0 : firstFault(mm, address, size, write);
    if (good === size) return size;
    if ((yield* do_user_addr_fault(k, mm, address + good, flags)) !== 0) return good;
  }
}

/** A load or store of a program in user mode. A bad one is a signal, and tried again after it. */
export function* access_in_user_mode(
  k: Context,
  address: number,
  size: number,
  write: boolean,
): Code<MmStruct> {
  const mm = active_mm(k)!;
  const flags = X86_PF_USER | (write ? X86_PF_WRITE : 0);
  for (;;) {
    const good = firstFault(mm, address, size, write);
    if (good === size) return mm;
    enter_kernel(k);
    const sig = yield* do_user_addr_fault(k, mm, address + good, flags);
    if (sig !== 0) force_sig_fault(k, sig, address + good, flags);
    yield* exit_to_user_loop(k);
  }
}

/** A signal that can be neither blocked nor ignored, since the program cannot go on. */
function force_sig_fault(k: Context, sig: number, address: number, flags: number): void {
  const task = k.current;
  const state = task.signals!;
  if ((state.blocked & bit(sig)) !== 0 || typeof state.disposition(sig) !== 'function') {
    state.dispositions.set(sig, 'default');
    state.blocked &= ~bit(sig);
    const text = mmEra(k).segfault?.(address);
    if (sig === signals.SIGSEGV && text !== undefined) {
      const error = errorCode(active_mm(k), address, flags);
      printk(k, `${task.comm}[${task.pid}]: segfault at ${text} error ${error.toString(16)}`);
    }
  }
  send_sig(k.cpu, sig, task);
}

/**
 * The kernel uses a user's pointer as if it were its own. Where the processor does not forbid it,
 * this works as long as the page is there or can be had; otherwise there is no fix-up code.
 */
export function* dereference(
  k: Context,
  address: number,
  size: number,
  write: boolean,
): Code<MmStruct> {
  const era = mmEra(k);
  const mm = active_mm(k);
  const flags = write ? X86_PF_WRITE : 0;
  for (;;) {
    const good = mm === null || era.smap ? 0 : firstFault(mm, address, size, write);
    if (good === size) return mm!;
    if (era.smap) trace_page_fault(k, mm, address, flags);
    const bad = era.smap || (yield* do_user_addr_fault(k, mm, address + good, flags)) !== 0;
    if (bad) yield* page_fault_oops(k, address + good);
  }
}

/** Ends the task; in an interrupt or the idle task, the CPU stops for good (panic). */
export function* page_fault_oops(
  k: Context,
  address: number,
  kind: FindingKind = 'bad-user-access',
): Code {
  const { cpu } = k;
  const era = mmEra(k);
  const text = era.oops(address);
  cpu.machine.findings.report(cpu, kind, text);
  printk(k, text);
  cpu.irqs_disabled = in_interrupt(cpu) || cpu.isIdle;
  if (cpu.irqs_disabled) {
    printk(k, era.fatalInInterrupt);
    for (;;) yield SPIN;
  }
  cpu.preempt_count = 0;
  yield* do_exit(k, signals.SIGKILL);
}
