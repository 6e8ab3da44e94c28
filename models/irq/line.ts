/*
 * An interrupt line: pending once, not counted. What it does is kernel code; lines of the machine
 * itself (tick, inter-processor interrupts) carry their own tracepoints.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import type { Cpu } from '../cpu/cpu.ts';

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
  }
}
