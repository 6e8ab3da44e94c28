/*
 * An interrupt line: pending once, not counted. What it does is kernel code; lines of the machine
 * itself (tick, inter-processor interrupts) carry their own tracepoints.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';
import type { Spinners } from '../cpu/spinners.ts';

export interface IrqLineOptions {
  readonly name: string;
  /** Lower numbers are taken first when several wait. */
  readonly number: number;
  readonly handler: (k: Context) => Code;
  /** Tracepoints around the handler, indices of EV. */
  readonly entryEvent: number;
  readonly exitEvent: number;
  /** Registered with IRQF_DISABLED: the handler runs with interrupts off in every era. */
  readonly disabled?: boolean;
}

export class IrqLine {
  readonly name: string;
  readonly number: number;
  readonly handler: (k: Context) => Code;
  readonly entryEvent: number;
  readonly exitEvent: number;
  readonly disabled: boolean;
  /** The CPU on which it waits for admission. */
  pendingOn: Cpu | null = null;
  /** The CPU that executes its handler: never two at once. */
  servedBy: Cpu | null = null;
  /** request_irq() has been called, and free_irq() not yet. */
  registered = true;
  /** disable_irq() without enable_irq(): an interrupt is held back for the CPU it came to. */
  depth = 0;
  heldBack: Cpu | null = null;
  /** Those who wait for the end of the handler. */
  waiting: Spinners | null = null;
  /** Interrupts taken, and raised while the line was still pending. */
  count = 0;
  lost = 0;
  /** Fault injection: so many interrupts never arrive. */
  toLose = 0;

  constructor(options: IrqLineOptions) {
    this.name = options.name;
    this.number = options.number;
    this.handler = options.handler;
    this.entryEvent = options.entryEvent;
    this.exitEvent = options.exitEvent;
    this.disabled = options.disabled ?? false;
  }

  feed(into: Fingerprint): void {
    into.add(this.pendingOn === null ? -1 : this.pendingOn.id);
    into.add(this.servedBy === null ? -1 : this.servedBy.id);
    into.add(this.toLose);
    into.add(this.registered ? this.depth : -1);
    into.add(this.heldBack === null ? -1 : this.heldBack.id);
  }
}
