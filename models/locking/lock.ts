/*
 * What all locks share: a name, statistics in virtual time, and the trace rows of lockdep's
 * tracepoints (include/trace/events/lock.h). And what the spinning ones share: the ends of the
 * unlock functions (include/linux/spinlock_api_smp.h, rwlock_api_smp.h).
 */
import type { Fingerprint, TextTable } from '../../engine/index.ts';
import type { Code, Context } from '../context.ts';
import { local_irq_restore, preempt_enable } from '../cpu/preempt.ts';
import { local_bh_enable } from '../irq/softirq.ts';
import { EV } from '../events.ts';
import { HOOK, LOCK_HOOK } from '../hooks.ts';
import type { Machine } from '../machine.ts';

/** Flags of lock_acquire rows. */
export const LOCK_TRY = 1;
export const LOCK_READ = 2;

/** What rows tell the lock validator besides, in their first argument: above the subclass. */
export const LOCKDEP_SUBCLASS = 7;
/** A reader whom no waiting writer holds up. */
export const LOCKDEP_RECURSIVE = 8;
/** The kernel's validator knows nothing of locks of this kind. */
export const LOCKDEP_UNTRACKED = 16;

/** How a lock may be taken beside others of its class (include/linux/lockdep.h). */
export interface Nesting {
  readonly subclass: number;
  /** While this one is held, nobody else takes more than one of the class. */
  readonly nest: Lock | null;
}

const NO_NESTING: Nesting = { subclass: 0, nest: null };

export abstract class Lock {
  readonly name: string;
  abstract readonly type: string;
  /** Locks of one class are one to the lock validator; its own name: it is a class of its own. */
  className: string;
  acquired = 0;
  contended = 0;
  waitTotal = 0;
  waitMax = 0;
  holdTotal = 0;
  holdMax = 0;
  private texts: TextTable | null = null;
  private text = 0;

  constructor(name: string) {
    this.name = name;
    this.className = name;
  }

  /** Who holds it and who waits. A kind of lock that does not say makes the state unknown. */
  feed(into: Fingerprint): void {
    into.known = false;
  }

  /** What hooks tell of it, of LOCK_HOOK. */
  protected get hookBits(): number {
    return this.tracked ? 0 : LOCK_HOOK.ownerless;
  }

  /** Semaphores have no owner, so lockdep does not know them. */
  protected get tracked(): boolean {
    return true;
  }

  /** Before it waits, as lock_acquire() is called; of a trylock, once it has the lock. */
  traceAcquire(k: Context, flags: number, nesting = NO_NESTING, recursive = false): void {
    const { machine } = k;
    if (!machine.trace.on) return;
    const { subclass, nest } = nesting;
    k.cpu.emit(
      EV.lock_acquire,
      this.textIn(machine),
      flags,
      subclass | (recursive ? LOCKDEP_RECURSIVE : 0) | (this.tracked ? 0 : LOCKDEP_UNTRACKED),
      this.className === this.name ? 0 : machine.texts.intern(this.className),
      nest === null ? 0 : machine.texts.intern(nest.name),
    );
  }

  /** A wait ended without the lock. */
  traceGivenUp(k: Context): void {
    this.emit(k, EV.lock_release, NaN);
  }

  /** Its memory becomes something else, or a new lock: nobody should hold it. */
  traceFreed(k: Context): void {
    const { machine } = k;
    if (machine.trace.on) machine.tell(k.cpu, HOOK.lock_freed, machine.texts.intern(this.name));
  }

  noteContended(k: Context, reads = false): void {
    this.contended++;
    this.emit(k, EV.lock_contended, NaN);
    this.tellWho(k, HOOK.lock_wait, reads);
  }

  /** It is `k`'s now: without a wait, or at the end of it. */
  noteTaken(k: Context, reads = false): void {
    this.acquired++;
    this.tellWho(k, HOOK.lock_taken, reads);
  }

  private tellWho(k: Context, hook: number, reads: boolean): void {
    const { machine } = k;
    if (!machine.trace.on) return;
    const bits = this.hookBits | (reads ? LOCK_HOOK.reads : 0);
    const depth = k.depth << LOCK_HOOK.depthShift;
    machine.tell(k.cpu, hook, this.textIn(machine), bits | depth);
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

  /** The text of its name. */
  private textIn({ texts }: Machine): number {
    if (this.texts !== texts) {
      this.texts = texts;
      this.text = texts.intern(this.name);
    }
    return this.text;
  }

  private emit(k: Context, event: number, value: number): void {
    const { machine } = k;
    if (!machine.trace.on) return;
    const flags = this.tracked ? 0 : LOCKDEP_UNTRACKED;
    k.cpu.emit(event, this.textIn(machine), value, flags);
  }
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
