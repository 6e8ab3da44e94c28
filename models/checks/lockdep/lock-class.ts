/*
 * Classes of locks with what is known of them, and the locks that tasks hold, after struct
 * lock_class, lock_list and held_lock of include/linux/lockdep_types.h.
 */

/** Where a lock was taken: enough to find the step and the row again. */
export interface Site {
  readonly actor: string;
  /** Of the scenario's step; 0: none. */
  readonly line: number;
  /** The trace row; 0: none. */
  readonly seq: number;
}

/** One lock was held when another was taken: an edge of the graph, once for each direction. */
export interface Dependency {
  readonly to: LockClass;
  /** Which kinds of it were seen, as bits. */
  kinds: number;
  /** Where the second lock was taken, at the first time. */
  readonly site: Site;
  /** What everyone held exclusively who did this: it keeps the ends of a cycle apart. */
  guards: readonly LockInstance[];
}

export class LockClass {
  readonly id: number;
  readonly name: string;
  /** No lock, but waited for like one. */
  readonly isMap: boolean;
  /** The usage bits. */
  usage = 0;
  /** By usage bit: where it was set. */
  readonly sites: (Site | undefined)[] = [];
  readonly after: Dependency[] = [];
  readonly before: Dependency[] = [];
  /** The number of the last search that came by. */
  visited = 0;

  constructor(id: number, name: string, isMap: boolean) {
    this.id = id;
    this.name = name;
    this.isMap = isMap;
  }
}

/** One lock object. */
export interface LockInstance {
  readonly name: string;
  /** The name that its class goes by. */
  readonly className: string;
  /** Its text id; 0: the lock's own name. */
  readonly classText: number;
  /** By subclass. */
  readonly classes: (LockClass | undefined)[];
  readonly isMap: boolean;
}

/** A sequence of locks taken one after the other: those seen before need no new look. */
export class Chain {
  private readonly next = new Map<number, Chain>();
  /** Its last lock was validated. */
  known = false;

  followedBy(key: number): Chain {
    let chain = this.next.get(key);
    if (chain === undefined) this.next.set(key, (chain = new Chain()));
    return chain;
  }
}

/** A lock on the stack of those that a task and the interrupts on top of it hold. */
export class HeldLock implements Site {
  readonly instance: LockInstance;
  readonly class: LockClass;
  readonly nest: LockInstance | null;
  /** 0: for writing, 1: for reading, 2: reading that a waiting writer does not hold up. */
  read: number;
  readonly trylock: boolean;
  readonly actor: string;
  readonly line: number;
  readonly seq: number;
  /** It was taken with interrupts on. */
  readonly hardirqsOn: boolean;
  /** 0: task, bit 0: softirq, bit 1: hard interrupt. */
  irqContext = 0;
  /** What was held before it; set when it is put on the stack. */
  before: Chain | null = null;
  /** Locks of one class under a nest_lock count as one: how many; 0: it is the only one. */
  references = 0;

  constructor(
    instance: LockInstance,
    ofClass: LockClass,
    nest: LockInstance | null,
    read: number,
    trylock: boolean,
    actor: string,
    line: number,
    seq: number,
    hardirqsOn: boolean,
  ) {
    this.instance = instance;
    this.class = ofClass;
    this.nest = nest;
    this.read = read;
    this.trylock = trylock;
    this.actor = actor;
    this.line = line;
    this.seq = seq;
    this.hardirqsOn = hardirqsOn;
  }
}

export class HeldLocks {
  /** `comm/pid` of the task. */
  readonly task: string;
  readonly stack: HeldLock[] = [];
  chain: Chain;

  constructor(task: string, chain: Chain) {
    this.task = task;
    this.chain = chain;
  }

  holds(instance: LockInstance): boolean {
    return this.stack.some((held) => matches(held, instance));
  }

  /** The index of the lock, no deeper than the context in which the task is; -1: not held. */
  indexOf(instance: LockInstance): number {
    const { stack } = this;
    const last = stack.length - 1;
    for (let i = last; i >= 0; i--) {
      if (stack[i]!.irqContext !== stack[Math.min(i + 1, last)]!.irqContext) return -1;
      if (matches(stack[i]!, instance)) return i;
    }
    return -1;
  }
}

function matches(held: HeldLock, instance: LockInstance): boolean {
  if (held.instance === instance) return true;
  return held.references > 0 && held.class === instance.classes[0];
}
