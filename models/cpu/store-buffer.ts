/*
 * The store buffer of a CPU under total store order, as x86 has it: a store waits there until it
 * reaches memory, in order; the CPU itself already reads it, others still read what was there
 * before. Sewell, Sarkar, Owens, Zappa Nardelli and Myreen, "x86-TSO: A Rigorous and Usable
 * Programmer's Model for x86 Multiprocessors", CACM 2010; tools/memory-model/Documentation.
 *
 * When a store reaches memory is a choice, so only explored runs have store buffers. What drains
 * one: barriers and atomic operations, a context switch (smp_mb__after_spinlock() in __schedule()),
 * and the return from an interrupt (IRET serialises).
 */
import { hashOf, type Access, type Fingerprint, type Move } from '../../engine/index.ts';
import type { Cpu } from './cpu.ts';
import { cpuName } from './names.ts';

/** Sequential consistency, or total store order. */
export const memoryModels = ['sc', 'tso'] as const;
export type MemoryModel = (typeof memoryModels)[number];

/** Memory of several elements that others can see. */
export interface StoredTo {
  readonly name: string;
  /** The store has reached memory. */
  store(index: number, value: number): void;
}

interface Store {
  readonly to: StoredTo;
  readonly index: number;
  readonly value: number;
}

export class StoreBuffer {
  private readonly waiting: Store[] = [];

  get length(): number {
    return this.waiting.length;
  }

  add(to: StoredTo, index: number, value: number): void {
    this.waiting.push({ to, index, value });
  }

  /** What its own CPU reads there; undefined: what is in memory. */
  latest(to: StoredTo, index: number): number | undefined {
    return this.waiting.findLast((store) => store.to === to && store.index === index)?.value;
  }

  /** Where the oldest store goes; null: none waits. */
  get next(): StoredTo | null {
    return this.waiting[0]?.to ?? null;
  }

  /** The oldest store reaches memory. */
  commit(): void {
    const { to, index, value } = this.waiting.shift()!;
    to.store(index, value);
  }

  drain(): void {
    while (this.waiting.length > 0) this.commit();
  }

  feed(into: Fingerprint): void {
    into.add(this.waiting.length);
    for (const { to, index, value } of this.waiting) {
      into.add(hashOf(to.name));
      into.add(index);
      into.add(value);
    }
  }
}

/** All stores of the CPU so far are seen by everybody. */
export function smp_mb(cpu: Cpu): void {
  cpu.stores?.drain();
}

/** The oldest store of a CPU reaches memory. */
export class StoreMove implements Move {
  readonly kind = 'store';
  readonly actor: number;
  private readonly stores: StoreBuffer;

  constructor(cpu: Cpu, stores: StoreBuffer) {
    this.stores = stores;
    this.actor = cpu.machine.texts.intern(cpuName('store buffer of CPU ', cpu.id));
  }

  get enabled(): boolean {
    return this.stores.next !== null;
  }

  get footprint(): readonly Access[] {
    return [{ object: this.stores.next!, writes: true }];
  }

  fire(): void {
    this.stores.commit();
  }
}
