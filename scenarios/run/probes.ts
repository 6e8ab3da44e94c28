/*
 * Where probes are hit: at the kernel functions that steps call, and at callbacks.
 */
import type { Code, Context } from '../../models/context.ts';
import { Kprobes } from '../../models/kprobes.ts';
import type { Machine } from '../../models/machine.ts';
import type { OpDeclaration } from '../load/index.ts';
import type { Result } from '../vocabulary/define.ts';
import { currentFileCall } from './file-calls.ts';

const ofMachines = new WeakMap<Machine, Kprobes>();

export function kprobesOf(machine: Machine): Kprobes {
  let probes = ofMachines.get(machine);
  if (probes === undefined) ofMachines.set(machine, (probes = new Kprobes()));
  return probes;
}

export function isProbed(k: Context, symbol: string): boolean {
  return ofMachines.get(k.machine)?.has(symbol) === true;
}

/** Calls a word's function; `given` are the arguments that stand in the step. */
export function withProbes(
  k: Context,
  { name: symbol, args: declared }: OpDeclaration,
  given: readonly unknown[],
  body: () => Result,
): Code<number | void> {
  const args = new Map<string, number>();
  for (const [i, { name }] of declared.entries()) {
    const value = given[i];
    if (typeof value === 'number') args.set(name, value);
  }
  return kprobesOf(k.machine).call(k, symbol, args, function* () {
    const started = body();
    return typeof started === 'object' ? yield* started : started;
  });
}

/** Calls a callback, whose arguments its caller has told. */
export function probedCallback(
  name: string,
  body: (k: Context) => Code<number>,
): (k: Context) => Code<number> {
  return (k) => {
    if (!isProbed(k, name)) return body(k);
    const args = new Map<string, number>();
    for (const [key, value] of currentFileCall(k)?.args ?? []) {
      args.set(key, typeof value === 'number' ? value : value.value);
    }
    return kprobesOf(k.machine).call(k, name, args, () => body(k));
  };
}
