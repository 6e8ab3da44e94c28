/*
 * What drivers do with their interrupt lines, kernel/irq/manage.c: disable and enable them, wait
 * for handlers that run, and give them back. Left out: shared lines and threaded handlers.
 */
import type { Code, Context } from '../context.ts';
import { Spinners } from '../cpu/spinners.ts';
import { sync_done, sync_wait } from '../hooks.ts';
import { ORDER, load_acquire, store_release } from '../instrumented.ts';
import type { IrqLine } from './line.ts';

/** Waits until the handler runs on no CPU (__synchronize_hardirq()). */
export function* synchronize_irq(k: Context, line: IrqLine): Code {
  if (line.servedBy !== null) {
    line.waiting ??= new Spinners();
    sync_wait(k, line.name, 'spins');
    yield* line.waiting.spinUntil(k, () => line.servedBy === null);
    sync_done(k, line.name);
  }
  load_acquire(k.cpu, ORDER.irq, line.name);
}

/** What arrives from now on waits for enable_irq(). */
export function disable_irq_nosync(line: IrqLine): void {
  line.depth++;
}

export function* disable_irq(k: Context, line: IrqLine): Code {
  disable_irq_nosync(line);
  yield* synchronize_irq(k, line);
}

/** check_irq_resend(): what came meanwhile comes now. */
export function enable_irq(k: Context, line: IrqLine): void {
  if (line.depth === 0) return;
  store_release(k.cpu, ORDER.irq, line.name);
  line.depth--;
  const { heldBack } = line;
  if (line.depth > 0 || heldBack === null) return;
  line.heldBack = null;
  heldBack.raise(line);
}

/** The driver gives the line back: its handler has ended and never runs again. */
export function* free_irq(k: Context, line: IrqLine): Code {
  line.registered = false;
  yield* synchronize_irq(k, line);
}
