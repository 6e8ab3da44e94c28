/*
 * The shared variables of a running scenario. Reading or writing one is a visible step; who spins
 * until one reaches a value is let go by the write that does it.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Context } from '../../models/context.ts';
import type { Variable } from '../load/index.ts';

interface Spinner {
  readonly k: Context;
  readonly index: number;
  readonly least: number;
}

export class SharedVariable {
  readonly name: string;
  readonly values: number[];
  private readonly spinners: Spinner[] = [];

  constructor(declared: Variable) {
    this.name = declared.name;
    this.values = [...declared.initial];
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

  write(index: number, value: number): void {
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
