/*
 * What a search has visited: different schedules, the orders in which locks were nested, and in
 * which of the four contexts each shared object was touched.
 */
import { Fingerprint, Interest, type Explorer, type Move } from '../../engine/index.ts';
import { contextNames, type ContextName } from '../../models/cpu/accounting.ts';
import type { CpuMove } from '../../models/cpu/moves.ts';
import { EV } from '../../models/events.ts';
import { LOCKDEP_UNTRACKED } from '../../models/locking/lock.ts';
import type { Place } from './explorable.ts';

/** What one schedule added. */
export interface Visited {
  /** Tells schedules apart. */
  readonly schedule: number;
  /** Lock orders that are new to the one who searched, `A -> B`. */
  readonly orders: readonly string[];
  /** Objects and contexts that are, `object context`. */
  readonly touches: readonly string[];
  /** Something waited with a timeout, which ends nothing while anything else can happen. */
  readonly timeouts: boolean;
  /** A line could interrupt more often than it was let. */
  readonly curbed: boolean;
}

const HEARS = new Interest([EV.lock_acquire, EV.lock_release]);

const CONTEXT_BITS: Record<ContextName, number> = {
  hardirq: 1,
  softirq: 2,
  kernel: 4,
  user: 8,
  idle: 16,
};

export class Scout {
  /** By the lock that is held: those that were taken then. */
  private readonly orders = new Map<string, Set<string>>();
  private readonly touched = new Map<string, number>();
  private newOrders: string[] = [];
  private newTouches: string[] = [];
  private readonly fingerprint = new Fingerprint();

  /** The same strategy; what it chooses is looked at. */
  watch(strategy: Explorer): Explorer {
    return {
      name: strategy.name,
      choose: (kind, count) => strategy.choose(kind, count),
      pick: (moves) => {
        const index = strategy.pick(moves);
        const move = moves[index];
        if (move !== undefined) this.note(move);
        return index;
      },
    };
  }

  private note(move: Move): void {
    for (const { object } of move.footprint) {
      const { name } = object as { name?: unknown };
      if (typeof name !== 'string' || !('cpu' in move)) continue;
      const context = (move as CpuMove).cpu.contextName();
      const bit = CONTEXT_BITS[context];
      const before = this.touched.get(name) ?? 0;
      if ((before & bit) !== 0) continue;
      this.touched.set(name, before | bit);
      this.newTouches.push(touch(name, context));
    }
  }

  /** Hears which locks are taken while which are held. */
  listen({ machine }: Place): void {
    const held = new Map<number, number[]>();
    machine.trace.subscribe((_time, cpu, context, pid, _comm, _flags, event, object, _value, a) => {
      if ((a & LOCKDEP_UNTRACKED) !== 0) return;
      const key = (pid > 0 ? pid : -1 - cpu) * 0x10000 + context;
      let locks = held.get(key);
      if (locks === undefined) held.set(key, (locks = []));
      if (event === EV.lock_acquire) {
        for (const lock of locks) this.order(machine.texts.text(lock), machine.texts.text(object));
        locks.push(object);
      } else if (locks[locks.length - 1] === object) {
        locks.pop();
      } else if (locks.includes(object)) {
        locks.splice(locks.lastIndexOf(object), 1);
      }
    }, HEARS);
  }

  private order(first: string, second: string): void {
    let after = this.orders.get(first);
    if (after === undefined) this.orders.set(first, (after = new Set()));
    if (after.has(second)) return;
    after.add(second);
    this.newOrders.push(`${first} -> ${second}`);
  }

  /** Nothing has been seen. */
  forget(): void {
    this.orders.clear();
    this.touched.clear();
  }

  /** What the run that ended now has added. */
  take({ machine }: Place): Visited {
    const { fingerprint, newOrders: orders, newTouches: touches } = this;
    fingerprint.reset();
    for (const choice of machine.door.choices) fingerprint.add(choice);
    if (orders.length > 0) this.newOrders = [];
    if (touches.length > 0) this.newTouches = [];
    const { hasTimeouts: timeouts, curbed } = machine.exploration!;
    return { schedule: fingerprint.value, orders, touches, timeouts, curbed };
  }
}

function touch(object: string, context: ContextName): string {
  return `${object} ${context}`;
}

/** What all schedules together have visited. */
export class Coverage {
  private readonly seen = new Set<number>();
  private readonly seenOrders = new Set<string>();
  private readonly seenTouches = new Set<string>();
  timeouts = false;
  curbed = false;

  add({ schedule, orders, touches, timeouts, curbed }: Visited): void {
    this.seen.add(schedule);
    this.timeouts ||= timeouts;
    this.curbed ||= curbed;
    for (const order of orders) this.seenOrders.add(order);
    for (const pair of touches) this.seenTouches.add(pair);
  }

  get distinct(): number {
    return this.seen.size;
  }

  /** `A -> B`, sorted. */
  get orders(): string[] {
    return [...this.seenOrders].sort();
  }

  /** Each object with its contexts, from the highest. */
  get contexts(): { readonly object: string; readonly contexts: readonly ContextName[] }[] {
    const objects = new Set(
      [...this.seenTouches].map((pair) => pair.slice(0, pair.lastIndexOf(' '))),
    );
    return [...objects].sort().map((object) => ({
      object,
      contexts: contextNames.filter((context) => this.seenTouches.has(touch(object, context))),
    }));
  }
}
