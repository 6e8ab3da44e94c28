/*
 * What the trace shows of a user copy, step by step: the check of the range, the parts of the loop
 * as they come to their end, the jump to the fix-up code, and the zeroing of the rest.
 */
import type { Context } from '../context.ts';
import { EV } from '../events.ts';
import type { Part } from './fixup.ts';
import { mmEra } from './pagefault.ts';

function textOf(k: Context, address: number): number {
  return k.machine.texts.intern(`0x${mmEra(k).pointer(address)}`);
}

export function traceAccessOk(k: Context, address: number, size: number, ok: boolean): void {
  if (k.machine.trace.on) k.cpu.emit(EV.accessOk, textOf(k, address), ok ? 1 : 0, size);
}

export function traceZeroFill(k: Context, bytes: number): void {
  if (bytes > 0 && k.machine.trace.on) k.cpu.emit(EV.zeroFill, 0, bytes);
}

/** Follows one copy of user memory at `address` through the parts of its loop. */
export class CopyTrace {
  private readonly k: Context;
  private readonly address: number;
  private readonly parts: readonly Part[];
  /** The part that is not over, and where it begins. */
  private index = 0;
  private begin = 0;

  constructor(k: Context, address: number, parts: readonly Part[]) {
    this.k = k;
    this.address = address;
    this.parts = parts;
  }

  /** `moved` bytes have been copied by now. */
  reached(moved: number): void {
    for (; this.index < this.parts.length; this.index++) {
      const { bytes, insn } = this.parts[this.index]!;
      if (this.begin + bytes > moved) return;
      this.row(bytes, insn);
      this.begin += bytes;
    }
  }

  /** An access at byte `good` of the copy faults for good; `left` bytes are not copied. */
  faulted(good: number, moved: number, left: number): void {
    const part = this.parts[this.index];
    if (part === undefined || !this.k.machine.trace.on) return;
    this.row(moved - this.begin, part.insn);
    const text = textOf(this.k, this.address + good);
    this.k.cpu.emit(EV.fixupException, text, left, part.insn, part.fixup);
  }

  private row(bytes: number, insn: number): void {
    if (bytes === 0 || !this.k.machine.trace.on) return;
    this.k.cpu.emit(EV.copyLoop, textOf(this.k, this.address + this.begin), bytes, insn);
  }
}
