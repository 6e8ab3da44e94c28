/*
 * What all locks share: a name, statistics in virtual time, and the trace rows of lockdep's
 * tracepoints (include/trace/events/lock.h). And what the spinning ones share: the report of a
 * holder that can never release, and the ends of the unlock functions
 * (include/linux/spinlock_api_smp.h, rwlock_api_smp.h).
 */
import type { Code, Context } from '../context.ts';
import { local_irq_restore, preempt_enable } from '../cpu/preempt.ts';
import { local_bh_enable } from '../irq/softirq.ts';
import { EV } from '../events.ts';

/** Flags of lock_acquire rows. */
export const LOCK_TRY = 1;
export const LOCK_READ = 2;

export abstract class Lock {
  readonly name: string;
  abstract readonly type: string;
  acquired = 0;
  contended = 0;
  waitTotal = 0;
  waitMax = 0;
  holdTotal = 0;
  holdMax = 0;

  constructor(name: string) {
    this.name = name;
  }

  traceAcquire(k: Context, flags: number): void {
    this.emit(k, EV.lock_acquire, flags);
  }

  noteContended(k: Context): void {
    this.contended++;
    this.emit(k, EV.lock_contended, NaN);
  }

  /** `since`: when a contended waiter began to wait; its wait is over now. */
  noteWaited(k: Context, since: number): void {
    const waited = k.machine.sim.now - since;
    this.waitTotal += waited;
    if (waited > this.waitMax) this.waitMax = waited;
    this.emit(k, EV.lock_acquired, waited);
  }

  noteReleased(k: Context, since: number): void {
    const held = k.machine.sim.now - since;
    this.holdTotal += held;
    if (held > this.holdMax) this.holdMax = held;
    this.emit(k, EV.lock_release, held);
  }

  private emit(k: Context, event: number, value: number): void {
    const { machine } = k;
    if (machine.trace.on) k.cpu.emit(event, machine.texts.intern(this.name), value);
  }
}

/** The holder can never release it: it waits below, on this very CPU. `what` recurs. */
export function report_recursion(k: Context, lock: Lock, what: string): void {
  k.machine.findings.report(
    k.cpu,
    'self-deadlock',
    `BUG: ${what} recursion on CPU#${k.cpu.id}, ${k.current.comm}/${k.current.pid}`,
    lock.name,
  );
}

/** After the release: interrupts as `flags` say (0: on), then preemption. */
export function* unlocked_irq(k: Context, flags: number): Code {
  yield* local_irq_restore(k, flags);
  yield* preempt_enable(k);
}

/** After the release: runs the softirqs that were raised meanwhile. */
export function* unlocked_bh(k: Context): Code {
  k.cpu.preempt_count--;
  yield* local_bh_enable(k);
}
