/*
 * Reader-writer spinlocks. Bias form (2.4 to 3.15): readers enter unless a writer holds, so writers
 * can starve. Queued form (kernel/locking/qrwlock.c): arrivals queue, a waiting writer stops new
 * readers, except readers in interrupt context, which wait only while a writer HOLDS. There
 * "in interrupt" is in_interrupt(): also a process that has disabled bottom halves.
 */
import type { Fingerprint } from '../../engine/index.ts';
import { SPIN, type Code, type Context } from '../context.ts';
import {
  in_interrupt,
  local_irq_disable,
  local_irq_save,
  preempt_disable,
  preempt_enable,
} from '../cpu/preempt.ts';
import { LOCK_HOOK } from '../hooks.ts';
import { local_bh_disable } from '../irq/softirq.ts';
import { LOCK_READ, LOCK_TRY, Lock, unlocked_bh, unlocked_irq, type Nesting } from './lock.ts';

interface Waiter {
  readonly k: Context;
  readonly writes: boolean;
  readonly since: number;
  /** Queued form: a reader at the head of the queue counts as a reader already. */
  counted: boolean;
}

export class Rwlock extends Lock {
  readonly type = 'rwlock';
  /** That of the kernel's version, unless somebody builds one of the other form. */
  readonly form: 'bias' | 'queued' | null;
  /** Readers inside, and those that the algorithm counts while they wait. */
  readers = 0;
  writer: Context | null = null;
  /** Queued form: the writer at the head of the queue keeps new readers out. */
  writerWaits = false;
  readonly holders: { k: Context; since: number }[] = [];
  readonly waiters: Waiter[] = [];
  /** Readers are recursive to the validator whatever they are (its self-tests want that). */
  forcedRecursive = false;
  /** Readers in interrupts, which pass the queue. */
  readonly bypassing: Waiter[] = [];

  constructor(name: string, form: 'bias' | 'queued' | null = null) {
    super(name);
    this.form = form;
  }

  protected override get hookBits(): number {
    return LOCK_HOOK.spins | LOCK_HOOK.rw;
  }

  override feed(into: Fingerprint): void {
    into.add(this.readers * 4 + (this.writer === null ? 0 : 2) + (this.writerWaits ? 1 : 0));
    into.add(this.holders.length);
    for (const { k } of this.holders) into.add(k.identity);
    for (const list of [this.waiters, this.bypassing]) {
      into.add(list.length);
      for (const { k, writes, counted } of list) {
        into.add(k.identity);
        into.add((writes ? 2 : 0) + (counted ? 1 : 0));
      }
    }
  }
}

function formOf(k: Context, lock: Rwlock): 'bias' | 'queued' {
  return lock.form ?? k.machine.era.rwlock;
}

function enter(k: Context, lock: Rwlock, writes: boolean): void {
  if (writes) lock.writer = k;
  lock.holders.push({ k, since: k.machine.sim.now });
  lock.noteTaken(k, !writes);
}

/** Does a reader pass the writers that wait? What the validator goes by. */
function read_lock_is_recursive(k: Context, lock: Rwlock): boolean {
  return lock.forcedRecursive || formOf(k, lock) === 'bias' || in_interrupt(k.cpu);
}

function* raw_read_lock(k: Context, lock: Rwlock): Code {
  lock.traceAcquire(k, LOCK_READ, undefined, read_lock_is_recursive(k, lock));
  yield k.step(lock, k.machine.costs.lock);
  const queued = formOf(k, lock) === 'queued';
  if (lock.writer === null && !lock.writerWaits) {
    lock.readers++;
    enter(k, lock, false);
  } else if (queued && in_interrupt(k.cpu)) {
    lock.readers++;
    if (lock.writer === null) enter(k, lock, false);
    else yield* wait_in(k, lock, lock.bypassing, false);
  } else {
    yield* wait_in(k, lock, lock.waiters, false);
  }
}

function* raw_write_lock(k: Context, lock: Rwlock, nesting?: Nesting): Code {
  lock.traceAcquire(k, 0, nesting);
  yield k.step(lock, k.machine.costs.lock);
  if (lock.writer === null && lock.readers === 0 && !lock.writerWaits) enter(k, lock, true);
  else yield* wait_in(k, lock, lock.waiters, true);
}

function* wait_in(k: Context, lock: Rwlock, list: Waiter[], writes: boolean): Code {
  lock.noteContended(k, !writes);
  list.push({ k, writes, since: k.machine.sim.now, counted: false });
  advance(k, lock);
  if (formOf(k, lock) === 'bias') k.retry = () => enter_if_free(k, lock);
  yield SPIN;
  k.retry = null;
  k.spend(k.machine.costs.handover);
}

function raw_unlock(k: Context, lock: Rwlock, wrote: boolean): void {
  k.spend(k.machine.costs.unlock);
  const mine = lock.holders.findIndex((holder) => holder.k === k);
  const [holder] = lock.holders.splice(Math.max(0, mine), 1);
  lock.noteReleased(k, holder?.since ?? k.machine.sim.now);
  if (wrote) lock.writer = null;
  else lock.readers--;
  advance(k, lock);
}

/** Lets in whoever may enter now. */
function advance(k: Context, lock: Rwlock): void {
  if (formOf(k, lock) === 'queued') advance_queued(lock);
  else advance_bias(k, lock);
}

function advance_queued(lock: Rwlock): void {
  if (lock.writer === null) {
    for (const reader of lock.bypassing.splice(0)) admit(lock, reader);
  }
  for (let head = lock.waiters[0]; head !== undefined; head = lock.waiters[0]) {
    if (head.writes) {
      if (lock.writer !== null || lock.readers > 0) {
        lock.writerWaits = true;
        return;
      }
      lock.writerWaits = false;
    } else {
      if (!head.counted) lock.readers++;
      head.counted = true;
      if (lock.writer !== null) return;
    }
    lock.waiters.shift();
    admit(lock, head);
  }
}

/** All who spin right now race: if a reader wins, every reader among them enters with it. */
function advance_bias(k: Context, lock: Rwlock): void {
  const contenders = lock.waiters.filter(
    (waiter) => waiter.k.cpu.top === waiter.k && may_enter(lock, waiter),
  );
  if (contenders.length === 0) return;
  const winner = contenders[k.machine.door.choose('arbitration', contenders.length)]!;
  const entering = winner.writes ? [winner] : contenders.filter((waiter) => !waiter.writes);
  for (const waiter of entering) enter_bias(lock, waiter);
}

function may_enter(lock: Rwlock, waiter: Waiter): boolean {
  return lock.writer === null && (!waiter.writes || lock.readers === 0);
}

function enter_bias(lock: Rwlock, waiter: Waiter): void {
  lock.waiters.splice(lock.waiters.indexOf(waiter), 1);
  if (!waiter.writes) lock.readers++;
  admit(lock, waiter);
}

/** A spinner that comes back from an interrupt looks again. */
function enter_if_free(k: Context, lock: Rwlock): boolean {
  const waiter = lock.waiters.find((other) => other.k === k)!;
  if (!may_enter(lock, waiter)) return false;
  enter_bias(lock, waiter);
  return true;
}

function admit(lock: Rwlock, waiter: Waiter): void {
  const { k } = waiter;
  enter(k, lock, waiter.writes);
  lock.noteWaited(k, waiter.since);
  k.cpu.unspin(k);
}

export function* read_lock(k: Context, lock: Rwlock): Code {
  preempt_disable(k);
  yield* raw_read_lock(k, lock);
}

export function* read_unlock(k: Context, lock: Rwlock): Code {
  yield k.step(lock, 0);
  raw_unlock(k, lock, false);
  yield* preempt_enable(k);
}

export function* write_lock(k: Context, lock: Rwlock, nesting?: Nesting): Code {
  preempt_disable(k);
  yield* raw_write_lock(k, lock, nesting);
}

export function* write_unlock(k: Context, lock: Rwlock): Code {
  yield k.step(lock, 0);
  raw_unlock(k, lock, true);
  yield* preempt_enable(k);
}

/** Returns 1 if no writer holds or waits. */
export function* read_trylock(k: Context, lock: Rwlock): Code<number> {
  preempt_disable(k);
  yield k.step(lock, k.machine.costs.lock);
  if (lock.writer === null && !lock.writerWaits) {
    lock.readers++;
    enter(k, lock, false);
    lock.traceAcquire(k, LOCK_READ | LOCK_TRY, undefined, read_lock_is_recursive(k, lock));
    return 1;
  }
  yield* preempt_enable(k);
  return 0;
}

/** Returns 1 if the lock was entirely free. */
export function* write_trylock(k: Context, lock: Rwlock): Code<number> {
  preempt_disable(k);
  yield k.step(lock, k.machine.costs.lock);
  if (lock.writer === null && lock.readers === 0 && !lock.writerWaits) {
    enter(k, lock, true);
    lock.traceAcquire(k, LOCK_TRY);
    return 1;
  }
  yield* preempt_enable(k);
  return 0;
}

export function* read_lock_irq(k: Context, lock: Rwlock): Code {
  local_irq_disable(k);
  yield* read_lock(k, lock);
}

export function* write_lock_irq(k: Context, lock: Rwlock): Code {
  local_irq_disable(k);
  yield* write_lock(k, lock);
}

export function* read_lock_irqsave(k: Context, lock: Rwlock): Code<number> {
  const flags = local_irq_save(k);
  yield* read_lock(k, lock);
  return flags;
}

export function* write_lock_irqsave(k: Context, lock: Rwlock): Code<number> {
  const flags = local_irq_save(k);
  yield* write_lock(k, lock);
  return flags;
}

export function* read_lock_bh(k: Context, lock: Rwlock): Code {
  local_bh_disable(k);
  yield* read_lock(k, lock);
}

export function* write_lock_bh(k: Context, lock: Rwlock): Code {
  local_bh_disable(k);
  yield* write_lock(k, lock);
}

function* unlock_irq(k: Context, lock: Rwlock, wrote: boolean, flags: number): Code {
  yield k.step(lock, 0);
  raw_unlock(k, lock, wrote);
  yield* unlocked_irq(k, flags);
}

function* unlock_bh(k: Context, lock: Rwlock, wrote: boolean): Code {
  yield k.step(lock, 0);
  raw_unlock(k, lock, wrote);
  yield* unlocked_bh(k);
}

export const read_unlock_irq = (k: Context, lock: Rwlock): Code => unlock_irq(k, lock, false, 0);
export const write_unlock_irq = (k: Context, lock: Rwlock): Code => unlock_irq(k, lock, true, 0);
export const read_unlock_irqrestore = (k: Context, lock: Rwlock, flags: number): Code =>
  unlock_irq(k, lock, false, flags);
export const write_unlock_irqrestore = (k: Context, lock: Rwlock, flags: number): Code =>
  unlock_irq(k, lock, true, flags);
export const read_unlock_bh = (k: Context, lock: Rwlock): Code => unlock_bh(k, lock, false);
export const write_unlock_bh = (k: Context, lock: Rwlock): Code => unlock_bh(k, lock, true);

/** A lock like new, whoever holds it or waits for it. */
export function rwlock_init(k: Context, lock: Rwlock): void {
  lock.traceFreed(k);
  lock.readers = 0;
  lock.writer = null;
  lock.writerWaits = false;
  lock.holders.length = 0;
  // Who spins on a bias sees that it is free; a place in a queue is gone.
  if (formOf(k, lock) === 'bias') return advance(k, lock);
  lock.waiters.length = 0;
  lock.bypassing.length = 0;
}
