/*
 * printk(), kernel/printk.c: a line of the kernel log, from any context. What it costs is charged
 * to the caller and burnt with its next operation; the console never blocks.
 */
import type { Context } from './context.ts';
import { EV } from './events.ts';

/** printk_buf has room for a NUL behind it. */
const LONGEST = 1023;

/** Appends `text` to the kernel log and returns its length, as the kernel's own does. */
export function printk(k: Context, whole: string): number {
  const { machine } = k;
  const text = whole.slice(0, LONGEST);
  machine.console.push({ timeNs: machine.sim.now, from: 'kernel', text });
  if (machine.trace.on) k.cpu.emit(EV.console, machine.texts.intern(text), NaN);
  machine.onPrintk?.(k.cpu);
  k.spend(machine.costs.printk);
  return text.length;
}
