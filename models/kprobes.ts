/*
 * Probes of kernel functions: kernel/kprobes.c and arch/x86/kernel/kprobes/core.c. Their handlers
 * run where the function is called, with interrupts and preemption off, and so must not sleep. A
 * probe that is hit while a handler runs on the CPU is missed. Left out: offsets into functions,
 * optimisation to jumps, fault handlers.
 */
import type { Code, Context } from './context.ts';
import {
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
} from './cpu/preempt.ts';
import type { KernelName } from './era.ts';
import { errno } from './errno.ts';
import { EV } from './events.ts';
import type { Fingerprint } from '../engine/index.ts';
import type { Cpu } from './cpu/cpu.ts';
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from './rcu.ts';
import { might_sleep } from './sched/core.ts';

/** The kinds of probes that a kernel has: jprobes were removed in 4.15, 2.4 has none. */
export const probeKinds: Readonly<Record<KernelName, readonly string[]>> = {
  'linux-2.4.27': [],
  'linux-2.6.24': ['kprobe', 'jprobe', 'kretprobe'],
  'linux-2.6.32': ['kprobe', 'jprobe', 'kretprobe'],
  'linux-6.1': ['kprobe', 'kretprobe'],
  'linux-6.12': ['kprobe', 'kretprobe'],
};

/** Runs in the place where the probe was hit; `retval` is for those after the function. */
export type ProbeHandler = (k: Context, args: ProbeArguments, retval: number) => Code<number>;
export type ProbeArguments = ReadonlyMap<string, number>;

export interface ProbeOptions {
  readonly name: string;
  /** The function that is probed. */
  readonly symbol: string;
  /** Before the function: pre_handler, the entry of a jprobe, entry_handler of a kretprobe. */
  readonly before: ProbeHandler | null;
  /** After its first instruction: post_handler of a kprobe. */
  readonly post: ProbeHandler | null;
  /** When it returns: the handler of a kretprobe. */
  readonly after: ProbeHandler | null;
  /** How many calls a kretprobe follows at a time; further ones are missed. */
  readonly maxactive: number;
}

export class Probe {
  readonly options: ProbeOptions;
  registered = false;
  nmissed = 0;
  /** Calls that have begun and not returned. */
  active = 0;

  constructor(options: ProbeOptions) {
    this.options = options;
  }

  feed(into: Fingerprint): void {
    into.add(this.registered ? 1 : 0);
    into.add(this.nmissed);
    into.add(this.active);
  }
}

export class Kprobes {
  private readonly bySymbol = new Map<string, Probe[]>();
  /** CPUs on which a handler runs. */
  private readonly running = new Set<Cpu>();

  has(symbol: string): boolean {
    return this.bySymbol.has(symbol);
  }

  /** register_kprobe(), register_jprobe(), register_kretprobe(): 0, or -EBUSY if it is. */
  *register(k: Context, probe: Probe): Code<number> {
    yield* might_sleep(k, 'register_kprobe');
    yield k.step(this, k.machine.costs.call);
    if (probe.registered) return -errno.EBUSY;
    const { symbol } = probe.options;
    this.bySymbol.set(symbol, [...(this.bySymbol.get(symbol) ?? []), probe]);
    probe.registered = true;
    return 0;
  }

  /** No handler of it runs any more when it returns. */
  *unregister(k: Context, probe: Probe): Code {
    yield* might_sleep(k, 'unregister_kprobe');
    yield k.step(this, k.machine.costs.call);
    if (!probe.registered) return;
    probe.registered = false;
    const { symbol } = probe.options;
    const others = this.bySymbol.get(symbol)!.filter((other) => other !== probe);
    if (others.length === 0) this.bySymbol.delete(symbol);
    else this.bySymbol.set(symbol, others);
    yield* synchronize_rcu(k);
  }

  /** Calls the function `symbol` with its probes. */
  *call<T>(k: Context, symbol: string, args: ProbeArguments, body: () => Code<T>): Code<T> {
    const probes = this.bySymbol.get(symbol) ?? [];
    const followed = probes.filter(({ options }) => options.after !== null);
    const returns: Probe[] = [];
    for (const probe of probes) {
      if (followed.includes(probe)) {
        if (probe.active >= probe.options.maxactive) {
          probe.nmissed++;
          continue;
        }
        probe.active++;
        returns.push(probe);
      }
      yield* this.handle(k, probe, probe.options.before, args, 0);
      yield* this.handle(k, probe, probe.options.post, args, 0);
    }
    const result = yield* body();
    const retval = typeof result === 'number' ? result : 0;
    for (const probe of returns.toReversed()) {
      yield* this.handle(k, probe, probe.options.after, args, retval);
      probe.active--;
    }
    return result;
  }

  private *handle(
    k: Context,
    probe: Probe,
    handler: ProbeHandler | null,
    args: ProbeArguments,
    retval: number,
  ): Code {
    const { cpu, machine } = k;
    if (handler === null) return;
    if (this.running.has(cpu)) {
      probe.nmissed++;
      return;
    }
    const flags = local_irq_save(k);
    preempt_disable(k);
    this.running.add(cpu);
    yield* rcu_read_lock(k);
    if (machine.trace.on) {
      cpu.emit(EV.kprobe, machine.texts.intern(probe.options.symbol), retval);
    }
    yield machine.costs.call;
    yield* handler(k, args, retval);
    yield* rcu_read_unlock(k);
    this.running.delete(cpu);
    yield* preempt_enable(k);
    yield* local_irq_restore(k, flags);
  }
}
