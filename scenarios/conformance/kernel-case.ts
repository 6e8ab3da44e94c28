/*
 * What a recorded kernel case is: a program of kernel calls, and what a real kernel did with it
 * (test/conformance/kernel).
 */

/** A labelled step that returned, with everything that was recorded of it. */
export interface KernelEvent {
  readonly log: string;
  readonly by: string;
  readonly ctx: 'task' | 'softirq' | 'hardirq' | 'nmi';
  /** The task on whose stack it ran, if that is not the actor itself. */
  readonly current?: string;
  readonly cpu?: number;
  readonly irqs_off?: boolean;
  readonly bh_off?: boolean;
  readonly preempt_count?: number;
  readonly ret?: number;
  /** Jiffies since the last `align`. */
  readonly j?: number;
}

export interface KernelOutcome {
  readonly events: readonly KernelEvent[];
  /** Tasks whose function never ran. */
  readonly never_ran?: readonly string[];
  /** Tasks that were still blocked at the end: `a step 3`. */
  readonly stuck?: readonly string[];
}

/** The outcomes that a set of preemption models gave. */
export interface KernelExpectation {
  readonly preempt: readonly string[];
  readonly outcomes: readonly KernelOutcome[];
}

export interface KernelActor {
  readonly name: string;
  readonly kind: string;
  readonly start?: boolean;
  readonly steps: readonly string[];
  readonly [field: string]: unknown;
}

export interface KernelCase {
  readonly name: string;
  readonly machine: { readonly cpus: number; readonly hz: number };
  readonly objects: Readonly<Record<string, unknown>>;
  readonly vars: Readonly<Record<string, number>>;
  readonly actors: readonly KernelActor[];
  readonly userspin?: boolean;
  /** Jiffies after which the recorder no longer waits for the tasks to end. */
  readonly timeout?: number;
  readonly jiffies_recorded: boolean;
  readonly expected: readonly KernelExpectation[];
}

export function isKernelCase(json: unknown): json is KernelCase {
  if (typeof json !== 'object' || json === null) return false;
  if (!('machine' in json && 'actors' in json && 'expected' in json)) return false;
  return Array.isArray(json.actors) && Array.isArray(json.expected);
}
