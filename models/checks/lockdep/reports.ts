/*
 * What the validator prints, after the print_*() functions of kernel/locking/lockdep.c: the first
 * line is the kernel's, the others say the same with the names and lines of the scenario. A
 * report ends the validation: it is thrown.
 */
import type { FindingKind, Place, Verdict } from '../findings.ts';
import { path, type PathEntry } from './graph.ts';
import type { HeldLock, HeldLocks, LockClass, LockInstance, Site } from './lock-class.ts';
import { state_name, usage_letters, usage_name } from './usage.ts';

export interface Report {
  readonly kind: FindingKind;
  readonly verdict: Verdict;
  readonly text: string;
  readonly objects: readonly string[];
  readonly sites: readonly Site[];
  readonly lines: readonly string[];
  /** Held by everyone who could close the circle, so that nobody can; empty: no such lock. */
  readonly guard: string;
}

/** Thrown to the caller of the validator. */
export class Splat extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(report.text);
    this.report = report;
  }
}

const DEADLOCK = ' *** DEADLOCK ***';

function at({ actor, line }: Place): string {
  return line === 0 ? actor : `${actor}, line ${line}`;
}

function className({ name, usage }: LockClass): string {
  return `(${name}){${usage_letters(usage)}}`;
}

/** `A (X){+.+.}, at: main, line 7`. */
function printed(lock: HeldLock): string {
  const { instance } = lock;
  const own = instance.name === lock.class.name ? '' : `${instance.name} `;
  return `${own}${className(lock.class)}, at: ${at(lock)}`;
}

export function held_locks({ stack, task }: HeldLocks): string[] {
  if (stack.length === 0) return [`no locks held by ${task}.`];
  const head = `${stack.length} lock${stack.length > 1 ? 's' : ''} held by ${task}:`;
  return [head, ...stack.map((lock, i) => ` #${i}: ${printed(lock)}`)];
}

function columns(left: readonly string[], right: readonly string[], rest: readonly string[]) {
  const indent = ' '.repeat(31);
  return [
    '       CPU0                    CPU1',
    '       ----                    ----',
    ...left.map((text) => `  ${text}`),
    ...right.map((text) => `${indent}${text}`),
    ...rest.map((text) => `  ${text}`),
    DEADLOCK,
  ];
}

function lock(read: number, { name }: LockClass): string {
  return `${read === 0 ? 'lock' : 'rlock'}(${name});`;
}

function namesOf(...locks: readonly { readonly name: string }[]): string[] {
  return [...new Set(locks.map(({ name }) => name))];
}

/** One lock of a class is held when another is taken. */
export function deadlock(held: HeldLocks, prev: HeldLock, next: HeldLock): never {
  throw new Splat({
    kind: 'recursive-lock',
    verdict: 'PREDICTED',
    text: 'WARNING: possible recursive locking detected',
    objects: namesOf(next.instance, prev.instance),
    sites: [next, prev],
    lines: [
      `${held.task} is trying to acquire lock:`,
      printed(next),
      'but task is already holding lock:',
      printed(prev),
      ' Possible unsafe locking scenario:',
      '       CPU0',
      '       ----',
      `  lock(${prev.class.name});`,
      `  lock(${next.class.name});`,
      DEADLOCK,
      ' May be due to missing lock nesting notation',
      ...held_locks(held),
    ],
    guard: '',
  });
}

/** `found` ends the path from the class of `next` to that of `prev`. */
export function circular(
  held: HeldLocks,
  prev: HeldLock,
  next: HeldLock,
  found: PathEntry,
  guards: readonly LockInstance[],
): Report {
  const steps = path(found);
  const common = steps.reduce(
    (left, { edge }) => (edge === null ? left : left.filter((one) => edge.guards.includes(one))),
    guards,
  );
  const guard = common.length === 0 ? '' : common[0]!.name;
  const middle = found.parent?.class ?? next.class;
  const waits = steps.some((step) => step.class.isMap);
  return {
    kind: waits ? 'deadlock' : 'lock-order',
    verdict: 'PREDICTED',
    text: 'WARNING: possible circular locking dependency detected',
    objects: namesOf(next.instance, prev.instance, ...steps.map((step) => step.class)),
    sites: [next, prev, ...steps.flatMap(({ edge }) => edge?.site ?? [])],
    lines: [
      ...(guard === '' ? [] : [`cycle, but guarded by ${guard}: not reachable`]),
      `${held.task} is trying to acquire lock:`,
      printed(next),
      'but task is already holding lock:',
      printed(prev),
      'which lock already depends on the new lock.',
      'the existing dependency chain (in reverse order) is:',
      ...steps
        .map(
          ({ edge, ...step }, i) => `-> #${i} ${className(step.class)}: ${at(edge?.site ?? next)}`,
        )
        .reverse(),
      ...chain(next.class, middle, prev.class),
      ' Possible unsafe locking scenario:',
      ...columns(
        [lock(prev.read, prev.class)],
        [lock(0, middle), lock(0, prev.class)],
        [lock(next.read, next.class)],
      ),
      ...held_locks(held),
    ],
    guard,
  };
}

function chain(first: LockClass, middle: LockClass, last: LockClass): string[] {
  if (middle === first) return [];
  return [`Chain exists of: ${first.name} --> ${middle.name} --> ${last.name}`];
}

function irq_scenario(safe: LockClass, unsafe: LockClass, prev: LockClass, next: LockClass) {
  const middle = prev === safe ? next : prev;
  return [
    ...(middle === unsafe
      ? []
      : [`Chain exists of: ${safe.name} --> ${middle.name} --> ${unsafe.name}`]),
    ' Possible interrupt unsafe locking scenario:',
    ...columns(
      [lock(0, unsafe)],
      ['local_irq_disable();', lock(0, safe), lock(0, middle)],
      ['<Interrupt>', `  ${lock(0, safe)}`],
    ),
  ];
}

interface BadDependency {
  readonly backwards: PathEntry;
  readonly forwards: PathEntry;
  /** The usage that the one has, and the one that the other therefore must not have. */
  readonly bit: number;
  readonly exclusive: number;
}

export function bad_irq_dependency(
  held: HeldLocks,
  prev: HeldLock,
  next: HeldLock,
  { backwards, forwards, bit, exclusive }: BadDependency,
): never {
  const irq = state_name(bit);
  const safe = backwards.class;
  const unsafe = forwards.class;
  const became = [safe.sites[bit]!, unsafe.sites[exclusive]!];
  throw new Splat({
    kind: 'irq-safety',
    verdict: 'PREDICTED',
    text: `WARNING: ${irq}-safe -> ${irq}-unsafe lock order detected`,
    objects: namesOf(next.instance, prev.instance, safe, unsafe),
    sites: [next, prev, ...became],
    lines: [
      `${held.task} is trying to acquire:`,
      printed(next),
      'and this task is already holding:',
      printed(prev),
      'which would create a new lock dependency:',
      `${className(prev.class)} -> ${className(next.class)}`,
      `but this new dependency connects a ${irq}-irq-safe lock: ${className(safe)}`,
      `... which became ${irq}-irq-safe at: ${at(became[0]!)}`,
      `to a ${irq}-irq-unsafe lock: ${className(unsafe)}`,
      `... which became ${irq}-irq-unsafe at: ${at(became[1]!)}`,
      ...irq_scenario(safe, unsafe, prev.class, next.class),
      ...held_locks(held),
    ],
    guard: '',
  });
}

export function usage_bug(held: HeldLocks, lock: HeldLock, bad: number, bit: number): never {
  const registered = lock.class.sites[bad];
  const { name } = lock.class;
  throw new Splat({
    kind: 'irq-safety',
    verdict: 'PREDICTED',
    text: 'WARNING: inconsistent lock state',
    objects: namesOf(lock.instance),
    sites: [lock, ...(registered === undefined ? [] : [registered])],
    lines: [
      `inconsistent {${usage_name(bad)}} -> {${usage_name(bit)}} usage.`,
      `${held.task} takes:`,
      printed(lock),
      `{${usage_name(bad)}} state was registered at: ${
        registered === undefined ? 'boot' : at(registered)
      }`,
      ' Possible unsafe locking scenario:',
      '       CPU0',
      '       ----',
      `  lock(${name});`,
      '  <Interrupt>',
      `    lock(${name});`,
      DEADLOCK,
      ...held_locks(held),
    ],
    guard: '',
  });
}

export function irq_inversion(
  held: HeldLocks,
  changed: HeldLock,
  other: PathEntry,
  forwards: boolean,
  bit: number,
): never {
  const irq = state_name(bit);
  const [root, second] = path(other);
  const middle = second?.class ?? root!.class;
  const site = other.class.sites[bit];
  throw new Splat({
    kind: 'irq-inversion',
    verdict: 'PREDICTED',
    text: 'WARNING: possible irq lock inversion dependency detected',
    objects: namesOf(changed.instance, other.class),
    sites: [changed, ...(site === undefined ? [] : [site])],
    lines: [
      `${held.task} just changed the state of lock:`,
      printed(changed),
      forwards
        ? `but this lock took another, ${irq}-unsafe lock in the past:`
        : `but this lock was taken by another, ${irq}-safe lock in the past:`,
      className(other.class),
      'and interrupts could create inverse lock ordering between them.',
      ...(forwards
        ? irq_scenario(changed.class, other.class, middle, other.class)
        : irq_scenario(other.class, changed.class, middle, changed.class)),
      ...held_locks(held),
    ],
    guard: '',
  });
}

/** What is wrong with one lock at this moment. */
function broken(
  kind: FindingKind,
  text: string,
  objects: readonly string[],
  lines: readonly string[],
  sites: readonly Site[] = [],
): never {
  const verdict = 'CONFIRMED';
  throw new Splat({ kind, verdict, text, objects, sites, lines, guard: '' });
}

export function unlock_imbalance(held: HeldLocks, { name }: LockInstance): never {
  broken(
    'bad-unlock',
    'WARNING: bad unlock balance detected!',
    [name],
    [
      `${held.task} is trying to release lock (${name})`,
      'but there are no more locks to release!',
      ...held_locks(held),
    ],
  );
}

export function nested_lock_not_held(held: HeldLocks, next: HeldLock): never {
  const nest = next.nest!.name;
  broken(
    'bad-unlock',
    'WARNING: Nested lock was not taken',
    [next.instance.name, nest],
    [
      `${held.task} is trying to lock:`,
      printed(next),
      `but this task is not holding: ${nest}`,
      ...held_locks(held),
    ],
    [next],
  );
}

export function freed_lock(held: HeldLocks, lock: HeldLock): never {
  broken(
    'use-after-free',
    'WARNING: held lock freed!',
    [lock.instance.name],
    [`${held.task} is freeing memory, with a lock still held there!`, ...held_locks(held)],
    [lock],
  );
}

export function held_at_exit(held: HeldLocks): never {
  broken(
    'held-at-return',
    `WARNING: ${held.task} still has locks held!`,
    namesOf(...held.stack.map(({ instance }) => instance)),
    held_locks(held),
    held.stack,
  );
}

export function held_at_return(held: HeldLocks): never {
  broken(
    'held-at-return',
    'WARNING: lock held when returning to user space!',
    namesOf(...held.stack.map(({ instance }) => instance)),
    [`${held.task} is leaving the kernel with locks still held!`, ...held_locks(held)],
    held.stack,
  );
}

export function held_by_worker(held: HeldLocks, text: string, work: string): Report {
  return {
    kind: 'held-at-return',
    verdict: 'CONFIRMED',
    text,
    objects: [...namesOf(...held.stack.map(({ instance }) => instance)), work],
    sites: held.stack,
    lines: [`last function: ${work}`, ...held_locks(held)],
    guard: '',
  };
}

export function hardirqs_on_in_hardirq(): never {
  broken('irq-state-leak', 'DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())', [], []);
}
