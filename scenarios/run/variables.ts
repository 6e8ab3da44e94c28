/*
 * The shared variables of a running scenario. Reading or writing one is a visible step; who spins
 * until one reaches a value is let go by the write that does it.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Context } from '../../models/context.ts';
import {
  ACCESS_MARKED,
  ACCESS_UNCHANGED,
  ACCESS_WRITE,
  instrument_access,
} from '../../models/instrumented.ts';
import type { StoredTo } from '../../models/cpu/store-buffer.ts';
import type { Machine } from '../../models/machine.ts';
import type { Ints, KernelBuffer } from '../../models/mm/kernel-buffer.ts';
import type { Variable } from '../load/index.ts';

interface Spinner {
  readonly k: Context;
  readonly index: number;
  readonly least: number;
}

export class SharedVariable implements Ints, StoredTo {
  readonly name: string;
  readonly values: number[];
  /** Whoever accesses it uses READ_ONCE, WRITE_ONCE or atomic operations. */
  private readonly marked: boolean;
  private readonly machine: Machine;
  private readonly array: boolean;
  /** The texts of the elements' names, once they are asked for. */
  private readonly texts: (number | undefined)[] = [];
  private readonly spinners: Spinner[] = [];
  /** Memory with bytes that it stands for; null: it has none. */
  private buffer: KernelBuffer | null = null;

  constructor(machine: Machine, declared: Variable) {
    this.name = declared.name;
    this.values = [...declared.initial];
    this.marked = declared.marked;
    this.machine = machine;
    this.array = declared.array;
  }

  get length(): number {
    return this.values.length;
  }

  /** Its elements are the ints of this memory from now on. */
  bind(buffer: KernelBuffer): void {
    this.buffer = buffer;
    buffer.bind(this, this);
    for (const [index, value] of this.values.entries()) buffer.setInt(index, value);
  }

  /** Bytes of the memory that it stands for were written. */
  changed(index: number, value: number): void {
    if (this.values[index] !== value) this.keep(index, value);
  }

  /** The text of an element's name. */
  text(index: number): number {
    const { name, array } = this;
    return (this.texts[index] ??= this.machine.texts.intern(array ? `${name}[${index}]` : name));
  }

  feed(into: Fingerprint): void {
    for (const value of this.values) into.add(value);
    if (this.spinners.length === 0) return;
    for (const { k, index, least } of this.spinners) {
      into.add(k.identity);
      into.add(index);
      into.add(least);
    }
  }

  /** `marked`: by READ_ONCE or the like. An atomic region is an atomic operation. */
  read(k: Context, index: number, marked = false): number {
    this.buffer?.checkUse(k);
    const how = marked || this.marked || k.silent ? ACCESS_MARKED : 0;
    instrument_access(k.cpu, this.text(index), how);
    return k.cpu.stores?.latest(this, index) ?? this.values[index]!;
  }

  write(k: Context, index: number, value: number, marked = false): void {
    this.buffer?.checkUse(k);
    const how =
      ACCESS_WRITE |
      (marked || this.marked || k.silent ? ACCESS_MARKED : 0) |
      (this.values[index] === value ? ACCESS_UNCHANGED : 0);
    instrument_access(k.cpu, this.text(index), how);
    const { stores } = k.cpu;
    if (stores === null || k.silent) this.store(index, value);
    else stores.add(this, index, value);
  }

  /** The change itself, in nobody's name. */
  store(index: number, value: number): void {
    this.buffer?.setInt(index, value);
    this.keep(index, value);
  }

  private keep(index: number, value: number): void {
    this.values[index] = value;
    for (const spinner of [...this.spinners]) {
      if (spinner.index === index && value >= spinner.least) this.release(spinner);
    }
  }

  /** Lets `k` go when the element reaches `least`; the result gives up early. */
  spin(k: Context, index: number, least: number): () => void {
    const spinner: Spinner = { k, index, least };
    this.spinners.push(spinner);
    return () => {
      if (this.spinners.includes(spinner)) this.release(spinner);
    };
  }

  private release(spinner: Spinner): void {
    this.spinners.splice(this.spinners.indexOf(spinner), 1);
    spinner.k.cpu.unspin(spinner.k);
  }
}

/** One element of a shared variable, as an argument of a word. */
export interface Reference {
  readonly variable: SharedVariable;
  readonly index: number;
}
