/*
 * Accesses of memory that several contexts share, and what orders them beside locks, as the
 * checkers of the kernel hear of them: include/linux/instrumented.h, kernel/kcsan/core.c. What
 * orders in the kernel by a barrier is told here, also where memory is sequentially consistent.
 */
import type { Cpu } from './cpu/cpu.ts';
import { HOOK } from './hooks.ts';

/** Flags of an access. */
export const ACCESS_WRITE = 1;
/** READ_ONCE(), WRITE_ONCE(), atomic_t: never torn, and meant to be concurrent. */
export const ACCESS_MARKED = 2;
/** The write left the value as it was. */
export const ACCESS_UNCHANGED = 4;

/** `object` is the text id of the place. */
export function instrument_access(cpu: Cpu, object: number, how: number): void {
  const { machine } = cpu;
  if (machine.trace.on) machine.tell(cpu, HOOK.access, object, how);
}

/** What it is that orders: things of different kinds may have one name. */
export const ORDER = {
  completion: 1,
  softirq: 2,
  irq: 3,
  tasklet: 4,
  timer: 5,
  hrtimer: 6,
  work: 7,
  workqueue: 8,
  orderedQueue: 9,
  irqWork: 10,
  signal: 11,
  kthread: 12,
  exit: 13,
  rcu: 14,
  skb: 15,
  refcount: 16,
  ipc: 17,
} as const;

/** What this context has done is seen by whoever takes `name` over. */
export function store_release(cpu: Cpu, kind: number, name: string): void {
  const { machine } = cpu;
  if (machine.trace.on) machine.tell(cpu, HOOK.release, machine.texts.intern(name), kind);
}

export function load_acquire(cpu: Cpu, kind: number, name: string): void {
  const { machine } = cpu;
  if (machine.trace.on) machine.tell(cpu, HOOK.acquire, machine.texts.intern(name), kind);
}
