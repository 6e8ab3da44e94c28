/*
 * Memory of the kernel that has bytes: an array, or what kmalloc() and vmalloc_user() give. A
 * driver copies it from and to user space, or maps its pages into processes; then both sides touch
 * the same bytes. The race detector sees each access as one of the ints that it touches, so two
 * that touch different bytes of one int conflict here, and on a real machine do not.
 */
import type { Context } from '../context.ts';
import { instrument_access } from '../instrumented.ts';
import { PAGE_ALIGN, PAGE_SIZE, Page } from './page.ts';

export const SIZEOF_INT = 4;

/** What stands for the ints of a buffer where programs know them by name. */
export interface Ints {
  /** How many there are. */
  readonly length: number;
  /** The name of one, as a text of the trace. */
  text(index: number): number;
  /** Somebody has written one through the bytes. */
  changed(index: number, value: number): void;
}

export class KernelBuffer {
  readonly name: string;
  readonly size: number;
  /** The compiler knows how long it is: an array, and not a pointer to what was allocated. */
  readonly isArray: boolean;
  /** Others touch it through this in an explored run: the buffer, or what its ints are. */
  footprint: object = this;
  private readonly memory: Uint8Array;
  private readonly view: DataView;
  private readonly pages: KernelPage[] = [];
  private readonly texts: (number | undefined)[] = [];
  private ints: Ints | null = null;
  private freed = false;

  constructor(name: string, size: number, isArray = false) {
    this.name = name;
    this.size = size;
    this.isArray = isArray;
    this.memory = new Uint8Array(PAGE_ALIGN(size));
    this.view = new DataView(this.memory.buffer);
    for (let at = 0; at < this.memory.length; at += PAGE_SIZE) {
      this.pages.push(new KernelPage(this, at, this.memory.subarray(at, at + PAGE_SIZE)));
    }
  }

  /** Its first bytes are known as `ints` from now on. */
  bind(ints: Ints, footprint: object): void {
    this.ints = ints;
    this.footprint = footprint;
  }

  get pageCount(): number {
    return this.pages.length;
  }

  page(index: number): KernelPage | null {
    return this.pages[index] ?? null;
  }

  /** The bytes themselves; whoever writes to them calls `written` after it. */
  bytes(offset: number, length: number): Uint8Array {
    return this.memory.subarray(offset, offset + length);
  }

  /** The int of a known name has got this value. */
  setInt(index: number, value: number): void {
    this.view.setInt32(index * SIZEOF_INT, value, true);
  }

  /** Bytes have changed: what has a name for them hears of it. */
  written(offset: number, length: number): void {
    const { ints } = this;
    if (ints === null) return;
    for (const index of this.touched(offset, length)) {
      if (index < ints.length) ints.changed(index, this.view.getInt32(index * SIZEOF_INT, true));
    }
  }

  /** The detectors of races hear of an access; `how` as in instrumented.ts. */
  instrument(k: Context, offset: number, length: number, how: number): void {
    this.checkUse(k);
    this.note(k, offset, length, how);
  }

  /** Reports an access to memory that was given back. */
  checkUse(k: Context): void {
    if (!this.freed) return;
    const text = `BUG: ${this.name} is accessed after vfree()`;
    k.machine.findings.report(k.cpu, 'use-after-free', text, this.name);
  }

  /** The same for one who has a reference of the page itself. */
  note(k: Context, offset: number, length: number, how: number): void {
    if (!k.machine.trace.on) return;
    for (const index of this.touched(offset, length)) {
      instrument_access(k.cpu, this.text(k, index), how);
    }
  }

  /** Gives the memory back, whoever has it mapped. */
  free(k: Context): void {
    if (this.freed) {
      const text = 'Trying to vfree() nonexistent vm area';
      k.machine.findings.report(k.cpu, 'double-free', text, this.name);
    }
    this.freed = true;
  }

  private text(k: Context, index: number): number {
    if (this.ints !== null && index < this.ints.length) return this.ints.text(index);
    const name = `${this.name}+${index * SIZEOF_INT}`;
    return (this.texts[index] ??= k.machine.texts.intern(name));
  }

  private *touched(offset: number, length: number): Generator<number> {
    for (let at = offset - (offset % SIZEOF_INT); at < offset + length; at += SIZEOF_INT) {
      yield at / SIZEOF_INT;
    }
  }
}

/** One of its pages, where processes have it mapped. */
export class KernelPage extends Page {
  readonly buffer: KernelBuffer;
  private readonly first: number;
  /** Whoever has it mapped holds a reference, so that it outlives the buffer. */
  private readonly counted: boolean;

  constructor(buffer: KernelBuffer, first: number, bytes: Uint8Array, counted = true) {
    super(bytes);
    this.counted = counted;
    this.buffer = buffer;
    this.first = first;
    // The kernel has it beside all processes, so that no private write takes it for its own.
    this.users = 1;
  }

  override get footprint(): object {
    return this.buffer.footprint;
  }

  override write(offset: number, from: Uint8Array): void {
    super.write(offset, from);
    this.buffer.written(this.first + offset, from.length);
  }

  override instrument(k: Context, offset: number, length: number, how: number): void {
    if (this.counted) this.buffer.note(k, this.first + offset, length, how);
    else this.buffer.instrument(k, this.first + offset, length, how);
  }

  /** As remap_pfn_range() maps it: by its frame number, whoever that belongs to by then. */
  uncounted(): KernelPage {
    const bytes = this.buffer.bytes(this.first, PAGE_SIZE);
    return new KernelPage(this.buffer, this.first, bytes, false);
  }
}
