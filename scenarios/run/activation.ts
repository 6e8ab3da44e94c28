/*
 * One run of an actor's steps: its locals, and what words keep for it between calls.
 */
import type { Fingerprint } from '../../engine/index.ts';
import type { Context } from '../../models/context.ts';
import type { SkBuff } from '../../models/net/skb.ts';
import { WaitEntry, type WaitQueueHead, type WakeFunction } from '../../models/sched/wait.ts';
import type { Environment } from '../load/index.ts';
import type { SharedVariable } from './variables.ts';

export class Activation implements Environment {
  readonly actor: string;
  /** The next instruction. */
  pc = 0;
  readonly locals: number[];
  /** Where it runs; null: nowhere, it only looks. */
  private readonly k: Context | null;
  private readonly variables: readonly SharedVariable[];
  /** The socket buffers that it has, the latest last. */
  readonly buffers: SkBuff[] = [];
  /** The one that it freed last: to free it once more is a bug, not nothing. */
  freedBuffer: SkBuff | null = null;
  private readonly savedFlags: number[] = [];
  private readonly entries: { readonly of: WaitQueueHead; readonly entry: WaitEntry }[] = [];

  constructor(
    actor: string,
    locals: number,
    variables: readonly SharedVariable[],
    k: Context | null,
  ) {
    this.actor = actor;
    this.k = k;
    this.locals = new Array<number>(locals).fill(0);
    this.variables = variables;
  }

  feed(into: Fingerprint): void {
    into.add(this.pc);
    into.list(this.locals);
    into.list(this.savedFlags);
    into.add(this.buffers.length * 2 + (this.freedBuffer === null ? 0 : 1));
  }

  load(slot: number, index: number, marked: boolean): number {
    const variable = this.variables[slot]!;
    return this.k === null ? variable.values[index]! : variable.read(this.k, index, marked);
  }

  variable(slot: number): SharedVariable {
    return this.variables[slot]!;
  }

  /** Keeps the interrupt flag where the step named no local for it. */
  saveFlags(flags: number, set: ((value: number) => void) | undefined): void {
    if (set === undefined) this.savedFlags.push(flags);
    else set(flags);
  }

  restoreFlags(): number {
    return this.savedFlags.pop() ?? 0;
  }

  /** The actor's own entry for a wait queue, one for each wake function. */
  entry(k: Context, queue: WaitQueueHead, wake: WakeFunction): WaitEntry {
    const known = this.entries.find(({ of, entry }) => of === queue && entry.func === wake);
    if (known !== undefined) return known.entry;
    const entry = new WaitEntry(k.current, wake);
    this.entries.push({ of: queue, entry });
    return entry;
  }
}
