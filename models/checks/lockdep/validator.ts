/*
 * The validator's rules, __lock_acquire() and what it calls in kernel/locking/lockdep.c of 6.1:
 * which usages of one class exclude each other, which dependencies between classes may close a
 * cycle. Every rule that is broken throws a Splat, after which nothing more is validated
 * (debug_locks_off).
 * Left out: wait types (PROVE_RAW_LOCK_NESTING), pinned locks, comparison functions, limits.
 */
import { calc_dep, calc_depb, search, usage_of, type PathEntry } from './graph.ts';
import {
  Chain,
  HeldLocks,
  type Dependency,
  type HeldLock,
  type LockInstance,
} from './lock-class.ts';
import * as reports from './reports.ts';
import {
  ENABLED,
  ENABLED_ALL,
  ENABLED_HARDIRQ,
  ENABLED_SOFTIRQ,
  READ,
  USED,
  USED_IN_ALL,
  USED_IN_HARDIRQ,
  USED_IN_SOFTIRQ,
  USED_READ,
  exclusive_bit,
  exclusive_mask,
  find_exclusive_match,
} from './usage.ts';

/** What the CPU is at when a lock is taken, as bits. */
export const IN_SOFTIRQ = 1;
export const IN_HARDIRQ = 2;
export const SOFTIRQS_ON = 4;

/** Hears of a circle that a lock held by all who are part of it keeps from closing. */
type OnGuarded = (report: reports.Report) => void;

export class Validator {
  private readonly chains = new Chain();
  private readonly onGuarded: OnGuarded;

  constructor(onGuarded: OnGuarded) {
    this.onGuarded = onGuarded;
  }

  newStack(task: string): HeldLocks {
    return new HeldLocks(task, this.chains);
  }

  /** __lock_acquire() */
  acquire(held: HeldLocks, next: HeldLock, around: number): void {
    const { stack } = held;
    const top = stack.length === 0 ? null : stack[stack.length - 1]!;
    if (top !== null && next.nest !== null && top.class === next.class) {
      top.references = Math.max(1, top.references) + Math.max(1, next.references);
      return;
    }
    next.irqContext = around & (IN_SOFTIRQ | IN_HARDIRQ);
    next.before = held.chain;
    mark_usage(held, next, around);
    if (next.nest !== null && !held.holds(next.nest)) reports.nested_lock_not_held(held, next);
    const isHead = top === null || top.irqContext !== next.irqContext;
    const key = next.class.id * 4 + next.read;
    const chain = (isHead ? this.chains : held.chain).followedBy(key);
    if (!next.trylock && !chain.known) {
      chain.known = true;
      if (check_deadlock(held, next) && !isHead) check_prevs_add(held, next, this.onGuarded);
    }
    held.chain = chain;
    stack.push(next);
  }

  /** __lock_release(): locks may be given back in any order. */
  release(held: HeldLocks, instance: LockInstance, around: number): void {
    const at = held.indexOf(instance);
    if (at < 0) reports.unlock_imbalance(held, instance);
    const released = held.stack[at]!;
    if (released.references > 1) {
      released.references--;
    } else if (at === held.stack.length - 1) {
      held.stack.pop();
      held.chain = released.before!;
    } else {
      this.reacquire(held, at, at + 1, around);
    }
  }

  /** __lock_downgrade() */
  downgrade(held: HeldLocks, instance: LockInstance, around: number): void {
    const at = held.indexOf(instance);
    if (at < 0) reports.unlock_imbalance(held, instance);
    held.stack[at]!.read = 1;
    this.reacquire(held, at, at, around);
  }

  /** Takes what lies from `at` on off the stack, and puts it back from `from` on, validating it. */
  private reacquire(held: HeldLocks, at: number, from: number, around: number): void {
    const above = held.stack.slice(from);
    held.chain = held.stack[at]!.before!;
    held.stack.length = at;
    for (const lock of above) this.acquire(held, lock, around);
  }

  /** __trace_hardirqs_on_caller(): what is held from here on is held with interrupts enabled. */
  hardirqs_on(held: HeldLocks, softirqsEnabled: boolean): void {
    mark_held_locks(held, ENABLED_HARDIRQ);
    if (softirqsEnabled) mark_held_locks(held, ENABLED_SOFTIRQ);
  }
}

function mark_held_locks(held: HeldLocks, bit: number): void {
  for (const lock of held.stack) mark_lock(held, lock, bit | (lock.read === 0 ? 0 : READ));
}

function mark_usage(held: HeldLocks, next: HeldLock, around: number): void {
  const read = next.read === 0 ? 0 : READ;
  if (!next.trylock) {
    if ((around & IN_HARDIRQ) !== 0) mark_lock(held, next, USED_IN_HARDIRQ | read);
    if ((around & IN_SOFTIRQ) !== 0) mark_lock(held, next, USED_IN_SOFTIRQ | read);
  }
  if (next.hardirqsOn) {
    mark_lock(held, next, ENABLED_HARDIRQ | read);
    if ((around & SOFTIRQS_ON) !== 0) mark_lock(held, next, ENABLED_SOFTIRQ | read);
  }
  mark_lock(held, next, read === 0 ? USED : USED_READ);
}

function mark_lock(held: HeldLocks, lock: HeldLock, bit: number): void {
  const marked = lock.class;
  if ((marked.usage & (1 << bit)) !== 0) return;
  marked.usage |= 1 << bit;
  marked.sites[bit] = lock;
  if (bit < USED) mark_lock_irq(held, lock, bit);
}

function mark_lock_irq(held: HeldLocks, lock: HeldLock, bit: number): void {
  const exclusive = exclusive_bit(bit);
  valid_state(held, lock, bit, exclusive);
  if ((bit & READ) === 0) valid_state(held, lock, bit, exclusive | READ);
  const forwards = (bit & ENABLED) === 0;
  const onlyXR = forwards ? lock.read === 2 : lock.read !== 0;
  const mask = (1 << exclusive) | (1 << (exclusive | READ));
  const found = search(
    lock.class,
    onlyXR,
    forwards ? 'after' : 'before',
    (entry) => (usage_of(entry) & mask) !== 0,
  );
  if (found === null) return;
  const writes = (found.class.usage & (1 << exclusive)) !== 0;
  reports.irq_inversion(held, lock, found, forwards, writes ? exclusive : exclusive | READ);
}

function valid_state(held: HeldLocks, lock: HeldLock, bit: number, bad: number): void {
  if ((lock.class.usage & (1 << bad)) !== 0) reports.usage_bug(held, lock, bad, bit);
}

/** Is a lock of the class held already? False: yes, but a nest_lock keeps others away. */
function check_deadlock(held: HeldLocks, next: HeldLock): boolean {
  let nested = false;
  for (const prev of held.stack) {
    if (prev.instance === next.nest) nested = true;
    if (prev.class !== next.class) continue;
    if (next.read === 2 && prev.read !== 0) continue;
    if (nested) return false;
    reports.deadlock(held, prev, next);
  }
  return true;
}

/** Adds the dependencies on the trylocks below and on the first lock that is none. */
function check_prevs_add(held: HeldLocks, next: HeldLock, onGuarded: OnGuarded): void {
  const { stack } = held;
  for (let i = stack.length - 1; i >= 0; i--) {
    const prev = stack[i]!;
    if (prev.irqContext !== next.irqContext) return;
    check_prev_add(held, prev, next, onGuarded);
    if (!prev.trylock) return;
  }
}

function check_prev_add(
  held: HeldLocks,
  prev: HeldLock,
  next: HeldLock,
  onGuarded: OnGuarded,
): void {
  const guards = exclusively(held, prev, next);
  const circle = check_noncircular(held, prev, next, guards);
  if (circle !== null && circle.guard === '') throw new reports.Splat(circle);
  if (circle !== null) onGuarded(circle);
  check_irq_usage(held, prev, next);
  add(prev.class.after, {
    to: next.class,
    kinds: calc_dep(prev.read, next.read),
    site: next,
    guards,
  });
  add(next.class.before, {
    to: prev.class,
    kinds: calc_depb(prev.read, next.read),
    site: next,
    guards,
  });
}

/** What is held exclusively besides the two. */
function exclusively({ stack }: HeldLocks, prev: HeldLock, next: HeldLock): LockInstance[] {
  return stack
    .filter((lock) => lock.read === 0 && lock !== prev && lock.instance !== next.instance)
    .map(({ instance }) => instance);
}

function add(list: Dependency[], edge: Dependency): void {
  const known = list.find(({ to }) => to === edge.to);
  if (known === undefined) {
    list.push(edge);
    return;
  }
  known.kinds |= edge.kinds;
  known.guards = known.guards.filter((guard) => edge.guards.includes(guard));
}

/** Would `prev` -> `next` close a circle? Only if no end of it waits behind a recursive reader. */
function check_noncircular(
  held: HeldLocks,
  prev: HeldLock,
  next: HeldLock,
  guards: readonly LockInstance[],
): reports.Report | null {
  const closes = (entry: PathEntry): boolean =>
    entry.class === prev.class && (prev.read === 0 || !entry.onlyXR);
  const found = search(next.class, next.read === 2, 'after', closes);
  return found === null ? null : reports.circular(held, prev, next, found, guards);
}

/** Would it connect a lock that interrupts take with one that is held while they may come? */
function check_irq_usage(held: HeldLocks, prev: HeldLock, next: HeldLock): void {
  let usage = 0;
  search(prev.class, prev.read !== 0, 'before', (entry) => {
    usage |= usage_of(entry);
    return false;
  });
  usage &= USED_IN_ALL;
  if (usage === 0) return;
  const unsafe = exclusive_mask(usage);
  const forwards = search(
    next.class,
    next.read === 2,
    'after',
    (entry) => (usage_of(entry) & unsafe) !== 0,
  );
  if (forwards === null) return;
  const safe = exclusive_mask(forwards.class.usage & ENABLED_ALL);
  const backwards = search(
    prev.class,
    prev.read !== 0,
    'before',
    (entry) => (usage_of(entry) & safe) !== 0,
  )!;
  const [bit, exclusive] = find_exclusive_match(backwards.class.usage, forwards.class.usage)!;
  reports.bad_irq_dependency(held, prev, next, { backwards, forwards, bit, exclusive });
}
