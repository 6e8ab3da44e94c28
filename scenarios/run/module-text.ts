/*
 * Code that belongs to a module: once that has been unloaded, whoever is called there, or comes
 * back there, runs into memory that is no longer mapped.
 */
import type { Code, Context } from '../../models/context.ts';
import { page_fault_oops } from '../../models/mm/fault.ts';
import type { Module } from '../../models/module.ts';

/** Where modules are loaded: the lower half of an address of 64 bits. */
const MODULE_TEXT = 0xc0800000;

/** Nothing of it runs once the code is gone. */
export function inModule(
  name: string,
  mod: Module,
  body: (k: Context) => Code<number>,
): (k: Context) => Code<number> {
  return function* (k) {
    if (mod.state !== 'absent') return yield* body(k);
    yield* gone(k, name, mod, 'is called');
    return 0;
  };
}

export function* gone(k: Context, name: string, mod: Module, what: 'is called' | 'goes on'): Code {
  const text = `BUG: ${name} ${what} after ${mod.name} was unloaded`;
  k.machine.findings.report(k.cpu, 'use-after-free', text, mod.name);
  yield* page_fault_oops(k, MODULE_TEXT, 'use-after-free');
}
